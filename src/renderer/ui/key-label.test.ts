import { describe, expect, it } from "vitest";
import { keyLabel } from "./key-label.ts";

describe("keyLabel", () => {
  it.each([
    ["ControlRight", "Right Ctrl"],
    ["ScrollLock", "Scroll Lock"],
    ["KeyQ", "Q"],
    ["Digit7", "7"],
    ["F12", "F12"],
    ["PageUp", "Page Up"],
    ["Numpad7", "Keypad 7"],
    ["NumpadEnter", "Keypad Enter"],
  ])("calls %s %s", (code, label) => {
    expect(keyLabel(code)).toBe(label);
  });
});
