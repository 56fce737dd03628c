import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { RfbServerHandshake } from "./server-handshake.ts";

const HELLO = [...Buffer.from("RFB 003.008\n")];

function run(viewer: readonly number[], cuts: readonly number[]): { sent: number[]; rest: number[] | undefined } {
  const handshake = new RfbServerHandshake();
  const sent: number[] = [...handshake.start()];
  let rest: number[] | undefined;
  let at = 0;
  for (const cut of [...cuts, viewer.length]) {
    const piece = viewer.slice(at, Math.max(at, cut));
    at = Math.max(at, cut);
    if (rest !== undefined) {
      rest.push(...piece);
      continue;
    }
    for (const output of handshake.receive(Uint8Array.from(piece))) {
      if (output.kind === "send") sent.push(...output.bytes);
      else rest = [...output.rest];
    }
  }
  return { sent, rest };
}

describe("the RFB server handshake", () => {
  it("offers 3.8 with None and hands over what comes after it", () => {
    expect(run([...HELLO, 1, 1, 9, 9], [])).toEqual({ sent: [...HELLO, 1, 1, 0, 0, 0, 0], rest: [1, 9, 9] });
  });

  it("does not depend on how the bytes were cut", () => {
    const viewer = [...HELLO, 1, 1, 9, 9];
    const cuts = fc.array(fc.nat(viewer.length)).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(cuts, (list) => {
        expect(run(viewer, list)).toEqual(run(viewer, []));
      }),
    );
  });

  it("refuses a viewer of another version and a choice that was not offered", () => {
    expect(() => run([...Buffer.from("RFB 003.003\n")], [])).toThrow(expect.objectContaining({ reason: "mismatch" }));
    expect(() => run([...HELLO, 2], [])).toThrow(expect.objectContaining({ reason: "malformed" }));
  });

  it("ends random bytes in outputs or a ProtocolError", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.uint8Array(), (isRfb, bytes) => {
        try {
          run([...(isRfb ? HELLO : []), ...bytes], []);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
