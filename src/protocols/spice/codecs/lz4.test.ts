import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../testing/spice-broken-data.ts";
import { expectedOf } from "../../../testing/spice-expected.ts";
import { readCodecFixtures } from "../../../testing/spice-fixtures.ts";
import { encodeLz4Block } from "../../../testing/spice-lz-encoder.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { decodeLz4, decompressLz4Block, MAX_LZ4_BLOCK_BYTES } from "./lz4.ts";

const fixtures = readCodecFixtures("lz4");

/** Few values and long repetitions, so that there are matches. */
const bytes = fc
  .array(fc.tuple(fc.nat(3), fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 900 }))), {
    minLength: 1,
    maxLength: 30,
  })
  .map((runs) =>
    Uint8Array.from(runs.flatMap(([value, count]) => Array.from({ length: count }, (_, i) => value + (i % 3)))),
  );

function block(data: readonly number[]): number[] {
  return [data.length >>> 24, (data.length >>> 16) & 255, (data.length >>> 8) & 255, data.length & 255, ...data];
}

describe("decodeLz4", () => {
  it.each(fixtures)("gives what was encoded: $name", ({ name, data }) => {
    const expected = expectedOf(name);
    expect(decodeLz4(data, expected)).toEqual(expected);
  });

  it("lets a block refer to those before it", () => {
    const first = Uint8Array.from({ length: 48 }, (_, i) => i * 5);
    const second = encodeLz4Block(Uint8Array.from([...first, ...first]), { history: 48 });
    const data = Uint8Array.from([1, 8, ...block(encodeLz4Block(first)), ...block(second)]);
    const { pixels } = decodeLz4(data, { width: 12, height: 2 });
    expect(second.length).toBeLessThan(16);
    expect(pixels.slice(12)).toEqual(pixels.slice(0, 12));
  });

  it("takes rows that are padded to four bytes", () => {
    const rows = Uint8Array.of(0x1f, 0, 9, 9, 0, 0x7c, 9, 9);
    const data = Uint8Array.from([1, 6, ...block(encodeLz4Block(rows))]);
    expect([...decodeLz4(data, { width: 1, height: 2 }).pixels]).toEqual([0xffff0000, 0xff0000ff]);
  });

  it("refuses what breaks the format or a limit", () => {
    const size = { width: 1, height: 1 };
    const pixel = block([0x40, 1, 2, 3, 4]);
    expect(decodeLz4(Uint8Array.from([1, 8, ...pixel]), size).pixels).toEqual(Uint32Array.of(0xff010203));
    const bad: readonly (readonly [string, readonly number[]])[] = [
      ["no header", [1]],
      ["no block", [1, 8]],
      ["a palette's format", [1, 5, ...pixel]],
      ["an unknown format", [1, 11, ...pixel]],
      ["half a block length", [1, 8, ...pixel, 0, 0]],
      ["a block that is longer than the data", [1, 8, 0, 0, 0, 9, 0x40, 1, 2, 3, 4]],
      ["too few bytes", [1, 8, ...block([0x30, 1, 2, 3])]],
      ["too many bytes", [1, 8, ...block([0x50, 1, 2, 3, 4, 5])]],
      ["a match before the data", [1, 8, ...block([0x00, 1, 0, 0])]],
      ["a match of no distance", [1, 8, ...block([0x00, 0, 0, 0])]],
      ["an empty block", [1, 8, ...block([])]],
    ];
    for (const [what, data] of bad) expect(() => decodeLz4(Uint8Array.from(data), size), what).toThrow(ProtocolError);
    expect(() => decodeLz4(Uint8Array.from([1, 8, ...pixel]), { width: 16_385, height: 1 })).toThrow(ProtocolError);
  });

  it.each(fixtures)("ends in a picture or a ProtocolError with damaged data: $name", ({ name, data }) => {
    const size = expectedOf(name);
    fuzzDecoder(data, data.length, (damaged) => decodeLz4(damaged, size));
  });
});

describe("decompressLz4Block", () => {
  it("gives back what an encoder was given", () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect(decompressLz4Block(Uint8Array.from(encodeLz4Block(data)), data.length)).toEqual(data);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses another length than was announced, and one beyond the limit", () => {
    const data = Uint8Array.of(0x30, 1, 2, 3);
    expect(decompressLz4Block(data, 3)).toEqual(Uint8Array.of(1, 2, 3));
    for (const length of [0, 2, 4, MAX_LZ4_BLOCK_BYTES + 1]) {
      expect(() => decompressLz4Block(data, length)).toThrow(ProtocolError);
    }
  });
});
