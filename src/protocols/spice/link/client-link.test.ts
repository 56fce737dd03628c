import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeLinkReply } from "../../../testing/fake-spice-server.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { LINK_ERROR } from "../constants/link-error.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { SpiceClientLink, type LinkOutput } from "./client-link.ts";

const REQUEST = { connectionId: 0x01020304, channelType: 2, channelId: 1, channelCapabilities: [0x137f] };
const TICKET_AUTH = 0b1011;
const SASL_AUTH = 0b1101;
const KEY = Uint8Array.from({ length: 162 }, (_, at) => at + 1);
const TICKET = new Uint8Array(128).fill(7);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const u32 = (value: number): Uint8Array => new SpiceWriter().u32(value).finish();
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const saslData = (text: string | undefined): Uint8Array =>
  text === undefined ? u32(0) : join(u32(text.length + 1), Buffer.from(`${text}\0`));

/** What a server that takes tickets sends, up to the first message of the channel. */
const ticketServer = (result: number): Uint8Array =>
  join(encodeLinkReply({ publicKey: KEY, common: [TICKET_AUTH], channel: [3] }), u32(result));

const saslServer = join(
  encodeLinkReply({ common: [SASL_AUTH] }),
  u32(8),
  Buffer.from(",one,TWO"),
  saslData("challenge"),
  Buffer.of(0),
  saslData(undefined),
  Buffer.of(1),
  u32(LINK_ERROR.ok),
  u32(LINK_ERROR.ok),
);

/** Feeds a server's bytes in pieces and answers what is asked; what was sent is joined. */
function run(bytes: Uint8Array, options: { cuts?: number[]; isSecure?: boolean; isEnded?: boolean } = {}) {
  const link = new SpiceClientLink({ ...REQUEST, isSecure: options.isSecure ?? true });
  const sent: Uint8Array[] = [];
  const others: unknown[] = [];
  const take = (outputs: LinkOutput[]): void => {
    for (const output of outputs) {
      if (output.kind === "send") {
        sent.push(output.bytes);
        continue;
      }
      others.push(output);
      if (output.kind === "ticket") take(link.giveTicket(TICKET));
      if (output.kind === "sasl") take(link.startSasl("TWO", Buffer.from("first")));
      if (output.kind === "sasl-step") take(link.continueSasl(output.isComplete ? undefined : Buffer.from("proof")));
    }
  };
  take(link.start());
  let at = 0;
  for (const cut of [...(options.cuts ?? []), bytes.length]) {
    const end = Math.min(bytes.length, at + cut);
    take(link.receive(bytes.slice(at, end)));
    at = end;
  }
  if (options.isEnded === true) take(link.end());
  return { sent: hex(join(...sent)), others };
}

/** The last that happened. */
const lastOf = (bytes: Uint8Array, options?: Parameters<typeof run>[1]): unknown => run(bytes, options).others.at(-1);

const LINK_MESSAGE =
  "52454451" + // REDQ
  "0200000002000000" +
  "1a000000" + // 18 bytes and two words
  "04030201" +
  "02" +
  "01" +
  "01000000" +
  "01000000" +
  "12000000" +
  "0f000000" +
  "7f130000";

describe("the client's side of a SPICE link", () => {
  it("sends its link message, chooses the ticket, and ends with the server's reply as it was", () => {
    const reply = encodeLinkReply({ publicKey: KEY, common: [TICKET_AUTH], channel: [3] });
    const { sent, others } = run(join(ticketServer(LINK_ERROR.ok), Uint8Array.of(1, 2, 3)));
    expect(sent).toBe(`${LINK_MESSAGE}01000000${hex(TICKET)}`);
    expect(others).toEqual([
      { kind: "ticket", publicKey: KEY },
      { kind: "done", reply, rest: Uint8Array.of(1, 2, 3) },
    ]);
  });

  it("sends the ticket at once to a server from before the choice of a login", () => {
    const { sent } = run(join(encodeLinkReply({ publicKey: KEY, common: [0b1000] }), u32(LINK_ERROR.ok)));
    expect(sent).toBe(`${LINK_MESSAGE}${hex(TICKET)}`);
  });

  it("runs SASL: the mechanism, then data with its length and a NUL, where no data is not empty data", () => {
    const { sent, others } = run(saslServer);
    const name = hex(Buffer.from("TWO"));
    const [first, proof] = ["first", "proof"].map((text) => `06000000${hex(Buffer.from(text))}00`);
    expect(sent).toBe(`${LINK_MESSAGE}0200000003000000${name}${first}${proof}`);
    expect(others).toMatchObject([
      { kind: "sasl", mechanisms: ["ONE", "TWO"] },
      { kind: "sasl-step", data: Uint8Array.from(Buffer.from("challenge")), isComplete: false },
      { kind: "sasl-step", data: undefined, isComplete: true },
      { kind: "done" },
    ]);
  });

  it.each([
    ["needSecured", "need-secured"],
    ["needUnsecured", "need-unsecured"],
    ["permissionDenied", "login-refused"],
    ["badConnectionId", "session-unknown"],
    ["channelNotAvailable", "channel-unavailable"],
    ["invalidData", "refused"],
    ["error", "refused"],
  ] as const)("ends with what %s means, in the reply and as the result", (name, kind) => {
    const failed = { kind: "failed", failure: { kind } };
    expect(lastOf(encodeLinkReply({ error: LINK_ERROR[name] }))).toMatchObject(failed);
    expect(lastOf(ticketServer(LINK_ERROR[name]))).toMatchObject(failed);
  });

  it("sends no password by SASL without TLS, and knows a login that it does not have", () => {
    expect(lastOf(saslServer, { isSecure: false })).toMatchObject({ failure: { kind: "sasl-needs-tls" } });
    expect(run(saslServer, { isSecure: false }).sent).toBe(LINK_MESSAGE);
    expect(lastOf(encodeLinkReply({ common: [0b1001] }))).toMatchObject({ failure: { kind: "login-unsupported" } });
  });

  it("takes a server that hangs up for one that refuses only after a SASL answer", () => {
    const upToSasl = saslServer.subarray(0, encodeLinkReply({ common: [SASL_AUTH] }).length + 12);
    expect(lastOf(upToSasl, { isEnded: true })).toMatchObject({ failure: { kind: "login-refused" } });
    expect(lastOf(ticketServer(0).subarray(0, 100), { isEnded: true })).toMatchObject({ failure: { kind: "closed" } });
    const rejected = join(upToSasl, saslData(undefined), Buffer.of(1), u32(1));
    expect(lastOf(rejected)).toMatchObject({ failure: { kind: "login-refused" } });
  });

  it.each([
    ["another protocol", Buffer.from("RFB 003.008\nxxxx"), "mismatch"],
    ["another version", join(Buffer.from("REDQ"), u32(3), u32(0), u32(178)), "mismatch"],
    ["a reply that is too short", join(Buffer.from("REDQ"), u32(2), u32(2), u32(177)), "malformed"],
    ["a reply that is too long", join(Buffer.from("REDQ"), u32(2), u32(2), u32(5000)), "limit"],
    ["an error of the version", encodeLinkReply({ error: LINK_ERROR.versionMismatch }), "mismatch"],
    ["a list of mechanisms that is too long", join(encodeLinkReply({ common: [SASL_AUTH] }), u32(5000)), "limit"],
  ] as const)("refuses %s", (_, bytes, reason) => {
    expect(() => run(bytes)).toThrow(expect.objectContaining({ name: "ProtocolError", reason }));
  });

  it("refuses capabilities that are not in the reply", () => {
    const reply = encodeLinkReply({ common: [TICKET_AUTH] });
    const bad = (offset: number, value: number): Uint8Array => {
      const bytes = Uint8Array.from(reply);
      bytes.set(u32(value), 16 + offset);
      return bytes;
    };
    expect(() => run(bad(166, 17))).toThrow(expect.objectContaining({ reason: "limit" }));
    expect(() => run(bad(166, 3))).toThrow(expect.objectContaining({ reason: "malformed" }));
    expect(() => run(bad(174, 0xffff_ffff))).toThrow(expect.objectContaining({ reason: "malformed" }));
  });

  it("does not depend on how the bytes were cut", () => {
    const cuts = fc.array(fc.nat(60), { maxLength: 40 });
    for (const bytes of [ticketServer(LINK_ERROR.ok), saslServer, encodeLinkReply({ error: LINK_ERROR.needSecured })]) {
      fc.assert(
        fc.property(cuts, (each) => {
          expect(run(bytes, { cuts: each })).toEqual(run(bytes));
        }),
      );
    }
  });

  it("ends any bytes in outputs or a ProtocolError, never in another error", () => {
    const attempt = (bytes: Uint8Array): void => {
      try {
        run(bytes, { isEnded: true });
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), attempt));
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.boolean(), fc.array(change, { maxLength: 6 }), (isSasl, changes) => {
        const bytes = Uint8Array.from(isSasl ? saslServer : ticketServer(0));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        attempt(bytes);
      }),
    );
  });
});
