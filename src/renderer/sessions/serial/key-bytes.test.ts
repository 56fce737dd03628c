import { describe, expect, it } from "vitest";
import { KeyTranslator } from "./key-bytes.ts";

const key = (keysym: number) => ({ keysym, code: "" });

function type(...keysyms: number[]): string {
  const translator = new KeyTranslator();
  const down = keysyms.map((keysym) => translator.push(key(keysym), true));
  const up = keysyms.toReversed().map((keysym) => translator.push(key(keysym), false));
  return [...down, ...up].join("");
}

describe("KeyTranslator", () => {
  it.each([
    ["a letter", [0x61], "a"],
    ["a Latin-1 letter", [0xe4], "ä"],
    ["a letter beyond Latin-1", [0x0100_20ac], "€"],
    ["Return", [0xff0d], "\r"],
    ["an arrow", [0xff52], "\x1b[A"],
    ["F12", [0xffc9], "\x1b[24~"],
    ["Ctrl+C", [0xffe3, 0x63], "\x03"],
    ["Ctrl+Space", [0xffe4, 0x20], "\0"],
    ["Alt+x", [0xffe9, 0x78], "\x1bx"],
    ["a modifier alone", [0xffe3], ""],
    ["a key that a terminal does not know", [0xff61], ""],
  ])("sends %s", (_, keysyms, text) => {
    expect(type(...keysyms)).toBe(text);
  });

  it("forgets held modifiers when they are released for it", () => {
    const translator = new KeyTranslator();
    translator.push(key(0xffe3), true);
    translator.release();
    expect(translator.push(key(0x63), true)).toBe("c");
  });
});
