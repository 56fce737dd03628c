import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { MAX_QMP_COMMANDS, MAX_QMP_MESSAGE_BYTES, QmpEngine, type QmpOutput } from "./qmp-engine.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (chunk: Uint8Array): string => new TextDecoder().decode(chunk);

// Recorded from QEMU 7.2.22.
const GREETING =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian 1:7.2+dfsg-7"}, "capabilities": ["oob"]}}\r\n';
const CAPABILITIES_REPLY = '{"return": {}, "id": 0}\r\n';
const STOP_EVENT = '{"timestamp": {"seconds": 1763863000, "microseconds": 4711}, "event": "STOP"}\r\n';

function readyEngine(): QmpEngine {
  const engine = new QmpEngine();
  engine.receive(bytes(GREETING + CAPABILITIES_REPLY));
  return engine;
}

describe("QMP, Server Greeting", () => {
  it("answers the greeting with qmp_capabilities and is ready after its reply", () => {
    const engine = new QmpEngine();
    expect(engine.receive(bytes(GREETING))).toEqual([
      { kind: "greeting", version: { major: 7, minor: 2, micro: 22 } },
      { kind: "send", bytes: bytes('{"execute":"qmp_capabilities","id":0}\r\n') },
    ]);
    expect(engine.receive(bytes(CAPABILITIES_REPLY))).toEqual([{ kind: "ready" }]);
  });

  it.each([["RFB 003.008\n"], ["SSH-2.0-OpenSSH_9.2\r\n"], ['{"return": {}}\r\n'], ['{"QMP": 1}\r\n'], ["{]}"]])(
    "calls %j another protocol",
    (hello) => {
      expect(() => new QmpEngine().receive(bytes(hello))).toThrow(
        new ProtocolError("mismatch", "it does not begin with a QMP greeting"),
      );
    },
  );

  it("refuses a command before the negotiation ended", () => {
    expect(() => new QmpEngine().execute("query-status")).toThrow(ProtocolError);
  });
});

describe("QMP, commands and replies", () => {
  it("gives each command an id and finds its reply by it", () => {
    const engine = readyEngine();
    const first = engine.execute("query-name");
    const second = engine.execute("screendump", { filename: "/tmp/a.png" });
    expect([text(first.bytes), text(second.bytes)]).toEqual([
      '{"execute":"query-name","id":1}\r\n',
      '{"execute":"screendump","arguments":{"filename":"/tmp/a.png"},"id":2}\r\n',
    ]);
    const replies =
      '{"id": 2, "error": {"class": "GenericError", "desc": "no space"}}{"id": 1, "return": {"name": "a"}}';
    expect(engine.receive(bytes(replies))).toEqual([
      { kind: "failure", id: 2, errorClass: "GenericError", description: "no space" },
      { kind: "reply", id: 1, value: { name: "a" } },
    ]);
  });

  it("passes events on, also between a command and its reply", () => {
    const engine = readyEngine();
    const { id } = engine.execute("stop");
    expect(engine.receive(bytes(`${STOP_EVENT}{"return": {}, "id": ${id}}\r\n`))).toEqual([
      { kind: "event", name: "STOP", data: {} },
      { kind: "reply", id, value: {} },
    ]);
  });

  it("reads a message of a monitor with pretty=on, which has many lines and braces in texts", () => {
    const engine = readyEngine();
    const { id } = engine.execute("query-name");
    const pretty = `{\r\n    "return": {\r\n        "name": "a } \\" { b"\r\n    },\r\n    "id": ${id}\r\n}\r\n`;
    expect(engine.receive(bytes(pretty))).toEqual([{ kind: "reply", id, value: { name: 'a } " { b' } }]);
  });

  it.each([
    ['{"return": {}, "id": 99}'],
    ['{"return": {}}'],
    ['{"error": {"class": "GenericError", "desc": "JSON parse error"}}'],
    ['{"event": 5}'],
    ['{"event": "STOP", "data": []}'],
    ["{}"],
    ["[]"],
  ])("calls %j malformed", (message) => {
    const engine = readyEngine();
    engine.execute("query-name");
    expect(() => engine.receive(bytes(message))).toThrow(ProtocolError);
  });

  it("does not take one reply twice", () => {
    const engine = readyEngine();
    const { id } = engine.execute("stop");
    const reply = bytes(`{"return": {}, "id": ${id}}`);
    engine.receive(reply);
    expect(() => engine.receive(reply)).toThrow(ProtocolError);
  });
});

describe("QMP, limits", () => {
  it("refuses a message above MAX_QMP_MESSAGE_BYTES, whole or in pieces", () => {
    const huge = bytes(`{"event": "${"x".repeat(MAX_QMP_MESSAGE_BYTES)}`);
    expect(() => readyEngine().receive(huge)).toThrow(/more than 1048576 bytes/);
    const engine = readyEngine();
    engine.receive(bytes("{"));
    const piece = bytes('"'.padEnd(64 * 1024, "x"));
    expect(() => {
      for (let count = 0; count < 17; count += 1) engine.receive(count === 0 ? piece : piece.subarray(1));
    }).toThrow(/more than 1048576 bytes/);
  });

  it("lets no more than MAX_QMP_COMMANDS wait", () => {
    const engine = readyEngine();
    for (let count = 0; count < MAX_QMP_COMMANDS; count += 1) engine.execute("stop");
    expect(() => engine.execute("stop")).toThrow(ProtocolError);
  });
});

describe("QMP, any bytes", () => {
  it("does not depend on how the bytes were cut", () => {
    const talk = bytes(
      `${GREETING}${CAPABILITIES_REPLY}${STOP_EVENT}{"event": "VNC_CONNECTED", "data": {"é": "}"}}\r\n`,
    );
    const feed = (cuts: readonly number[]): QmpOutput[] => {
      const engine = new QmpEngine();
      const edges = [...new Set(cuts.map((cut) => cut % talk.length)), talk.length].sort((a, b) => a - b);
      let from = 0;
      return edges.flatMap((to) => {
        const outputs = engine.receive(talk.slice(from, to));
        from = to;
        return outputs;
      });
    };
    const whole = feed([]);
    expect(whole.map(({ kind }) => kind)).toEqual(["greeting", "send", "ready", "event", "event"]);
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(feed(cuts)).toEqual(whole);
      }),
    );
  });

  it("ends in outputs or ProtocolError", () => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(bytes),
      fc.dictionary(fc.constantFrom("QMP", "return", "error", "event", "id", "data"), fc.jsonValue()).map((value) => {
        return bytes(JSON.stringify(value));
      }),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(message, { maxLength: 8 }), (isReady, messages) => {
        const engine = isReady ? readyEngine() : new QmpEngine();
        try {
          if (isReady) engine.execute("query-name");
          for (const chunk of messages) engine.receive(chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
