import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combineRow, ROPD, ropOf, solidRop } from "./rop.ts";

/** A descriptor's result for one bit of source and destination, step by step as spice.proto's flags are named. */
function bitOf(descriptor: number, source: number, dest: number): number {
  const has = (flag: number) => (descriptor & flag) !== 0;
  const s = has(ROPD.INVERS_SRC) ? 1 - source : source;
  const d = has(ROPD.INVERS_DEST) ? 1 - dest : dest;
  const flip = has(ROPD.INVERS_RES) ? 1 : 0;
  if (has(ROPD.OP_PUT)) return s ^ flip;
  if (has(ROPD.OP_OR)) return (s | d) ^ flip;
  if (has(ROPD.OP_AND)) return (s & d) ^ flip;
  if (has(ROPD.OP_XOR)) return s ^ d ^ flip;
  if (has(ROPD.OP_BLACKNESS)) return 0;
  if (has(ROPD.OP_WHITENESS)) return 1;
  if (has(ROPD.OP_INVERS)) return 1 - dest;
  return source;
}

/** A raster operation on one bit by its number: see `Rop`. */
function applyBit(rop: number, source: number, dest: number): number {
  return (rop >> ((1 - source) * 2 + (1 - dest))) & 1;
}

describe("ropOf", () => {
  it("means what each of the 2048 descriptors says", () => {
    for (let descriptor = 0; descriptor < 2048; descriptor++) {
      const rop = ropOf(descriptor, "source");
      for (const [s, d] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const) {
        expect([descriptor, s, d, applyBit(rop, s, d)]).toEqual([descriptor, s, d, bitOf(descriptor, s, d)]);
      }
    }
  });

  it("inverts the brush, or the source as what lies below, where those are its inputs", () => {
    const swap = (descriptor: number) =>
      (descriptor & ~(ROPD.INVERS_SRC | ROPD.INVERS_BRUSH)) |
      ((descriptor & ROPD.INVERS_SRC) << 1) |
      ((descriptor & ROPD.INVERS_BRUSH) >> 1);
    for (let descriptor = 0; descriptor < 2048; descriptor++) {
      expect(ropOf(descriptor, "brush")).toBe(ropOf(swap(descriptor), "source"));
      const asDest = (descriptor & ~ROPD.INVERS_DEST) | ((descriptor & ROPD.INVERS_SRC) !== 0 ? ROPD.INVERS_DEST : 0);
      expect(ropOf(descriptor, "brush", "source")).toBe(ropOf(asDest, "brush"));
    }
  });
});

describe("combineRow and solidRop", () => {
  it("do each of the 16 operations bit by bit, and keep the form", () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(
        fc.nat(15),
        fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 9 }),
        word,
        word,
        (rop, rows, keep, set) => {
          const source = Uint32Array.from([1, ...rows.map(([s]) => s)]);
          const dest = Uint32Array.from([7, 7, ...rows.map(([, d]) => d), 7]);
          combineRow(rop, dest, 2, source, 1, rows.length, keep, set);
          const expected = rows.map(([s, d]) => {
            let result = 0;
            for (let bit = 0; bit < 32; bit++) result |= applyBit(rop, (s >>> bit) & 1, (d >>> bit) & 1) << bit;
            return ((result & keep) | set) >>> 0;
          });
          expect([...dest]).toEqual([7, 7, ...expected, 7]);
          const bySolid = rows.map(([s, d]) => {
            const { and, xor } = solidRop(rop, s);
            return ((((d & and) ^ xor) & keep) | set) >>> 0;
          });
          expect(bySolid).toEqual(expected);
        },
      ),
    );
  });
});
