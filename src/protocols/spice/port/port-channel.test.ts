import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { MAX_PORT_WRITE_BYTES, PortChannel, type PortChannelEvent, type PortChannelOptions } from "./port-channel.ts";

const [DATA, COMPRESSED, INIT, EVENT] = [101, 102, 201, 202] as const;

function harness(options: Partial<PortChannelOptions> = {}): {
  channel: PortChannel;
  events: PortChannelEvent[];
  sent: [number, Uint8Array][];
  receive: (type: number, body?: SpiceWriter | Uint8Array) => void;
} {
  const events: PortChannelEvent[] = [];
  const sent: [number, Uint8Array][] = [];
  const channel = new PortChannel({
    kind: "port",
    sendMessage: (type, body) => sent.push([type, body]),
    handleEvent: (event) => events.push(event),
    ...options,
  });
  const receive = (type: number, body: SpiceWriter | Uint8Array = new Uint8Array(0)): void => {
    channel.handleMessage({ type, serial: 1n, body: body instanceof SpiceWriter ? body.finish() : body });
  };
  return { channel, events, sent, receive };
}

const init = (name: string, opened: number): SpiceWriter =>
  new SpiceWriter()
    .u32(name.length + 1)
    .u32(9)
    .u8(opened)
    .bytes(new TextEncoder().encode(`${name}\0`));

describe("port channel", () => {
  it("tells its name, and what the guest's end does", () => {
    const { channel, events, receive } = harness();
    receive(INIT, init("org.qemu.console.0", 0));
    expect([channel.name, channel.isOpen, channel.write(Uint8Array.of(1))]).toEqual([
      "org.qemu.console.0",
      false,
      false,
    ]);
    receive(EVENT, Uint8Array.of(0));
    expect(channel.isOpen).toBe(true);
    receive(DATA, Uint8Array.of(7, 8));
    receive(DATA);
    for (const number of [2, 1, 9]) receive(EVENT, Uint8Array.of(number));
    expect(events).toEqual([
      { kind: "init", name: "org.qemu.console.0", isOpen: false },
      { kind: "opened" },
      { kind: "data", bytes: Uint8Array.of(7, 8) },
      { kind: "break" },
      { kind: "closed" },
    ]);
    expect(channel.isOpen).toBe(false);
  });

  it("writes in pieces that a server takes, and sends events", () => {
    const { channel, sent, receive } = harness();
    receive(INIT, init("a", 1));
    expect([channel.write(new Uint8Array(MAX_PORT_WRITE_BYTES + 1)), channel.write(new Uint8Array(0))]).toEqual([
      true,
      true,
    ]);
    channel.sendEvent("break");
    expect(sent.map(([type, body]) => [type, body.length, body[0]])).toEqual([
      [DATA, MAX_PORT_WRITE_BYTES, 0],
      [DATA, 1, 0],
      [201, 1, 2],
    ]);
  });

  it("a usbredir channel is open from the beginning, and has no port messages", () => {
    const { channel, sent, receive } = harness({ kind: "usbredir" });
    channel.write(Uint8Array.of(5));
    expect(sent).toEqual([[DATA, Uint8Array.of(5)]]);
    for (const type of [INIT, EVENT]) {
      expect(() => {
        receive(type, init("a", 1));
      }).toThrow("the protocol has no such message");
    }
  });

  it("takes INIT again after a reset", () => {
    const { channel, receive } = harness();
    receive(INIT, init("a", 1));
    channel.reset();
    expect([channel.name, channel.isOpen]).toEqual([undefined, false]);
    receive(INIT, init("b", 1));
    expect([channel.name, channel.isOpen]).toEqual(["b", true]);
  });

  it("decompresses by what it was given", () => {
    const { events, receive } = harness({
      decompressLz4: (bytes, length) => new Uint8Array(length).fill(bytes[0] ?? 0),
    });
    receive(COMPRESSED, new SpiceWriter().u8(1).u32(3).u8(9));
    receive(COMPRESSED, new SpiceWriter().u8(0).u8(4));
    expect(events).toEqual([
      { kind: "data", bytes: Uint8Array.of(9, 9, 9) },
      { kind: "data", bytes: Uint8Array.of(4) },
    ]);
  });

  it.each<[Partial<PortChannelOptions>, number, SpiceWriter, string]>([
    [{}, COMPRESSED, new SpiceWriter().u8(1).u32(3), "compression 1 was not offered"],
    [
      { decompressLz4: () => new Uint8Array(2) },
      COMPRESSED,
      new SpiceWriter().u8(2).u32(3),
      "compression 2 was not offered",
    ],
    [
      { decompressLz4: () => new Uint8Array(2) },
      COMPRESSED,
      new SpiceWriter().u8(1).u32(3),
      "2 bytes where 3 were told",
    ],
    [
      { decompressLz4: (bytes) => bytes },
      COMPRESSED,
      new SpiceWriter().u8(1).u32(2 ** 31),
      "2147483648 bytes in one message",
    ],
    [{}, INIT, new SpiceWriter().u32(2000).u32(9).u8(0), "a name of 2000 bytes"],
    [{}, 103, new SpiceWriter(), "the protocol has no such message"],
  ])("refuses broken messages (%#)", (options, type, body, message) => {
    expect(() => {
      harness(options).receive(type, body);
    }).toThrow(expect.objectContaining({ name: "ProtocolError", message }));
  });

  // QEMU 7.2 says INIT again after a seamless migration: the channel ended with "came twice".
  it("takes a second INIT as the state of now, but no other name", () => {
    const { channel, events, receive } = harness();
    for (const opened of [1, 1, 0, 1]) receive(INIT, init("a", opened));
    expect([channel.isOpen, events.map(({ kind }) => kind)]).toEqual([true, ["init", "closed", "opened"]]);
    expect(() => {
      receive(INIT, init("b", 1));
    }).toThrow("the port has another name now");
  });

  it("ends in events or ProtocolError, whatever comes", () => {
    const type = fc.constantFrom(DATA, COMPRESSED, INIT, EVENT, 100, 200);
    fc.assert(
      fc.property(fc.boolean(), type, fc.uint8Array({ maxLength: 40 }), (hasLz4, number, body) => {
        const { receive } = harness(hasLz4 ? { decompressLz4: (bytes) => bytes } : {});
        try {
          receive(number, body);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
