import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { PlaybackChannel, type PlaybackEvent } from "./playback-channel.ts";
import { MAX_RAW_PACKET_FRAMES, RecordChannel, type RecordEvent } from "./record-channel.ts";

const start = (channels = 2, format = 1, frequency = 48_000): SpiceWriter =>
  new SpiceWriter().u32(channels).u16(format).u32(frequency);

function playback(): {
  channel: PlaybackChannel;
  events: PlaybackEvent[];
  receive: (type: number, body?: SpiceWriter) => void;
} {
  const events: PlaybackEvent[] = [];
  const channel = new PlaybackChannel({ handleEvent: (event) => events.push(event) });
  const receive = (type: number, body = new SpiceWriter()): void => {
    channel.handleMessage({ type, serial: 1n, body: body.finish() });
  };
  return { channel, events, receive };
}

function record(): {
  channel: RecordChannel;
  events: RecordEvent[];
  sent: [number, ...number[]][];
  receive: (type: number, body?: SpiceWriter) => void;
} {
  const events: RecordEvent[] = [];
  const sent: [number, ...number[]][] = [];
  const channel = new RecordChannel({
    handleEvent: (event) => events.push(event),
    sendMessage: (type, body) => sent.push([type, ...body]),
  });
  const receive = (type: number, body = new SpiceWriter()): void => {
    channel.handleMessage({ type, serial: 1n, body: body.finish() });
  };
  return { channel, events, sent, receive };
}

describe("playback channel", () => {
  const [DATA, MODE, START, STOP, VOLUME, MUTE, LATENCY] = [101, 102, 103, 104, 105, 106, 107] as const;
  const mode = (number: number): SpiceWriter => new SpiceWriter().u32(0).u16(number);
  const data = (time: number, ...bytes: number[]): SpiceWriter =>
    new SpiceWriter().u32(time).bytes(Uint8Array.from(bytes));

  it("tells start, packets with their time and codec, and stop", () => {
    const { channel, events, receive } = playback();
    receive(MODE, mode(3));
    receive(START, start(1, 1, 44_100).u32(1000));
    receive(DATA, data(1010, 1, 2, 3));
    receive(MODE, mode(1));
    receive(DATA, data(1020, 1, 2, 3, 4));
    expect(channel.format).toEqual({ channels: 1, frequencyHz: 44_100 });
    receive(STOP);
    receive(STOP);
    receive(DATA, data(1030, 1, 2));
    expect(events).toEqual([
      { kind: "start", format: { channels: 1, frequencyHz: 44_100 }, timeMs: 1000 },
      { kind: "packet", codec: "opus", timeMs: 1010, data: Uint8Array.of(1, 2, 3) },
      { kind: "packet", codec: "raw", timeMs: 1020, data: Uint8Array.of(1, 2, 3, 4) },
      { kind: "stop" },
    ]);
  });

  it("tells volume, mute and latency", () => {
    const { events, receive } = playback();
    receive(VOLUME, new SpiceWriter().u8(2).u16(65535).u16(7));
    receive(VOLUME, new SpiceWriter().u8(0));
    receive(MUTE, new SpiceWriter().u8(1));
    receive(LATENCY, new SpiceWriter().u32(200));
    expect(events).toEqual([
      { kind: "volume", channels: [65535, 7] },
      { kind: "mute", isMuted: true },
      { kind: "latency", latencyMs: 200 },
    ]);
  });

  it("tells of a codec that it does not know, and drops its packets", () => {
    const { events, receive } = playback();
    receive(MODE, mode(2));
    receive(START, start().u32(0));
    receive(DATA, data(0, 1));
    expect(events.map(({ kind }) => kind)).toEqual(["unsupportedCodec", "start"]);
  });

  it("stops, and expects raw sound, at a host that begins anew", () => {
    const { channel, events, receive } = playback();
    receive(MODE, mode(3));
    receive(START, start().u32(0));
    channel.reset();
    receive(START, start().u32(0));
    receive(DATA, data(0, 1, 2, 3, 4));
    expect(events.map((event) => (event.kind === "packet" ? event.codec : event.kind))).toEqual([
      "start",
      "stop",
      "start",
      "raw",
    ]);
  });

  it.each([
    [START, start(0).u32(0), "sound of 0 channels"],
    [START, start(9).u32(0), "sound of 9 channels"],
    [START, start(2, 2).u32(0), "sound of format 2"],
    [START, start(2, 1, 7999).u32(0), "sound of 7999 samples a second"],
    [START, start(2, 1, 192_001).u32(0), "sound of 192001 samples a second"],
    [VOLUME, new SpiceWriter().u8(2).u16(1), "message ends 2 bytes too early"],
    [108, new SpiceWriter(), "the protocol has no such message"],
  ])("refuses message %i (%#)", (type, body, message) => {
    expect(() => {
      playback().receive(type, body);
    }).toThrow(expect.objectContaining({ name: "ProtocolError", message }));
  });

  it("refuses half samples", () => {
    const { receive } = playback();
    receive(START, start().u32(0));
    expect(() => {
      receive(DATA, data(0, 1, 2));
    }).toThrow("2 bytes are no whole samples");
  });

  it("ends in events or ProtocolError, whatever comes", () => {
    const message = fc.tuple(fc.integer({ min: 100, max: 109 }), fc.uint8Array({ maxLength: 20 }));
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const { receive } = playback();
        try {
          receive(START, start().u32(0));
          for (const [type, body] of messages) receive(type, new SpiceWriter().bytes(body));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});

describe("record channel", () => {
  const [START, STOP, VOLUME, MUTE] = [101, 102, 103, 104] as const;
  const [DATA, MODE, START_MARK] = [101, 102, 103] as const;

  it("sends nothing unless the guest listens, then codec and mark before the first sound", () => {
    const { channel, events, sent, receive } = record();
    expect(channel.sendSound("raw", 5, new Uint8Array(4))).toBe(false);
    receive(START, start());
    channel.sendSound("opus", 7, Uint8Array.of(1, 2, 3));
    channel.sendSound("opus", 8, Uint8Array.of(4));
    channel.sendSound("raw", 9, Uint8Array.of(1, 2, 3, 4));
    receive(STOP);
    expect(channel.sendSound("raw", 10, new Uint8Array(4))).toBe(false);
    expect(sent).toEqual([
      [MODE, 7, 0, 0, 0, 3, 0],
      [START_MARK, 7, 0, 0, 0],
      [DATA, 7, 0, 0, 0, 1, 2, 3],
      [DATA, 8, 0, 0, 0, 4],
      [MODE, 9, 0, 0, 0, 1, 0],
      [DATA, 9, 0, 0, 0, 1, 2, 3, 4],
    ]);
    expect(events).toEqual([{ kind: "start", format: { channels: 2, frequencyHz: 48_000 } }, { kind: "stop" }]);
  });

  it("cuts long raw sound, each piece with its own time", () => {
    const { channel, sent, receive } = record();
    receive(START, start(1));
    channel.sendSound("raw", 2 ** 32 - 5, new Uint8Array(2 * MAX_RAW_PACKET_FRAMES + 2));
    expect(sent.slice(2).map((message) => [message.length - 5, message[1]])).toEqual([
      [2 * MAX_RAW_PACKET_FRAMES, 251],
      [2, 5],
    ]);
  });

  it("tells volume and mute, and stops at a host that begins anew", () => {
    const { channel, events, receive } = record();
    receive(VOLUME, new SpiceWriter().u8(1).u16(9));
    receive(VOLUME, new SpiceWriter().u8(0));
    receive(MUTE, new SpiceWriter().u8(0));
    receive(START, start());
    channel.reset();
    channel.reset();
    expect(events).toEqual([
      { kind: "volume", channels: [9] },
      { kind: "mute", isMuted: false },
      { kind: "start", format: { channels: 2, frequencyHz: 48_000 } },
      { kind: "stop" },
    ]);
  });

  it("ends in events or ProtocolError, whatever comes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 106 }), fc.uint8Array({ maxLength: 20 }), (type, body) => {
        try {
          record().receive(type, new SpiceWriter().bytes(body));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
