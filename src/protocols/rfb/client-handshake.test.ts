import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { RfbClientHandshake, type RfbClientOutput } from "./client-handshake.ts";
import { vncResponse } from "./vnc-response.ts";

const text = (value: string): number[] => [...Buffer.from(value, "latin1")];
const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const reason = (value: string): number[] => [...u32(value.length), ...text(value)];
const OK = u32(0);
const CHALLENGE = Array.from({ length: 16 }, (_, i) => i * 7);
const RESPONSE = [...vncResponse("secret", Uint8Array.from(CHALLENGE))];
const V38 = text("RFB 003.008\n");

interface Run {
  readonly sent: number[];
  readonly asked: string[];
  readonly end: unknown;
}

/** Plays a server's bytes in pieces; answers every login with "user" and "secret". */
function run(server: readonly number[], pieceBytes = server.length, canUseVeNCrypt = true): Run {
  const handshake = new RfbClientHandshake({
    canUseVeNCrypt,
    answerDiffieHellman: ({ generator, prime, publicValue }) =>
      Uint8Array.of(generator, prime.length, publicValue.length),
  });
  const sent: number[] = [];
  const asked: string[] = [];
  let end: unknown;
  const take = (outputs: RfbClientOutput[]): void => {
    for (const output of outputs) {
      if (output.kind === "send") sent.push(...output.bytes);
      else if (output.kind === "login") {
        asked.push(output.needsUserName ? "name and password" : "password");
        take(handshake.giveLogin({ userName: "user", password: "secret" }));
      } else if (output.kind === "start-tls") {
        asked.push("tls");
        take(handshake.giveTls());
      } else if (output.kind === "done") end = { isTight: output.isTight, rest: [...output.rest] };
      else end = output.failure;
    }
  };
  for (let at = 0; at < server.length && end === undefined; at += pieceBytes) {
    take(handshake.receive(Uint8Array.from(server.slice(at, at + pieceBytes))));
  }
  if (end === undefined) take(handshake.end());
  return { sent, asked, end };
}

const DONE = { isTight: false, rest: [] };

/** Servers' bytes after which the handshake is done, with what we send. TLS is cut out: its Ack must end a chunk. */
const dialogs: Record<string, { server: number[]; sent: number[]; asked: string[]; isTight?: boolean }> = {
  "3.8 with None": { server: [...V38, 1, 1, ...OK], sent: [...V38, 1], asked: [] },
  "3.7 with None, which has no SecurityResult": {
    server: [...text("RFB 003.007\n"), 1, 1],
    sent: [...text("RFB 003.007\n"), 1],
    asked: [],
  },
  "3.3 with None": {
    server: [...text("RFB 003.003\n"), ...u32(1)],
    sent: text("RFB 003.003\n"),
    asked: [],
  },
  "3.5 as 3.3": { server: [...text("RFB 003.005\n"), ...u32(1)], sent: text("RFB 003.003\n"), asked: [] },
  "3.3 with a password": {
    server: [...text("RFB 003.003\n"), ...u32(2), ...CHALLENGE, ...OK],
    sent: [...text("RFB 003.003\n"), ...RESPONSE],
    asked: ["password"],
  },
  "3.8 with a password": {
    server: [...V38, 1, 2, ...CHALLENGE, ...OK],
    sent: [...V38, 2, ...RESPONSE],
    asked: ["password"],
  },
  "4.1 as 3.8": { server: [...text("RFB 004.001\n"), 1, 1, ...OK], sent: [...V38, 1], asked: [] },
  "Apple's 3.889 with Diffie-Hellman": {
    server: [...text("RFB 003.889\n"), 3, 30, 33, 36, 0, 2, 0, 3, 9, 9, 9, 8, 8, 8, ...OK],
    sent: [...V38, 30, 2, 3, 3],
    asked: ["name and password"],
  },
  "VeNCrypt Plain": {
    server: [...V38, 1, 19, 0, 2, 0, 1, ...u32(256), ...OK],
    sent: [...V38, 19, 0, 2, ...u32(256), ...u32(4), ...u32(6), ...text("usersecret")],
    asked: ["name and password"],
  },
  "VeNCrypt with a plain VNC password": {
    server: [...V38, 1, 19, 0, 2, 0, 2, ...u32(258), ...u32(2), ...CHALLENGE, ...OK],
    sent: [...V38, 19, 0, 2, ...u32(2), ...RESPONSE],
    asked: ["password"],
  },
  "Tight with no tunnel and a password": {
    server: [
      ...[...V38, 1, 16, ...u32(1), ...u32(0), ...text("TGHTNOTUNNEL")],
      ...[...u32(1), ...u32(2), ...text("STDVVNCAUTH_"), ...CHALLENGE, ...OK],
    ],
    sent: [...V38, 16, ...u32(0), ...u32(2), ...RESPONSE],
    asked: ["password"],
    isTight: true,
  },
  "Tight with empty lists": {
    server: [...V38, 1, 16, ...u32(0), ...u32(0), ...OK],
    sent: [...V38, 16],
    asked: [],
    isTight: true,
  },
};

describe("the RFB client handshake", () => {
  for (const [name, { server, sent, asked, isTight = false }] of Object.entries(dialogs)) {
    it(`speaks ${name}`, () => {
      expect(run(server)).toEqual({ sent, asked, end: { isTight, rest: [] } });
    });

    it(`speaks ${name} whatever the cuts`, () => {
      for (let piece = 1; piece < 9; piece += 1) expect(run(server, piece)).toEqual(run(server));
    });
  }

  it("encrypts the challenge with the password's reversed bytes", () => {
    // "secret" with each byte's bits mirrored, as the key of all three steps of triple DES.
    const key = Buffer.from("cea6c64ea62e0000", "hex");
    const cipher = createCipheriv("des-ede3", Buffer.concat([key, key, key]), null).setAutoPadding(false);
    expect(Buffer.from(RESPONSE)).toEqual(cipher.update(Uint8Array.from(CHALLENGE)));
  });

  it("starts TLS after the server's Ack and goes on inside it", () => {
    const handshake = new RfbClientHandshake({ canUseVeNCrypt: true });
    const start = [...V38, 2, 2, 19, 0, 2, 0, 2, ...u32(258), ...u32(261), 1];
    expect(handshake.receive(Uint8Array.from(start)).at(-1)).toEqual({ kind: "start-tls" });
    expect(handshake.giveTls()).toEqual([]);
    expect(handshake.receive(Uint8Array.from(CHALLENGE))).toEqual([{ kind: "login", needsUserName: false }]);
    expect(handshake.giveLogin({ userName: "", password: "secret" })).toEqual([
      { kind: "send", bytes: Uint8Array.from(RESPONSE) },
    ]);
    expect(handshake.receive(Uint8Array.from(OK))).toEqual([{ kind: "done", isTight: false, rest: new Uint8Array(0) }]);
  });

  it("refuses bytes that come before TLS and would be taken for what came inside it", () => {
    const handshake = new RfbClientHandshake({ canUseVeNCrypt: true });
    const start = [...V38, 1, 19, 0, 2, 0, 1, ...u32(260), 1, ...OK];
    expect(() => handshake.receive(Uint8Array.from(start))).toThrow(ProtocolError);
  });

  it("keeps what comes after the handshake", () => {
    expect(run([...V38, 1, 1, ...OK, 5, 6])).toMatchObject({ end: { isTight: false, rest: [5, 6] } });
  });

  it("leaves VeNCrypt when told so", () => {
    expect(run([...V38, 2, 19, 1, ...OK], 1, false)).toEqual({ sent: [...V38, 1], asked: [], end: DONE });
  });

  it("answers TLS without a certificate with a failure, and says whether there is another way", () => {
    const subtypes = [0, 2, 0, 1, ...u32(258)];
    expect(run([...V38, 1, 19, ...subtypes]).end).toEqual({ kind: "anonymous-tls", canDoWithout: false });
    expect(run([...V38, 2, 19, 2, ...subtypes]).end).toEqual({ kind: "anonymous-tls", canDoWithout: true });
  });

  it("does not let go of a certificate that the server had before", () => {
    const endOf = (bytes: readonly number[]): unknown => {
      const handshake = new RfbClientHandshake({ canUseVeNCrypt: true, mustUseCertificate: true });
      return handshake.receive(Uint8Array.from(bytes)).at(-1);
    };
    const failed = { kind: "failed", failure: { kind: "unsupported", canDoWithout: false } };
    expect(endOf([...V38, 2, 1, 2])).toMatchObject(failed);
    expect(endOf([...text("RFB 003.003\n"), ...u32(1)])).toMatchObject(failed);
    expect(endOf([...V38, 2, 19, 1, 0, 2, 0, 1, ...u32(256)])).toMatchObject(failed);
    expect(endOf([...V38, 2, 19, 1, 0, 2, 0, 1, ...u32(260), 1])).toEqual({ kind: "start-tls" });
  });

  it("names the types that it does not support", () => {
    expect(run([...V38, 3, 20, 5, 99]).end).toEqual({
      kind: "unsupported",
      method: "SASL, RSA-AES (RA2), type 99",
      canDoWithout: false,
    });
    expect(run([...V38, 1, 19, 0, 2, 0, 1, ...u32(264)]).end).toMatchObject({ method: "VeNCrypt X509SASL" });
  });

  it("tells a refused password from other refusals", () => {
    const password = [...V38, 1, 2, ...CHALLENGE];
    expect(run([...password, ...u32(1), ...reason("no\nway")]).end).toEqual({
      kind: "login-refused",
      reason: "no way",
    });
    expect(run([...password, ...u32(2), ...reason("x")]).end).toEqual({ kind: "too-many-tries", reason: "x" });
    expect(run([...password, ...u32(1), ...reason("Too many tries")]).end).toMatchObject({ kind: "too-many-tries" });
    expect(run([...V38, 0, ...reason("Too many security failures")]).end).toMatchObject({ kind: "too-many-tries" });
    expect(run([...V38, 0, ...reason("no password set")]).end).toEqual({ kind: "refused", reason: "no password set" });
    expect(run([...V38, 1, 1, ...u32(1), ...reason("user said no")]).end).toMatchObject({ kind: "refused" });
  });

  it("understands a refusal without a reason", () => {
    const refused = { kind: "login-refused", reason: "no reason given" };
    expect(run([...V38, 1, 2, ...CHALLENGE, ...u32(1)]).end).toEqual(refused);
    expect(run([...text("RFB 003.007\n"), 1, 2, ...CHALLENGE, ...u32(1)]).end).toEqual(refused);
  });

  it("says that the server closed in the middle", () => {
    expect(run([...V38, 1]).end).toEqual({ kind: "closed" });
    expect(run([]).end).toEqual({ kind: "closed" });
  });

  it("knows another protocol by its first byte", () => {
    const handshake = new RfbClientHandshake({ canUseVeNCrypt: true });
    expect(() => handshake.receive(Buffer.from("S"))).toThrow(expect.objectContaining({ reason: "mismatch" }));
  });

  it("refuses a reason, a key or a list that is too long", () => {
    expect(() => run([...V38, 0, ...u32(0x7fffffff)])).toThrow(expect.objectContaining({ reason: "limit" }));
    expect(() => run([...V38, 1, 30, 0, 2, 255, 255])).toThrow(expect.objectContaining({ reason: "limit" }));
    expect(() => run([...V38, 1, 16, ...u32(0xffffffff)])).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it("ends random bytes in outputs or a ProtocolError", () => {
    const tail = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.constantFrom(0, 1, 2, 16, 19, 30), { maxLength: 80 }),
    );
    const version = fc.constantFrom("", "RFB 003.003\n", "RFB 003.007\n", "RFB 003.008\n", "RFB 999.999\n");
    fc.assert(
      fc.property(version, tail, fc.integer({ min: 1, max: 20 }), (start, bytes, piece) => {
        try {
          run([...text(start), ...bytes], piece);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
