import { type HotkeyAction } from "./hotkey-action.ts";
import { characterOf, digitOf, type HotkeyKeyEvent } from "./key-event.ts";

/** The key 0 stands for the tenth tab, as on a KVM switch with ten ports. */
const TAB_OF_KEY_ZERO = 10;

export function tabNumberOf(code: string): number | undefined {
  const digit = digitOf(code);
  return digit === 0 ? TAB_OF_KEY_ZERO : digit;
}

/** What a key after the leader asks for; "cancel" where it asks for nothing. */
export function leaderAction(event: HotkeyKeyEvent): HotkeyAction | "cancel" {
  const number = tabNumberOf(event.code);
  if (number !== undefined) return { kind: "tab", number };
  switch (event.code) {
    case "ArrowLeft":
    case "ArrowUp":
      return { kind: "previous-tab" };
    case "ArrowRight":
    case "ArrowDown":
      return { kind: "next-tab" };
    case "Backspace":
      return { kind: "last-tab" };
    case "F1":
      return { kind: "help" };
    case "Delete":
      return { kind: "ctrl-alt-del" };
    default:
      break;
  }
  switch (characterOf(event)) {
    // S is Belkin's key for it, A is ATEN's.
    case "s":
    case "a":
      return { kind: "auto-scan" };
    case "l":
      return { kind: "last-tab" };
    case "k":
    case "/":
      return { kind: "palette" };
    case "f":
      return { kind: "full-screen" };
    case "t":
      return { kind: "type-text" };
    case "d":
      return { kind: "ctrl-alt-del" };
    case "x":
      return { kind: "special-keys" };
    case "b":
      return { kind: "toggle-sidebar" };
    case "w":
      return { kind: "close-tab" };
    case "r":
      return { kind: "release-input" };
    case "?":
      return { kind: "help" };
    default:
      return "cancel";
  }
}

/** Whether the leader stays open after this action, for the next step. */
export function isStep(action: HotkeyAction): boolean {
  return action.kind === "next-tab" || action.kind === "previous-tab";
}

/** What a key asks for while the held modifiers, and no others, are down. */
export function heldAction(event: HotkeyKeyEvent): HotkeyAction | undefined {
  const number = tabNumberOf(event.code);
  if (number !== undefined) return { kind: "tab", number };
  switch (event.code) {
    case "ArrowLeft":
      return { kind: "previous-tab" };
    case "ArrowRight":
      return { kind: "next-tab" };
    case "Tab":
      return { kind: "recent-tab-step", direction: 1 };
    case "Enter":
    case "NumpadEnter":
      return { kind: "full-screen" };
    default:
      return undefined;
  }
}
