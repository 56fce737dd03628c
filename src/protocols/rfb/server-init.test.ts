import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../bytes/byte-writer.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { RfbServerInitReader } from "./server-init.ts";

const plain = new ByteWriter().u16(1920).u16(1080).bytes(new Uint8Array(16)).u32(4).bytes(Buffer.from("name")).finish();
const extension = new ByteWriter().u16(1).u16(0).u16(1).u16(0).bytes(new Uint8Array(32).fill(7)).finish();
const after = Uint8Array.of(3, 1, 4);

function read(bytes: Uint8Array, isTight: boolean, cut: number): unknown {
  const reader = new RfbServerInitReader({ isTight });
  const first = reader.receive(bytes.subarray(0, cut));
  if (first !== undefined) return { ...first, bytes: Buffer.concat([first.bytes, bytes.subarray(cut)]) };
  return reader.receive(bytes.subarray(cut));
}

const whole = { width: 1920, height: 1080, bytes: Buffer.concat([plain, after]) };

describe("the reader of ServerInit", () => {
  it("gives the size and passes every byte on, wherever they are cut", () => {
    const bytes = Buffer.concat([plain, after]);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const result = read(bytes, false, cut) as { bytes: Uint8Array };
      expect({ ...result, bytes: Buffer.from(result.bytes) }).toEqual(whole);
    }
  });

  it("takes Tight's extension out, wherever the bytes are cut", () => {
    const bytes = Buffer.concat([plain, extension, after]);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const result = read(bytes, true, cut) as { bytes: Uint8Array };
      expect({ ...result, bytes: Buffer.from(result.bytes) }).toEqual(whole);
    }
  });

  it("refuses a name without end", () => {
    const bytes = new ByteWriter().u32(0).bytes(new Uint8Array(16)).u32(0xffffffff).finish();
    expect(() => read(bytes, false, 5)).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it("ends random bytes in a message, in waiting or in a ProtocolError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), fc.nat(200), (bytes, isTight, cut) => {
        try {
          read(bytes, isTight, cut);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
