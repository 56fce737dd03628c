/** What stands on a key cap, by KeyboardEvent.code. */
const LABELS: Readonly<Record<string, string>> = {
  ControlLeft: "Left Ctrl",
  ControlRight: "Right Ctrl",
  AltLeft: "Left Alt",
  AltRight: "Right Alt",
  ShiftLeft: "Left Shift",
  ShiftRight: "Right Shift",
  MetaLeft: "Left Super",
  MetaRight: "Right Super",
  Control: "Ctrl",
  Meta: "Super",
  ScrollLock: "Scroll Lock",
  NumLock: "Num Lock",
  CapsLock: "Caps Lock",
  PrintScreen: "Print Screen",
  ContextMenu: "Menu",
  Backquote: "`",
};

export function keyLabel(code: string): string {
  const known = LABELS[code];
  if (known !== undefined) return known;
  return code
    .replace(/^(?:Key|Digit)(?=.$)/, "")
    .replace(/^Numpad/, "Keypad")
    .replace(/(?<=[a-z])(?=[A-Z\d])/g, " ");
}
