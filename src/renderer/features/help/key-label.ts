const LABELS: Readonly<Record<string, string>> = {
  ControlRight: "Right Ctrl",
  ControlLeft: "Left Ctrl",
  AltRight: "Right Alt",
  AltLeft: "Left Alt",
  ShiftRight: "Right Shift",
  ShiftLeft: "Left Shift",
  MetaRight: "Right Super",
  MetaLeft: "Left Super",
  ScrollLock: "Scroll Lock",
  NumLock: "Num Lock",
  CapsLock: "Caps Lock",
  PrintScreen: "Print Screen",
  ContextMenu: "Menu",
  Control: "Ctrl",
  Meta: "Super",
};

/** What is written on a key, by its KeyboardEvent.code or a modifier's name. */
export function keyLabel(code: string): string {
  return LABELS[code] ?? code.replace(/^(?:Key|Digit)(?=.$)/, "").replace(/(?<=[a-z])(?=[A-Z])/g, " ");
}
