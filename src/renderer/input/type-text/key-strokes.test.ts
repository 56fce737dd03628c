import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyboardLayoutId } from "../../../shared/contracts/settings.ts";
import { KEY_ROWS, KEYBOARD_LAYOUTS, type LayoutRows } from "./keyboard-layouts.ts";
import { planStrokes } from "./key-strokes.ts";

const LAYOUTS = KeyboardLayoutId.options;
const ASCII = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 0x20 + index));

const SHORT_NAMES: Readonly<Record<string, string>> = { ShiftLeft: "Shift", AltRight: "AltGr" };

/** "Shift+Digit2" for each press, so that a test reads like a keyboard. */
function keysOf(text: string, layout: KeyboardLayoutId): string {
  return planStrokes(text, layout)
    .strokes.flatMap(({ presses }) => presses)
    .map((press) => press.map(({ code }) => SHORT_NAMES[code] ?? code).join("+"))
    .join(" ");
}

describe("key strokes", () => {
  it.each(LAYOUTS)("type all of ASCII on %s", (layout) => {
    expect(planStrokes(`${ASCII}\n\t`, layout).untypable).toEqual([]);
  });

  it.each<[KeyboardLayoutId, string, string]>([
    ["us", "aA1!@", "KeyA Shift+KeyA Digit1 Shift+Digit1 Shift+Digit2"],
    ["us", "<|\\", "Shift+Comma Shift+Backslash Backslash"],
    [
      "uk",
      '"@#£\\|~€',
      "Shift+Digit2 Shift+Quote Backslash Shift+Digit3 IntlBackslash Shift+IntlBackslash Shift+Backslash AltGr+Digit4",
    ],
    [
      "de",
      "zyß@€\\{~|",
      "KeyY KeyZ Minus AltGr+KeyQ AltGr+KeyE AltGr+Minus AltGr+Digit7 AltGr+BracketRight AltGr+IntlBackslash",
    ],
    ["de", "/é^`", "Shift+Digit7 Equal KeyE Backquote Space Shift+Equal Space"],
    ["fr", "aqm1@#", "KeyQ KeyA Semicolon Shift+Digit1 AltGr+Digit0 AltGr+Digit3"],
    ["fr", "éêÊ.", "Digit2 BracketLeft KeyE BracketLeft Shift+KeyE Shift+Comma"],
    ["es", "ñáÜ@{¿", "Semicolon Quote KeyA Shift+Quote Shift+KeyU AltGr+Digit2 AltGr+Quote Shift+Equal"],
    ["it", "èé@#{", "BracketLeft Shift+BracketLeft AltGr+Semicolon AltGr+Quote AltGr+Shift+BracketLeft"],
    ["pt", "çãÂ@~", "Semicolon Backslash KeyA Shift+Backslash Shift+KeyA AltGr+Digit2 Backslash Space"],
    ["se", "åé~$\\", "BracketLeft Equal KeyE AltGr+BracketRight Space AltGr+Digit4 AltGr+Minus"],
    [
      "ch-de",
      "zèé$@~!",
      "KeyY Shift+BracketLeft Shift+Semicolon Backslash AltGr+Digit2 AltGr+Equal Space Shift+BracketRight",
    ],
    ["jp", "@\"'\\_", "BracketLeft Shift+Digit2 Shift+Digit7 IntlYen Shift+IntlRo"],
  ])("on %s for %s are %s", (layout, text, keys) => {
    expect(keysOf(text, layout)).toBe(keys);
  });

  it("give keysym and code, modifiers first", () => {
    expect(planStrokes("€\n", "de").strokes).toEqual([
      {
        character: "€",
        presses: [
          [
            { keysym: 0xfe03, code: "AltRight" },
            { keysym: 0x20ac, code: "KeyE" },
          ],
        ],
      },
      { character: "\n", presses: [[{ keysym: 0xff0d, code: "Enter" }]] },
    ]);
  });

  it("press Enter once for each kind of line end", () => {
    expect(keysOf("a\r\nb\rc\n", "us")).toBe("KeyA Enter KeyB Enter KeyC Enter");
  });

  it("take an accent that is written as a character of its own", () => {
    expect(keysOf("e\u0301", "de")).toBe("Equal KeyE");
  });

  it("name each character that the layout lacks, once", () => {
    expect(planStrokes("aé漢é😀\u0301", "us").untypable).toEqual(["é", "漢", "😀", "\u0301"]);
  });

  it("are one for each character, or it is named as untypable", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom(...LAYOUTS), (text, layout) => {
        const { strokes, untypable } = planStrokes(text, layout);
        const typed = strokes.map(({ character }) => character);
        const expected = Array.from(text.normalize("NFC").replaceAll(/\r\n?/g, "\n")).filter(
          (each) => !untypable.includes(each),
        );
        expect(typed).toEqual(expected);
      }),
    );
  });
});

describe("keyboard layouts", () => {
  it.each(LAYOUTS)("%s has one character for each key", (layout) => {
    const levels = Object.values(KEYBOARD_LAYOUTS[layout]) as LayoutRows[];
    for (const rows of levels) {
      expect(rows.map((row) => row.length)).toEqual(KEY_ROWS.map((row) => row.length));
    }
  });
});
