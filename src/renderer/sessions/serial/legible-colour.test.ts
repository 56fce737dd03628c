import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contrastOf, legibleInk, MIN_TEXT_CONTRAST } from "./legible-colour.ts";

const LIGHT_GROUND = 0xeceef1;
const colour = fc.integer({ min: 0, max: 0xffffff });

describe("contrast", () => {
  it("is what WCAG says for black, white and its border case of grey", () => {
    expect(contrastOf(0x000000, 0xffffff)).toBeCloseTo(21);
    expect(contrastOf(0x767676, 0xffffff)).toBeCloseTo(4.54, 2);
  });
});

describe("a legible ink", () => {
  it("is the ink itself where it can be read", () => {
    expect(legibleInk(0x8ae234, 0x0e1013)).toBe(0x8ae234);
  });

  it("stays yellowish when yellow text on a light ground is darkened", () => {
    const ink = legibleInk(0xfce94f, LIGHT_GROUND);
    expect(contrastOf(ink, LIGHT_GROUND)).toBeGreaterThanOrEqual(MIN_TEXT_CONTRAST);
    expect(ink >> 16).toBeGreaterThan(ink & 0xff);
  });

  it("can be read on every ground", () => {
    fc.assert(
      fc.property(colour, colour, (ink, ground) => {
        expect(contrastOf(legibleInk(ink, ground), ground)).toBeGreaterThanOrEqual(MIN_TEXT_CONTRAST);
      }),
    );
  });
});
