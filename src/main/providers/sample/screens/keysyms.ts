/** Names of X11 keysyms that a person knows by another name than their character. */
const NAMES: Readonly<Record<number, string>> = {
  0xff08: "BackSpace",
  0xff09: "Tab",
  0xff0d: "Return",
  0xff13: "Pause",
  0xff14: "Scroll_Lock",
  0xff1b: "Escape",
  0xff50: "Home",
  0xff51: "Left",
  0xff52: "Up",
  0xff53: "Right",
  0xff54: "Down",
  0xff55: "Page_Up",
  0xff56: "Page_Down",
  0xff57: "End",
  0xff61: "Print",
  0xff63: "Insert",
  0xff67: "Menu",
  0xff7f: "Num_Lock",
  0xff8d: "KP_Enter",
  0xfe03: "AltGr",
  0xffe1: "Shift_L",
  0xffe2: "Shift_R",
  0xffe3: "Control_L",
  0xffe4: "Control_R",
  0xffe5: "Caps_Lock",
  0xffe7: "Meta_L",
  0xffe8: "Meta_R",
  0xffe9: "Alt_L",
  0xffea: "Alt_R",
  0xffeb: "Super_L",
  0xffec: "Super_R",
  0xffff: "Delete",
  0x20: "Space",
};

export const KEYSYM = {
  backSpace: 0xff08,
  tab: 0xff09,
  return: 0xff0d,
  keypadEnter: 0xff8d,
  controlLeft: 0xffe3,
  controlRight: 0xffe4,
  altLeft: 0xffe9,
  altRight: 0xffea,
  delete: 0xffff,
} as const;

/** The character that a keysym types, if it types one. */
export function characterOf(keysym: number): string | undefined {
  if (keysym >= 0x20 && keysym <= 0x7e) return String.fromCharCode(keysym);
  if (keysym >= 0xa0 && keysym <= 0xff) return String.fromCharCode(keysym);
  // X11: Unicode characters beyond Latin-1 are 0x01000000 plus the code point.
  if (keysym >= 0x01000100 && keysym <= 0x0110ffff) return String.fromCodePoint(keysym - 0x01000000);
  return undefined;
}

export function keysymName(keysym: number): string {
  const name = NAMES[keysym];
  if (name !== undefined) return name;
  if (keysym >= 0xffbe && keysym <= 0xffd5) return `F${keysym - 0xffbd}`;
  return characterOf(keysym) ?? `0x${keysym.toString(16)}`;
}
