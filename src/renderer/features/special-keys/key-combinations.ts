import type { GuestKey } from "../../sessions/session.ts";

/** Key combinations that the user's own system would take, or that firmware and consoles need. X11 keysyms. */
const CONTROL: GuestKey = { keysym: 0xffe3, code: "ControlLeft" };
const ALT: GuestKey = { keysym: 0xffe9, code: "AltLeft" };
const SHIFT: GuestKey = { keysym: 0xffe1, code: "ShiftLeft" };
const SUPER: GuestKey = { keysym: 0xffeb, code: "MetaLeft" };
const TAB: GuestKey = { keysym: 0xff09, code: "Tab" };
const ESCAPE: GuestKey = { keysym: 0xff1b, code: "Escape" };
const DELETE: GuestKey = { keysym: 0xffff, code: "Delete" };
const BACKSPACE: GuestKey = { keysym: 0xff08, code: "Backspace" };
const PRINT_SCREEN: GuestKey = { keysym: 0xff61, code: "PrintScreen" };
/** Alt and PrintScreen together are SysRq; the keyboard has no key of its own for it. */
const SYS_RQ: readonly GuestKey[] = [ALT, PRINT_SCREEN];
const PAUSE: GuestKey = { keysym: 0xff13, code: "Pause" };
const SCROLL_LOCK: GuestKey = { keysym: 0xff14, code: "ScrollLock" };
const CONTROL_RIGHT: GuestKey = { keysym: 0xffe4, code: "ControlRight" };
const MENU: GuestKey = { keysym: 0xff67, code: "ContextMenu" };

const FUNCTION_KEY_COUNT = 12;

function functionKey(number: number): GuestKey {
  return { keysym: 0xffbe + number - 1, code: `F${number}` };
}

function letter(character: string): GuestKey {
  return { keysym: character.charCodeAt(0), code: `Key${character.toUpperCase()}` };
}

export interface KeyCombination {
  readonly label: string;
  /** What it does, where the keys do not say. */
  readonly note?: string;
  readonly keys: readonly GuestKey[];
}

export const CTRL_ALT_DEL: readonly GuestKey[] = [CONTROL, ALT, DELETE];

export const COMMON_COMBINATIONS: readonly KeyCombination[] = [
  { label: "Ctrl+Alt+Del", keys: CTRL_ALT_DEL },
  { label: "Ctrl+Alt+Backspace", keys: [CONTROL, ALT, BACKSPACE] },
  { label: "Alt+Tab", keys: [ALT, TAB] },
  { label: "Alt+F4", keys: [ALT, functionKey(4)] },
  { label: "Ctrl+Esc", keys: [CONTROL, ESCAPE] },
  { label: "Super", keys: [SUPER] },
  { label: "Super+L", keys: [SUPER, letter("l")] },
  { label: "Super+R", keys: [SUPER, letter("r")] },
  { label: "PrintScreen", keys: [PRINT_SCREEN] },
  { label: "Pause", keys: [PAUSE] },
  { label: "Menu", keys: [MENU] },
];

export const CONSOLE_COMBINATIONS: readonly KeyCombination[] = Array.from(
  { length: FUNCTION_KEY_COUNT },
  (_, index) => ({ label: `Ctrl+Alt+F${index + 1}`, keys: [CONTROL, ALT, functionKey(index + 1)] }),
);

export const FUNCTION_KEYS: readonly KeyCombination[] = Array.from({ length: FUNCTION_KEY_COUNT }, (_, index) => ({
  label: `F${index + 1}`,
  keys: [functionKey(index + 1)],
}));

/** Keys that are hotkeys here. */
export const LEADER_KEYS: readonly KeyCombination[] = [
  { label: "Right Ctrl", keys: [CONTROL_RIGHT] },
  { label: "Scroll Lock", keys: [SCROLL_LOCK] },
];

/** https://docs.kernel.org/admin-guide/sysrq.html, those that help with a guest that hangs, in the order in which they do. */
export const SYS_RQ_COMBINATIONS: readonly KeyCombination[] = [
  { label: "SysRq+R", note: "keyboard back from X", keys: [...SYS_RQ, letter("r")] },
  { label: "SysRq+E", note: "end all processes", keys: [...SYS_RQ, letter("e")] },
  { label: "SysRq+I", note: "kill all processes", keys: [...SYS_RQ, letter("i")] },
  { label: "SysRq+S", note: "write disks", keys: [...SYS_RQ, letter("s")] },
  { label: "SysRq+U", note: "disks read-only", keys: [...SYS_RQ, letter("u")] },
  { label: "SysRq+B", note: "reboot at once", keys: [...SYS_RQ, letter("b")] },
  { label: "SysRq+F", note: "out-of-memory killer", keys: [...SYS_RQ, letter("f")] },
  { label: "SysRq+W", note: "list blocked tasks", keys: [...SYS_RQ, letter("w")] },
  { label: "SysRq+H", note: "help", keys: [...SYS_RQ, letter("h")] },
];

/** Kept down in the guest until released. */
export const HOLDABLE_MODIFIERS: readonly { readonly label: string; readonly key: GuestKey }[] = [
  { label: "Ctrl", key: CONTROL },
  { label: "Alt", key: ALT },
  { label: "Shift", key: SHIFT },
  { label: "Super", key: SUPER },
];
