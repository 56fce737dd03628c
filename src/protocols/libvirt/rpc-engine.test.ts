import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { encodeRpcFrame, KEEPALIVE_PROGRAM, MAX_PAYLOAD_BYTES, REMOTE_PROGRAM } from "./rpc-frame.ts";
import { LibvirtRpcEngine, MAX_STREAM_PACKET_BYTES, type RpcOutput } from "./rpc-engine.ts";
import { REMOTE_CALL } from "./remote-messages.ts";
import { PROCEDURE } from "./remote-procedures.ts";
import { XdrWriter } from "./xdr.ts";

const NOTHING = new Uint8Array(0);
const TYPE = { call: 0, reply: 1, message: 2, stream: 3 };
const STATUS = { ok: 0, error: 1, continue: 2 };
const UUID = "01234567-89ab-cdef-0123-456789abcdef";

function frame(
  type: number,
  serial: number,
  options: { status?: number; payload?: Uint8Array; procedure?: number; program?: number; version?: number } = {},
): Uint8Array<ArrayBuffer> {
  const { status = STATUS.ok, payload = NOTHING, procedure = PROCEDURE.domainOpenConsole } = options;
  const { program = REMOTE_PROGRAM, version = 1 } = options;
  return encodeRpcFrame({ program, version, procedure, type, serial, status }, payload);
}

const errorPayload = (message: string): Uint8Array => {
  const writer = new XdrWriter().int(42).int(10);
  return writer.optional(message, (text) => writer.string(text)).finish();
};

const domainPayload = (writer: XdrWriter): XdrWriter =>
  writer
    .string("web")
    .fixedOpaque(
      Uint8Array.from([1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]),
    )
    .int(7);

function startedEvent(): Uint8Array<ArrayBuffer> {
  const payload = domainPayload(new XdrWriter().int(1)).int(2).int(0).finish();
  return frame(TYPE.message, 0, { payload, procedure: PROCEDURE.domainEventCallbackLifecycle });
}

const ping = frame(TYPE.message, 0, { program: KEEPALIVE_PROGRAM, procedure: 1 });
const pong = frame(TYPE.message, 0, { program: KEEPALIVE_PROGRAM, procedure: 2 });

/** An engine with call 1 (no stream) and call 2 (a console) under way. */
function engineWithCalls(): LibvirtRpcEngine {
  const engine = new LibvirtRpcEngine();
  engine.call(PROCEDURE.domainGetState, NOTHING, { opensStream: false });
  engine.call(PROCEDURE.domainOpenConsole, NOTHING, { opensStream: true });
  return engine;
}

function feed(engine: LibvirtRpcEngine, bytes: Uint8Array, cuts: readonly number[]): RpcOutput[] {
  const at = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  return [0, ...at].flatMap((start, index) => engine.receive(bytes.slice(start, at[index])));
}

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const text = (word: string): Uint8Array => new TextEncoder().encode(word);

describe("LibvirtRpcEngine", () => {
  it("writes a call as length, program, version, procedure, type, serial and status", () => {
    const { serial, bytes } = new LibvirtRpcEngine().call(PROCEDURE.authList, NOTHING, { opensStream: false });
    expect(serial).toBe(1);
    const words = [28, 0x20008086, 1, 66, 0, 1, 0];
    expect(Array.from(words, (_, index) => new DataView(bytes.buffer).getUint32(index * 4))).toEqual(words);
    expect(bytes).toHaveLength(28);
  });

  const conversation = joined(
    frame(TYPE.reply, 1, { payload: text("data") }),
    startedEvent(),
    ping,
    frame(TYPE.reply, 2),
    frame(TYPE.stream, 2, { status: STATUS.continue, payload: text("login: ") }),
    frame(TYPE.stream, 2, { status: STATUS.continue }),
  );
  const outcome: RpcOutput[] = [
    { kind: "reply", serial: 1, payload: text("data") },
    { kind: "event", event: { kind: "lifecycle", domain: { name: "web", uuid: UUID, id: 7 }, event: 2, detail: 0 } },
    { kind: "send", bytes: pong },
    { kind: "reply", serial: 2, payload: NOTHING },
    { kind: "stream-data", serial: 2, bytes: text("login: ") },
    { kind: "stream-end", serial: 2 },
  ];

  it("gives replies, events, answers to pings and stream data in order", () => {
    expect(engineWithCalls().receive(conversation)).toEqual(outcome);
  });

  it("does not depend on how the bytes were cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(feed(engineWithCalls(), conversation, cuts)).toEqual(outcome);
      }),
    );
  });

  it("gives stream data that came before the reply after it", () => {
    const early = frame(TYPE.stream, 2, { status: STATUS.continue, payload: text("READY") });
    expect(engineWithCalls().receive(joined(early, frame(TYPE.reply, 2)))).toEqual([
      { kind: "reply", serial: 2, payload: NOTHING },
      { kind: "stream-data", serial: 2, bytes: text("READY") },
    ]);
  });

  it("gives the daemon's reason when a call or a stream fails", () => {
    const bytes = joined(
      frame(TYPE.reply, 1, { status: STATUS.error, payload: errorPayload("no domain") }),
      frame(TYPE.reply, 2),
      frame(TYPE.stream, 2, { status: STATUS.error, payload: errorPayload("broken pipe") }),
    );
    expect(engineWithCalls().receive(bytes)).toEqual([
      { kind: "error", serial: 1, error: { code: 42, domain: 10, message: "no domain" } },
      { kind: "reply", serial: 2, payload: NOTHING },
      { kind: "error", serial: 2, error: { code: 42, domain: 10, message: "broken pipe" } },
    ]);
  });

  it("cuts what is sent on a stream into packets that every libvirt takes", () => {
    const engine = engineWithCalls();
    engine.receive(frame(TYPE.reply, 2));
    const packets = engine.sendStream(2, new Uint8Array(MAX_STREAM_PACKET_BYTES + 1));
    expect(packets.map((packet) => packet.length)).toEqual([28 + MAX_STREAM_PACKET_BYTES, 29]);
  });

  it("passes over what was on the way when a stream was aborted", () => {
    const engine = engineWithCalls();
    engine.receive(frame(TYPE.reply, 2));
    expect(engine.abortStream(2)).toEqual([frame(TYPE.stream, 2, { status: STATUS.error })]);
    const late = frame(TYPE.stream, 2, { status: STATUS.continue, payload: text("late") });
    expect([engine.receive(late), engine.sendStream(2, text("x")), engine.finishStream(2)]).toEqual([[], [], []]);
  });

  it("passes over messages of programs that it does not speak", () => {
    const engine = engineWithCalls();
    engine.receive(frame(TYPE.reply, 1));
    expect(engine.receive(frame(TYPE.message, 0, { program: 0x20008087 }))).toEqual([]);
  });

  it.each([
    ["an SSH server's banner", text("SSH-2.0-OpenSSH_9.2p1 Debian\r\n"), "mismatch"],
    ["an HTTP server's answer", text("HTTP/1.1 400 Bad Request\r\n\r\n"), "mismatch"],
    ["another program", frame(TYPE.reply, 1, { program: 0x11111111 }), "mismatch"],
    ["a reply to a call that was never made", frame(TYPE.reply, 99), "malformed"],
    ["another version", frame(TYPE.reply, 1, { version: 2 }), "malformed"],
    ["a call from the daemon", frame(TYPE.call, 1), "malformed"],
    ["stream data for a call without a stream", frame(TYPE.stream, 1, { status: STATUS.continue }), "malformed"],
  ])("refuses %s", (_, bytes, reason) => {
    expect(() => engineWithCalls().receive(bytes)).toThrow(expect.objectContaining({ name: "ProtocolError", reason }));
  });

  it("refuses a message above libvirt's own limit as soon as its length is there", () => {
    const engine = engineWithCalls();
    engine.receive(ping);
    const length = new XdrWriter().unsignedInt(MAX_PAYLOAD_BYTES + 29).finish();
    expect(() => engine.receive(length)).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it("ends random bytes in outputs or a ProtocolError", () => {
    const receive = (bytes: Uint8Array): void => {
      try {
        engineWithCalls().receive(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), receive));
    // Frames with a sound header get deeper.
    const word = fc.constantFrom(0, 1, 2, 3, 14, 201, 318, 319, 329, 362, 0xffffffff);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, word, word, fc.uint8Array({ maxLength: 80 }))), (frames) => {
        const header = { program: REMOTE_PROGRAM, version: 1 };
        receive(
          joined(
            ...frames.map(([procedure, type, serial, status, payload]) =>
              encodeRpcFrame({ ...header, procedure, type, serial, status }, payload),
            ),
          ),
        );
      }),
    );
  });
});

describe("REMOTE_CALL", () => {
  it("names a domain by name, raw UUID and id", () => {
    const bytes = REMOTE_CALL.domainDestroy.encode({ domain: { name: "web", uuid: UUID, id: 7 } });
    expect(bytes).toEqual(domainPayload(new XdrWriter()).finish());
  });

  it("ends random replies in values or a ProtocolError", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(REMOTE_CALL)), fc.uint8Array({ maxLength: 200 }), (call, bytes) => {
        try {
          call.decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
