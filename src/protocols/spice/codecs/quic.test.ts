import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../testing/spice-broken-data.ts";
import { convert, expectedOf } from "../../../testing/spice-expected.ts";
import { readCodecFixtures } from "../../../testing/spice-fixtures.ts";
import { encodeQuic, type QuicTypeName } from "../../../testing/spice-quic-encoder.ts";
import { drawPicture } from "../../../testing/spice-pictures.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { decodeQuic, decodeQuicWithoutWasm } from "./quic.ts";

const fixtures = readCodecFixtures("quic");

describe.each([
  ["decodeQuic", decodeQuic],
  ["decodeQuicWithoutWasm", decodeQuicWithoutWasm],
])("%s", (_, decode) => {
  it.each(fixtures)("gives what spice-server encoded: $name", ({ name, data }) => {
    expect(decode(data)).toEqual(expectedOf(name));
  });

  it("gives back what an encoder was given", () => {
    const types: readonly QuicTypeName[] = ["gray", "rgb16", "rgb24", "rgb32", "rgba"];
    const level = fc.oneof(fc.constantFrom(0, 255, 8), fc.nat(255));
    const runs = fc.array(fc.tuple(level, level, level, level, fc.oneof(fc.nat(3), fc.nat(90))), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 30 }),
        runs,
        (type, width, height, parts) => {
          const filled = parts.flatMap(([blue, green, red, alpha, count]) =>
            Array.from({ length: count + 1 }, () => [blue, green, red, alpha]),
          );
          const bgra = Uint8Array.from(
            { length: width * height * 4 },
            (_, i) => filled[(i >> 2) % filled.length]![i & 3]!,
          );
          expect(decode(encodeQuic(type, { width, height, bgra }))).toEqual(convert(type, { width, height, bgra }));
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each(["rgba", "gray"] as const)("keeps the row above where a picture is decoded in parts: %s", (type) => {
    const picture = drawPicture("desktop", 1024, 140);
    expect(decode(encodeQuic(type, picture)).pixels).toEqual(convert(type, picture).pixels);
  });

  it("does not care where in memory the data lies", () => {
    for (const { name, data } of fixtures.slice(0, 3)) {
      const shifted = new Uint8Array(data.length + 3);
      shifted.set(data, 3);
      expect(decode(shifted.subarray(3))).toEqual(expectedOf(name));
    }
  });

  it("refuses foreign marks, unknown types and sizes beyond the limits", () => {
    const good = fixtures[0]!.data;
    const changes: readonly (readonly [number, number])[] = [
      [0, 0x43495550],
      [4, 1],
      [8, 0],
      [8, 6],
      [12, 0],
      [16, 0],
      [12, 16_385],
      [16, 0xffff_ffff],
    ];
    for (const [at, value] of changes) {
      const bad = good.slice();
      new DataView(bad.buffer).setUint32(at, value, true);
      expect(() => decode(bad), `${String(value)} at ${String(at)}`).toThrow(ProtocolError);
    }
  });

  it("refuses data that ends before the picture", () => {
    // The encoder ends with up to two words of zeros that are not needed.
    for (const { name, data } of fixtures) {
      const cut = data.subarray(0, data.length - 12);
      expect(() => decode(cut), name).toThrow(ProtocolError);
    }
  });

  it("refuses a run that leaves its row", () => {
    // The first pixel is three times 10000000 (no difference, in the first code), then a 1 is enough for a symbol. In the second
    // row the fourth pixel begins a run, in which each 1 stands for 1, 1, 1, 1, 2 … pixels.
    const data = new Uint8Array(4000).fill(255);
    new Uint32Array(data.buffer).set([0x43495551, 0, 4, 8, 8, 0x8080_80ff]);
    expect(() => decode(data)).toThrow("a run leaves its row");
  });

  it.each(fixtures)("ends in a picture or a ProtocolError with damaged data: $name", ({ data }) => {
    fuzzDecoder(data, data.length, decode);
  });
});
