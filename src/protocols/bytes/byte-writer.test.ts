import { describe, expect, it } from "vitest";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

describe("ByteWriter", () => {
  // The view of the buffer before it grew was written to: every message above 64 bytes failed.
  it("writes numbers across the edge where its buffer grows", () => {
    const writer = new ByteWriter();
    for (let value = 0; value < 300; value += 1)
      writer
        .u8(value & 0xff)
        .u16(value)
        .u32(value)
        .u64(BigInt(value))
        .f64(value);
    const reader = new ByteReader(writer.finish());
    for (let value = 0; value < 300; value += 1) {
      expect([reader.u8(), reader.u16(), reader.u32(), reader.u64(), reader.f64()]).toEqual([
        value & 0xff,
        value,
        value,
        BigInt(value),
        value,
      ]);
    }
    expect(reader.remaining).toBe(0);
  });
});
