import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteQueue } from "./byte-queue.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { ProtocolError } from "./protocol-error.ts";

describe("ByteQueue", () => {
  it("gives the same bytes however they were cut and read", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.array(fc.nat(30)), (chunks, counts) => {
        const all = Buffer.concat(chunks);
        const queue = new ByteQueue({ maxBytes: 10_000 });
        const read: number[] = [];
        chunks.forEach((chunk, at) => {
          queue.push(chunk);
          const count = counts[at] ?? 0;
          const isThere = count <= queue.length;
          expect(queue.peek(count)?.length).toBe(isThere ? count : undefined);
          read.push(...(queue.read(count) ?? []));
          expect(queue.length).toBe(chunks.slice(0, at + 1).flatMap((one) => [...one]).length - read.length);
        });
        read.push(...queue.readAll());
        expect([read, queue.length]).toEqual([[...all], 0]);
      }),
    );
  });

  it("takes its limit and not a byte more, and goes on after a read", () => {
    const queue = new ByteQueue({ maxBytes: 4 });
    queue.push(Uint8Array.of(1, 2, 3, 4));
    expect(() => queue.push(Uint8Array.of(5))).toThrow(expect.objectContaining({ reason: "limit" }));
    queue.read(1);
    queue.push(Uint8Array.of(5));
    expect([...queue.readAll()]).toEqual([2, 3, 4, 5]);
  });
});

describe("ByteReader", () => {
  it("reads what ByteWriter wrote", () => {
    const row = fc.tuple(
      fc.nat(0xff),
      fc.nat(0xffff),
      fc.nat(0xffffffff),
      fc.integer(),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double({ noNaN: true }),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const writer = new ByteWriter();
        for (const [a, b, c, d, e, f, g, h] of rows) writer.u8(a).u16(b).u32(c).i32(d).u64(e).i64(f).f64(g).bytes(h);
        const reader = new ByteReader(writer.finish());
        for (const one of rows) {
          const [, , , , , , , { length }] = one;
          expect([
            reader.u8(),
            reader.u16(),
            reader.u32(),
            reader.i32(),
            reader.u64(),
            reader.i64(),
            reader.f64(),
            reader.bytes(length),
          ]).toEqual(one);
        }
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it("throws ProtocolError at the end, never another", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 7 }),
        fc.constantFrom("u64", "i64", "f64"),
        fc.nat(100),
        (bytes, method, more) => {
          expect(() => new ByteReader(bytes)[method as "u64"]()).toThrow(ProtocolError);
          expect(() => new ByteReader(bytes).bytes(bytes.length + 1 + more)).toThrow(ProtocolError);
          expect(() => {
            new ByteReader(bytes).skip(bytes.length + 1 + more);
          }).toThrow(ProtocolError);
        },
      ),
    );
  });
});
