import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../testing/spice-broken-data.ts";
import { expectedOf, fixturePalette } from "../../../testing/spice-expected.ts";
import { readCodecFixtures } from "../../../testing/spice-fixtures.ts";
import { encodeLzUnits } from "../../../testing/spice-lz-encoder.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { decodeLz } from "./lz.ts";
import { LzImageType } from "./lz-types.ts";

const fixtures = readCodecFixtures("lz");
const palette = fixturePalette();

function lzData(type: number, width: number, height: number, stride: number, units: readonly number[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(28));
  [0x20205a4c, 0x10001, type, width, height, stride, 1].forEach((value, i) => header.setUint32(i * 4, value));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...units]);
}

/** Few colours and long repetitions, so that there are matches. */
const colours = fc
  .array(fc.tuple(fc.nat(5), fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 700 }))), {
    minLength: 1,
    maxLength: 30,
  })
  .map((runs) => runs.flatMap(([colour, count]) => Array.from({ length: count }, () => colour * 0x2b1d0f)));

describe("decodeLz", () => {
  it.each(fixtures)("gives what spice-server encoded: $name", ({ name, data }) => {
    expect(decodeLz(data, palette)).toEqual(expectedOf(name));
  });

  it("gives back what an encoder was given", () => {
    fc.assert(
      fc.property(colours, (units) => {
        const width = Math.min(units.length, 16_384);
        const row = units.slice(0, width);
        const bgr = (unit: number): number[] => [unit & 255, (unit >> 8) & 255, unit >> 16];
        const data = lzData(LzImageType.rgb32, width, 1, width * 4, encodeLzUnits(row, 1, bgr));
        expect([...decodeLz(data).pixels]).toEqual(
          row.map((unit) => 0xff00_0000 + (unit & 255) * 0x1_0000 + (unit & 0xff00) + (unit >> 16)),
        );
        const bytes = row.map((unit) => unit & 255);
        const alpha = lzData(
          LzImageType.a8,
          width,
          1,
          width,
          encodeLzUnits(bytes, 3, (unit) => [unit]),
        );
        expect([...decodeLz(alpha).pixels]).toEqual(bytes.map((byte) => byte * 0x100_0000));
      }),
      { numRuns: 60 },
    );
  });

  it("reads distances of 13 and of 16 bits", () => {
    const noise = Array.from({ length: 16_000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 8);
    const literals = encodeLzUnits(noise, 1, (unit) => [unit & 255, (unit >> 8) & 255, unit >> 16]);
    for (const distance of [8191, 8192, 8193, 16_000]) {
      const offset = distance - 1;
      const match =
        offset < 8191 ? [0x20 | (offset >> 8), offset & 255] : [0x3f, 255, (offset - 8191) >> 8, (offset - 8191) & 255];
      const { pixels } = decodeLz(lzData(8, 16_001, 1, 64_004, [...literals, ...match]));
      expect(pixels[16_000], String(distance)).toBe(pixels[16_000 - distance]);
    }
  });

  it("begins a palette anew in 4-bit pictures, and shows black beyond it in 8-bit ones", () => {
    const colours3 = Uint32Array.of(0xff0000, 0x00ff00, 0x0000ff);
    expect([...decodeLz(lzData(LzImageType.plt4Be, 4, 1, 2, [1, 0x01, 0x34]), colours3).pixels]).toEqual([
      0xff0000ff, 0xff00ff00, 0xff0000ff, 0xff00ff00,
    ]);
    expect([...decodeLz(lzData(LzImageType.plt8, 2, 1, 2, [1, 0, 3]), colours3).pixels]).toEqual([
      0xff0000ff, 0xff000000,
    ]);
  });

  it("refuses what breaks the format or a limit", () => {
    const pixel = [0, 1, 2, 3];
    const bad: readonly (readonly [string, Uint8Array])[] = [
      ["a foreign mark", lzData(8, 1, 1, 4, pixel).fill(0, 0, 1)],
      ["an unknown type", lzData(12, 1, 1, 4, pixel)],
      ["no pixels", lzData(8, 0, 1, 0, pixel)],
      ["too many pixels", lzData(8, 16_384, 16_384, 65_536, pixel)],
      ["a stride that does not fit", lzData(8, 1, 1, 8, pixel)],
      ["a palette picture without a palette", lzData(5, 1, 1, 1, [0, 1])],
      ["a copy beyond the picture", lzData(8, 1, 1, 4, [1, 1, 2, 3, 4, 5, 6])],
      ["a match before the picture", lzData(8, 2, 1, 8, [...pixel, 0x20, 1])],
      ["a match beyond the picture", lzData(8, 2, 1, 8, [...pixel, 0x40, 0])],
      ["an alpha match beyond the picture", lzData(11, 2, 1, 2, [0, 9, 0x20, 0])],
      ["missing alpha", lzData(9, 1, 1, 4, pixel)],
      ["bytes after the picture", lzData(8, 1, 1, 4, [...pixel, 0])],
    ];
    for (const [what, data] of bad) expect(() => decodeLz(data), what).toThrow(ProtocolError);
  });

  it.each(fixtures)("ends in a picture or a ProtocolError with damaged data: $name", ({ data }) => {
    fuzzDecoder(data, data.length, (damaged) => decodeLz(damaged, palette));
  });
});
