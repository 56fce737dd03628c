import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SpiceReader } from "./spice-reader.ts";
import { SpiceWriter } from "./spice-writer.ts";

describe("SpiceReader", () => {
  it("reads what SpiceWriter wrote, across the edges where its buffer grows", () => {
    const row = fc.tuple(
      fc.nat(0xff),
      fc.nat(0xffff),
      fc.nat(0xffffffff),
      fc.integer(),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.uint8Array({ maxLength: 40 }),
    );
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const writer = new SpiceWriter();
        for (const [a, b, c, d, e, f] of rows) writer.u8(a).u16(b).u32(c).i32(d).u64(e).bytes(f);
        const reader = new SpiceReader(writer.finish());
        for (const one of rows) {
          const read = [
            reader.u8(),
            reader.u16(),
            reader.u32(),
            reader.i32(),
            reader.u64(),
            reader.bytes(one[5].length),
          ];
          expect(read).toEqual([...one]);
        }
        expect([reader.remaining, reader.position]).toEqual([0, writer.length]);
      }),
    );
  });

  it("is little-endian, and reads at an offset that stood in the message", () => {
    const reader = new SpiceReader(Uint8Array.of(4, 0, 0, 0, 0xfe, 0xff, 1, 2));
    const elsewhere = reader.at(reader.u32());
    expect([elsewhere.i16(), elsewhere.u16(), reader.position]).toEqual([-2, 0x0201, 4]);
  });

  it("throws nothing but ProtocolError at the end and at an offset beyond it", () => {
    const reader = new SpiceReader(Uint8Array.of(1, 2, 3));
    for (const read of [() => reader.u32(), () => reader.at(4), () => reader.at(3).u8()]) {
      expect(read).toThrow(expect.objectContaining({ name: "ProtocolError", reason: "malformed" }));
    }
    expect([...reader.rest()]).toEqual([1, 2, 3]);
  });
});
