import { describe, expect, it } from "vitest";
import { HeldKeys } from "./held-keys.ts";

const CONTROL = { keysym: 0xffe3, code: "ControlLeft" };
const ALT = { keysym: 0xffe9, code: "AltLeft" };

describe("held keys", () => {
  it("are those that went down and not up again, the newest first", () => {
    const held = new HeldKeys();
    let changes = 0;
    held.onChange(() => (changes += 1));
    held.note(CONTROL, true);
    held.note(ALT, true);
    expect([held.newestFirst, held.has("ControlLeft")]).toEqual([[ALT, CONTROL], true]);
    held.note(CONTROL, false);
    expect([held.newestFirst, held.has("ControlLeft"), changes]).toEqual([[ALT], false, 3]);
  });
});
