import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { XdrReader, XdrWriter } from "./xdr.ts";

const LIMIT = { maxBytes: 1000 };

describe("XDR", () => {
  it("pads opaque data to four bytes (RFC 4506 §4.10)", () => {
    expect([...new XdrWriter().string("abcde").int(-1).finish()]).toEqual([
      0, 0, 0, 5, 0x61, 0x62, 0x63, 0x64, 0x65, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
    ]);
  });

  it("reads back what was written", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 60 }),
        fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
        fc.uint8Array({ maxLength: 100 }),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (text, optional, opaque, number) => {
          const writer = new XdrWriter();
          writer.string(text).optional(optional, (value) => writer.string(value));
          const reader = new XdrReader(writer.opaque(opaque).int(number).finish());
          expect([
            reader.string(LIMIT),
            reader.optional(() => reader.string(LIMIT)),
            reader.opaque(LIMIT),
            reader.int(),
            reader.remainingBytes,
          ]).toEqual([text, optional, opaque, number, 0]);
        },
      ),
    );
  });

  it("refuses opaque data and arrays above their limit before it looks for their bytes", () => {
    const huge = new XdrWriter().unsignedInt(0xffffffff).finish();
    expect(() => new XdrReader(huge).opaque({ maxBytes: 16 })).toThrow(/at most 16/);
    expect(() => new XdrReader(huge).array({ maxItems: 16 }, () => 0)).toThrow(/at most 16/);
  });

  it("refuses a message that ends too early", () => {
    expect(() => new XdrReader(new XdrWriter().unsignedInt(8).finish()).string(LIMIT)).toThrow(ProtocolError);
  });

  it("refuses optional data that is neither there nor absent", () => {
    const reader = new XdrReader(new XdrWriter().unsignedInt(2).finish());
    expect(() => reader.optional(() => 0)).toThrow(ProtocolError);
  });
});
