/**
 * KeyboardEvent.code to the scancodes that a PC keyboard sends (set 1, which SPICE and QEMU speak). Keys: UI Events
 * KeyboardEvent code Values, https://www.w3.org/TR/uievents-code/; codes: IBM PS/2 keyboards, and for keys that those did not
 * have, what Linux and Windows drivers understand. 0xe0nn stands for the two bytes e0 nn.
 */
const scancodeByKey: Readonly<Record<string, number>> = {
  // The rows of letters, as every board has them.
  Escape: 0x01,
  Digit1: 0x02,
  Digit2: 0x03,
  Digit3: 0x04,
  Digit4: 0x05,
  Digit5: 0x06,
  Digit6: 0x07,
  Digit7: 0x08,
  Digit8: 0x09,
  Digit9: 0x0a,
  Digit0: 0x0b,
  Minus: 0x0c,
  Equal: 0x0d,
  Backspace: 0x0e,
  Tab: 0x0f,
  KeyQ: 0x10,
  KeyW: 0x11,
  KeyE: 0x12,
  KeyR: 0x13,
  KeyT: 0x14,
  KeyY: 0x15,
  KeyU: 0x16,
  KeyI: 0x17,
  KeyO: 0x18,
  KeyP: 0x19,
  BracketLeft: 0x1a,
  BracketRight: 0x1b,
  Enter: 0x1c,
  ControlLeft: 0x1d,
  KeyA: 0x1e,
  KeyS: 0x1f,
  KeyD: 0x20,
  KeyF: 0x21,
  KeyG: 0x22,
  KeyH: 0x23,
  KeyJ: 0x24,
  KeyK: 0x25,
  KeyL: 0x26,
  Semicolon: 0x27,
  Quote: 0x28,
  Backquote: 0x29,
  ShiftLeft: 0x2a,
  Backslash: 0x2b,
  KeyZ: 0x2c,
  KeyX: 0x2d,
  KeyC: 0x2e,
  KeyV: 0x2f,
  KeyB: 0x30,
  KeyN: 0x31,
  KeyM: 0x32,
  Comma: 0x33,
  Period: 0x34,
  Slash: 0x35,
  ShiftRight: 0x36,
  AltLeft: 0x38,
  Space: 0x39,
  CapsLock: 0x3a,
  ControlRight: 0xe01d,
  AltRight: 0xe038,
  MetaLeft: 0xe05b,
  MetaRight: 0xe05c,
  ContextMenu: 0xe05d,
  // The 105th key, left of Z.
  IntlBackslash: 0x56,
  // Function keys; beyond F12 as on IBM's 122-key boards and in Linux.
  F1: 0x3b,
  F2: 0x3c,
  F3: 0x3d,
  F4: 0x3e,
  F5: 0x3f,
  F6: 0x40,
  F7: 0x41,
  F8: 0x42,
  F9: 0x43,
  F10: 0x44,
  F11: 0x57,
  F12: 0x58,
  F13: 0x5d,
  F14: 0x5e,
  F15: 0x5f,
  F16: 0x55,
  F17: 0xe003,
  F18: 0xe077,
  F19: 0xe004,
  F20: 0x5a,
  F21: 0x74,
  F22: 0xe079,
  F23: 0x6d,
  F24: 0x6f,
  ScrollLock: 0x46,
  // Navigation.
  Insert: 0xe052,
  Delete: 0xe053,
  Home: 0xe047,
  End: 0xe04f,
  PageUp: 0xe049,
  PageDown: 0xe051,
  ArrowUp: 0xe048,
  ArrowLeft: 0xe04b,
  ArrowRight: 0xe04d,
  ArrowDown: 0xe050,
  // The block of digits.
  NumLock: 0x45,
  NumpadDivide: 0xe035,
  NumpadMultiply: 0x37,
  NumpadSubtract: 0x4a,
  Numpad7: 0x47,
  Numpad8: 0x48,
  Numpad9: 0x49,
  NumpadAdd: 0x4e,
  Numpad4: 0x4b,
  Numpad5: 0x4c,
  Numpad6: 0x4d,
  Numpad1: 0x4f,
  Numpad2: 0x50,
  Numpad3: 0x51,
  Numpad0: 0x52,
  NumpadDecimal: 0x53,
  NumpadEnter: 0xe01c,
  NumpadEqual: 0x59,
  NumpadParenLeft: 0xe076,
  NumpadParenRight: 0xe07b,
  // Brazilian ABNT2: the comma of the digits (IntlRo stands below).
  NumpadComma: 0x7e,
  // Japanese 106/109.
  IntlRo: 0x73,
  IntlYen: 0x7d,
  KanaMode: 0x70,
  Convert: 0x79,
  NonConvert: 0x7b,
  Lang3: 0x78,
  Lang4: 0x77,
  Lang5: 0x76,
  // Korean 106: Hangul and Hanja.
  Lang1: 0x72,
  Lang2: 0x71,
  // Sound and media.
  AudioVolumeMute: 0xe020,
  AudioVolumeDown: 0xe02e,
  AudioVolumeUp: 0xe030,
  VolumeMute: 0xe020,
  VolumeDown: 0xe02e,
  VolumeUp: 0xe030,
  MediaTrackPrevious: 0xe010,
  MediaTrackNext: 0xe019,
  MediaPlayPause: 0xe022,
  MediaStop: 0xe024,
  MediaSelect: 0xe06d,
  Eject: 0xe07d,
  // Browser and programs.
  BrowserHome: 0xe032,
  BrowserSearch: 0xe065,
  BrowserFavorites: 0xe066,
  BrowserRefresh: 0xe067,
  BrowserStop: 0xe068,
  BrowserForward: 0xe069,
  BrowserBack: 0xe06a,
  LaunchApp1: 0xe06b,
  LaunchApp2: 0xe021,
  LaunchMail: 0xe06c,
  // Power.
  Power: 0xe05e,
  Sleep: 0xe05f,
  Suspend: 0xe025,
  WakeUp: 0xe063,
  // Editing keys of Sun boards.
  Again: 0xe005,
  Props: 0xe006,
  Undo: 0xe007,
  Cut: 0xe03c,
  Copy: 0xe078,
  Open: 0x64,
  Paste: 0x65,
  Find: 0xe041,
  Help: 0xe075,
};

/** The bit of a released key. */
const RELEASED = 0x80;

export interface KeyScancodes {
  readonly press: readonly number[];
  /** Empty for a key that tells nothing when it is let go. */
  readonly release: readonly number[];
}

/**
 * Two keys of a PC board are no plain codes. PrintScreen is e0 37 (the shift that boards send around it is of no use to
 * a guest; with Alt the guest's keyboard makes SysRq of it by itself). Pause says all at once when pressed and nothing
 * when released; QEMU knows the sequence.
 */
const specialKeys = new Map<string, KeyScancodes>([
  ["PrintScreen", { press: [0xe0, 0x37], release: [0xe0, 0xb7] }],
  ["Pause", { press: [0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5], release: [] }],
]);

/** The bytes of a key by its KeyboardEvent.code; undefined for one that a PC board does not have. */
export function scancodesOf(code: string): KeyScancodes | undefined {
  const special = specialKeys.get(code);
  if (special !== undefined) return special;
  if (!Object.hasOwn(scancodeByKey, code)) return undefined;
  const scancode = scancodeByKey[code] ?? 0;
  const last = scancode & 0xff;
  const prefix = scancode > 0xff ? [scancode >> 8] : [];
  return { press: [...prefix, last], release: [...prefix, last | RELEASED] };
}

/** All codes that `scancodesOf` knows. */
export const KNOWN_KEYS: readonly string[] = [...Object.keys(scancodeByKey), ...specialKeys.keys()];
