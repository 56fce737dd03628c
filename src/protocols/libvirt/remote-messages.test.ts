import { describe, expect, it } from "vitest";
import { REMOTE_CALL } from "./remote-messages.ts";
import { XdrWriter } from "./xdr.ts";

const encoded = <A>(call: { encode(args: A): Uint8Array }, args: A): number[] => [...call.encode(args)];

describe("SASL data in libvirt's calls (remote_protocol.x: char data<>)", () => {
  const MECHANISM = [0, 0, 0, 5, 0x50, 0x4c, 0x41, 0x49, 0x4e, 0, 0, 0];

  it("is an array with a number for each byte", () => {
    const data = Uint8Array.of(0, 0x61, 0xff);
    expect(encoded(REMOTE_CALL.authSaslStart, { mechanism: "PLAIN", data })).toEqual([
      ...MECHANISM,
      ...[0, 0, 0, 0],
      ...[0, 0, 0, 3],
      ...[0, 0, 0, 0, 0, 0, 0, 0x61, 0, 0, 0, 0xff],
    ]);
  });

  it("tells absent data from empty data", () => {
    const absent = encoded(REMOTE_CALL.authSaslStep, { data: undefined });
    const empty = encoded(REMOTE_CALL.authSaslStep, { data: new Uint8Array(0) });
    expect([absent, empty]).toEqual([
      [0, 0, 0, 1, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ]);
  });

  it("is read back, also where the daemon's char has a sign", () => {
    const reply = new XdrWriter().int(1).int(0).unsignedInt(2).int(0x72).int(-1).finish();
    expect(REMOTE_CALL.authSaslStart.decode(reply)).toEqual({
      isComplete: true,
      data: Uint8Array.of(0x72, 0xff),
    });
  });
});

describe("domainOpenConsole", () => {
  it("takes a console from others only with the flag", () => {
    const domain = { name: "w", uuid: "11111111-1111-4111-8111-111111111111", id: 1 };
    const bytes = encoded(REMOTE_CALL.domainOpenConsole, { domain, device: undefined, flags: 1 });
    expect(bytes.slice(-8)).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });
});
