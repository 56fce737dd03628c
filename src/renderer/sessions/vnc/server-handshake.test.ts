import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";
import { MAX_DESKTOP_NAME_BYTES, ServerHandshakeWatch, type ServerInit } from "./server-handshake.ts";

function handshake(options: { name?: number; types?: number[]; result?: number; greeting?: string } = {}): number[] {
  const { name = 4, types = [1], result = 0, greeting = "RFB 003.008\n" } = options;
  const init = new Uint8Array(24);
  const view = new DataView(init.buffer);
  view.setUint16(0, 1024);
  view.setUint16(2, 768);
  view.setUint32(20, name);
  return [...new TextEncoder().encode(greeting), types.length, ...types, 0, 0, 0, result, ...init, 0x71, 0x65];
}

function watch(bytes: readonly number[], cuts: readonly number[]): ServerInit | undefined {
  const watcher = new ServerHandshakeWatch();
  let init: ServerInit | undefined;
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    init ??= watcher.push(Uint8Array.from(bytes.slice(at, at + cut)));
    at += cut;
  }
  return init;
}

describe("ServerHandshakeWatch", () => {
  it("tells the picture's size however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 })), (cuts) => {
        expect(watch(handshake(), cuts)).toEqual({ widthPx: 1024, heightPx: 768 });
      }),
    );
  });

  it.each([
    ["another protocol", handshake({ greeting: "SSH-2.0-Open" }), "mismatch"],
    ["a login that the host process should have done", handshake({ types: [2] }), "malformed"],
    ["a choice of logins", handshake({ types: [1, 2] }), "malformed"],
    ["no security type", handshake({ types: [] }), "malformed"],
    ["a refusal", handshake({ result: 1 }), "malformed"],
    ["a name without end", handshake({ name: MAX_DESKTOP_NAME_BYTES + 1 }), "limit"],
  ])("refuses %s", (_, bytes, reason) => {
    expect(() => watch(bytes, [])).toThrow(expect.objectContaining({ name: "ProtocolError", reason }) as Error);
  });

  it("ends random bytes in waiting, an answer or a ProtocolError", () => {
    const start = [...new TextEncoder().encode("RFB 003.008\n")];
    fc.assert(
      fc.property(fc.boolean(), fc.uint8Array({ maxLength: 400 }), (isGreeted, bytes) => {
        try {
          watch([...(isGreeted ? start : []), ...bytes], [3, 9, 1]);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
