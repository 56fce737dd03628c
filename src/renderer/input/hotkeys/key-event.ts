import { type HotkeyAction } from "./hotkey-action.ts";

/** The modifier keys that a hotkey may be made of, by their KeyboardEvent.key. */
export type ModifierName = "Control" | "Alt" | "Shift" | "Meta";

/** A key event as the hotkey engine sees it. */
export interface HotkeyKeyEvent {
  readonly type: "down" | "up";
  /** KeyboardEvent.code, the physical key; empty where the platform does not tell. */
  readonly code: string;
  /** KeyboardEvent.key, what the key means in the user's layout. */
  readonly key: string;
  readonly isRepeat: boolean;
  /** Part of an input method's composition. */
  readonly isComposing: boolean;
  readonly modifiers: HotkeyModifiers;
  /** On the clock of KeyboardEvent.timeStamp. */
  readonly timeMs: number;
}

export interface HotkeyModifiers {
  readonly control: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly meta: boolean;
  readonly altGraph: boolean;
}

/** What becomes of one key event. Carried out in this order: release, replay, the event itself, actions. */
export interface HotkeyOutput {
  /** "held-back": not now; it comes as `replay` later, or never when it turns out to be a hotkey. */
  readonly disposition: "to-guest" | "consumed" | "held-back";
  /** Every key that is down in the guest comes up, before anything else. */
  readonly releaseGuestKeys: boolean;
  /** Events to deliver to the guest now, before the event itself. */
  readonly replay: readonly HotkeyKeyEvent[];
  readonly actions: readonly HotkeyAction[];
}

/** What time alone brings about. */
export type TimedOutput = Omit<HotkeyOutput, "disposition">;

/**
 * The modifier that an event's key is, if any. AltGr is none: it makes characters, and Windows reports it with a Control
 * that nobody pressed.
 */
export function modifierOf(event: HotkeyKeyEvent): ModifierName | undefined {
  switch (event.key) {
    case "Control":
    case "Alt":
    case "Shift":
    case "Meta":
      return event.key;
    default:
      return undefined;
  }
}

/** Whether a key only changes what other keys mean, AltGr and locks included. */
export function isModifierKey(event: HotkeyKeyEvent): boolean {
  return modifierOf(event) !== undefined || ["AltGraph", "CapsLock", "NumLock", "Fn"].includes(event.key);
}

export function hasModifier(modifiers: HotkeyModifiers, name: ModifierName): boolean {
  switch (name) {
    case "Control":
      return modifiers.control;
    case "Alt":
      return modifiers.alt;
    case "Shift":
      return modifiers.shift;
    case "Meta":
      return modifiers.meta;
  }
}

/** The digit of a key of the main row or the number pad, whatever the layout writes on it. */
export function digitOf(code: string): number | undefined {
  const match = /^(?:Digit|Numpad)([0-9])$/.exec(code);
  return match ? Number(match[1]) : undefined;
}

/** The character on a key in lower case: the layout's where that is ASCII, else the one at this place of a US keyboard. */
export function characterOf(event: HotkeyKeyEvent): string | undefined {
  if (/^[!-~]$/.test(event.key)) return event.key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  if (letter !== undefined) return letter.toLowerCase();
  if (event.code === "Slash") return event.modifiers.shift ? "?" : "/";
  return undefined;
}
