import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../../../protocols/bytes/byte-writer.ts";
import { ProtocolError } from "../../../../protocols/bytes/protocol-error.ts";
import { ClientMessageParser, MAX_CLIPBOARD_BYTES, type ClientMessage } from "./client-messages.ts";
import { encodePixelFormat, NATIVE_PIXEL_FORMAT } from "./pixel-format.ts";

function session(): Uint8Array {
  const writer = new ByteWriter().bytes(Buffer.from("RFB 003.008\n")).u8(1).u8(1);
  writer.u8(0).bytes(new Uint8Array(3));
  encodePixelFormat(writer, NATIVE_PIXEL_FORMAT);
  writer.u8(2).u8(0).u16(2).i32(16).i32(-308);
  writer.u8(3).u8(1).u16(1).u16(2).u16(300).u16(400);
  writer.u8(4).u8(1).u16(0).u32(0x61);
  writer.u8(5).u8(1).u16(10).u16(20);
  writer.u8(6).bytes(new Uint8Array(3)).u32(2).bytes(Buffer.from("hi"));
  writer.u8(6).bytes(new Uint8Array(3)).i32(-5).u32(0x10000001).u8(9);
  writer.u8(251).u8(0).u16(900).u16(700).u8(1).u8(0).bytes(new Uint8Array(16));
  writer.u8(255).u8(0).u16(0).u32(0x61).u32(0x1e);
  return writer.finish();
}

const EXPECTED: ClientMessage[] = [
  { type: "version", minor: 8 },
  { type: "security", securityType: 1 },
  { type: "client-init" },
  { type: "set-pixel-format", format: NATIVE_PIXEL_FORMAT },
  { type: "set-encodings", encodings: [16, -308] },
  { type: "update-request", isIncremental: true, rect: { x: 1, y: 2, width: 300, height: 400 } },
  { type: "key", isDown: true, keysym: 0x61, scanCode: undefined },
  { type: "pointer", buttonMask: 1, x: 10, y: 20 },
  { type: "cut-text", text: "hi" },
  { type: "extended-clipboard", flags: 0x10000001, payload: Uint8Array.of(9) },
  { type: "set-desktop-size", width: 900, height: 700 },
  { type: "key", isDown: false, keysym: 0x61, scanCode: 0x1e },
];

describe("a viewer's messages", () => {
  it("are the same however the bytes were cut", () => {
    const bytes = session();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (cuts) => {
        const parser = new ClientMessageParser();
        const messages: ClientMessage[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const length = cuts[turn % cuts.length]!;
          messages.push(...parser.receive(bytes.subarray(at, at + length)));
          at += length;
        }
        expect(messages).toEqual(EXPECTED);
      }),
    );
  });

  it("end in messages or a ProtocolError whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, isPastHandshake) => {
        const parser = new ClientMessageParser();
        try {
          if (isPastHandshake) parser.receive(session().subarray(0, 14));
          parser.receive(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("may not bring a clipboard above the limit", () => {
    const parser = new ClientMessageParser();
    parser.receive(session().subarray(0, 14));
    const head = new ByteWriter()
      .u8(6)
      .bytes(new Uint8Array(3))
      .u32(MAX_CLIPBOARD_BYTES + 1);
    expect(() => parser.receive(head.finish())).toThrow(expect.objectContaining({ reason: "limit" }));
  });
});
