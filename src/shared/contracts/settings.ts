import { z } from "zod";

/** The settings file's version; a file of a later version is set aside, one of an earlier version is migrated. */
export const SETTINGS_VERSION = 1;

/** A physical key by its KeyboardEvent.code. */
export const KeyCode = z
  .string()
  .regex(/^[A-Za-z0-9]+$/)
  .max(32);

/** Keys that make no character, so that two quick taps of one are never a word that somebody types. */
export const LeaderKey = KeyCode.regex(
  /^(?:(?:Control|Alt|Shift|Meta)(?:Left|Right)|ScrollLock|Pause|CapsLock|NumLock|ContextMenu|F(?:1[3-9]|2[0-4]))$/,
  "must be a key that makes no character",
);

export const HotkeySettings = z.object({
  leader: z
    .object({
      isEnabled: z.boolean().default(true),
      /** Any of these, tapped twice, opens the switch display. */
      keys: z.array(LeaderKey).min(1).max(4).default(["ControlRight", "ScrollLock"]),
      /** Two taps count as a double tap when they are at most this far apart. */
      doubleTapMs: z.number().int().min(150).max(1000).default(400),
    })
    .prefault({}),
  held: z
    .object({
      isEnabled: z.boolean().default(true),
      /** Held together; a digit, arrow, Tab or Enter then acts. */
      modifiers: z
        .array(z.enum(["Control", "Alt", "Shift", "Meta"]))
        .min(2)
        .max(4)
        .default(["Control", "Alt"]),
    })
    .prefault({}),
  scan: z.object({ dwellSeconds: z.number().int().min(1).max(255).default(5) }).prefault({}),
});
export type HotkeySettings = z.infer<typeof HotkeySettings>;

export const ScalingMode = z.enum(["fit", "actual", "resize-guest"]);
export type ScalingMode = z.infer<typeof ScalingMode>;

export const KeyboardLayoutId = z.enum(["us", "uk", "de", "fr", "es", "it", "pt", "se", "ch-de", "jp"]);
export type KeyboardLayoutId = z.infer<typeof KeyboardLayoutId>;
/** How a layout is called in a list to choose from, in the list's order. */
export const KEYBOARD_LAYOUT_NAMES: Readonly<Record<KeyboardLayoutId, string>> = {
  us: "English (US)",
  uk: "English (UK)",
  de: "German",
  "ch-de": "German (Switzerland)",
  fr: "French",
  es: "Spanish",
  it: "Italian",
  pt: "Portuguese",
  se: "Swedish",
  jp: "Japanese",
};

export const ConsoleSettings = z.object({
  scaling: ScalingMode.default("fit"),
  isViewOnly: z.boolean().default(false),
  /** JPEG quality asked for, 0 (smallest) to 9 (best). */
  quality: z.number().int().min(0).max(9).default(6),
  /** Compression asked for, 0 (fastest) to 9 (smallest). */
  compression: z.number().int().min(0).max(9).default(2),
  /** Clipboard with the guest, where its server can: by direction. */
  clipboard: z.enum(["off", "to-guest", "both"]).default("both"),
  /** Whether guests may share their clipboards through their agent (SPICE); asked at the first time. */
  agentClipboard: z.enum(["ask", "allowed", "refused"]).default("ask"),
  /** The layout that the guest is set to; type-text makes its key strokes for it. */
  typeTextLayout: KeyboardLayoutId.default("us"),
  /** A pause after each typed character, in milliseconds; slow firmware loses keys without. */
  typeTextPauseMs: z.number().int().min(0).max(1000).default(20),
});
export type ConsoleSettings = z.infer<typeof ConsoleSettings>;

export const TerminalSettings = z.object({
  fontSizePx: z.number().int().min(8).max(40).default(14),
  scrollbackLines: z.number().int().min(0).max(100_000).default(5_000),
});
export type TerminalSettings = z.infer<typeof TerminalSettings>;

export const ConfiguredHost = z.object({
  /** Never holds a password; one that is given there is moved to memory and dropped. */
  uri: z.string().min(1).max(2048),
  label: z.string().max(200).optional(),
});
export type ConfiguredHost = z.infer<typeof ConfiguredHost>;

export const AddressBookEntry = z.object({
  id: z.string().min(1).max(64),
  name: z.string().min(1).max(200),
  /** vnc://host:port, vnc+unix:///path, telnet://host:port, tcp://host:port (raw serial), serial+unix:///path, spice://host:port?tls-port=N, spice+tls://host:port, spice+unix:///path */
  uri: z.string().min(1).max(2048),
  group: z.string().max(200).optional(),
});
export type AddressBookEntry = z.infer<typeof AddressBookEntry>;

/** The whole settings file, `settings.json` in the configuration folder. docs/settings.md describes each field. */
export const Settings = z.object({
  version: z.literal(SETTINGS_VERSION).default(SETTINGS_VERSION),
  theme: z.enum(["system", "dark", "light"]).default("system"),
  hotkeys: HotkeySettings.prefault({}),
  console: ConsoleSettings.prefault({}),
  terminal: TerminalSettings.prefault({}),
  discovery: z
    .object({
      libvirt: z.boolean().default(true),
      qemu: z.boolean().default(true),
      mdns: z.boolean().default(true),
    })
    .prefault({}),
  /** Whether the sample guests are shown in the tree. */
  hasSampleGuests: z.boolean().default(false),
  hosts: z.array(ConfiguredHost).max(1000).default([]),
  addressBook: z.array(AddressBookEntry).max(10_000).default([]),
});
export type Settings = z.infer<typeof Settings>;

/** A change of settings: top-level parts, each whole. */
export const SettingsPatch = z
  .object({
    theme: Settings.shape.theme.unwrap(),
    hotkeys: HotkeySettings,
    console: ConsoleSettings,
    terminal: TerminalSettings,
    discovery: Settings.shape.discovery.unwrap(),
    hasSampleGuests: z.boolean(),
  })
  .partial();
export type SettingsPatch = z.infer<typeof SettingsPatch>;

export const DEFAULT_SETTINGS: Settings = Settings.parse({});
