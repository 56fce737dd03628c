import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cutAt,
  FULL_HEADER_CAPABILITIES,
  fullMessage,
  linkReplyBytes,
  miniMessage,
} from "../../../testing/spice-messages.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { ChannelKind } from "../constants/channel-kind.ts";
import { ChannelSerials } from "./channel-serials.ts";
import {
  MAX_HELD_MESSAGES,
  SpiceChannel,
  type SpiceChannelEvent,
  type SpiceChannelOptions,
  type SpiceMessage,
} from "./spice-channel.ts";
import { MAX_MESSAGE_BYTES } from "./spice-stream.ts";
import { SpiceWriter } from "./spice-writer.ts";

interface Harness {
  readonly channel: SpiceChannel;
  /** Type and body of each message as [serial, type, ...body]. */
  readonly messages: [bigint, number, ...number[]][];
  readonly events: SpiceChannelEvent[];
  /** Messages to the server behind mini headers, as [type, ...body]; a full header stands there whole. */
  readonly sent: number[][];
  failure(): string | undefined;
}

function harness(options: Partial<SpiceChannelOptions> & { kind?: ChannelKind } = {}): Harness {
  const messages: Harness["messages"] = [];
  const events: SpiceChannelEvent[] = [];
  const sent: number[][] = [];
  const channel = new SpiceChannel({
    kind: "main",
    channelId: 0,
    send: (bytes) => sent.push([...bytes]),
    handleMessage: ({ serial, type, body }: SpiceMessage) => {
      messages.push([serial, type, ...body]);
    },
    handleEvent: (event) => events.push(event),
    ...options,
  });
  const failure = (): string | undefined => {
    const failed = events.find(({ kind }) => kind === "failed");
    return failed?.kind === "failed" ? failed.error.message : undefined;
  };
  return { channel, messages, events, sent, failure };
}

function linked(options: Parameters<typeof harness>[0] = {}): Harness {
  const made = harness(options);
  made.channel.receive(linkReplyBytes());
  return made;
}

const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const u32 = (...values: number[]): SpiceWriter => values.reduce((to, value) => to.u32(value), new SpiceWriter());
const ackSync = (generation: number): number[] => [1, 0, 4, 0, 0, 0, generation, 0, 0, 0];
const ACK = [2, 0, 0, 0, 0, 0];
/** Lets promises that are settled take their turn. */
const turn = async (): Promise<void> => {
  for (let count = 0; count < 20; count += 1) await Promise.resolve();
};

describe("SpiceChannel, link reply", () => {
  it("tells the server's capabilities, then passes messages on with serials counted from 1", () => {
    const { channel, events, messages } = harness();
    channel.receive(linkReplyBytes({ channel: [0b1001, 7] }));
    channel.receive(join(miniMessage(103, Uint8Array.of(1, 2)), miniMessage(104)));
    expect(events).toEqual([{ kind: "opened", capabilities: { common: [0b1011], channel: [0b1001, 7] } }]);
    expect(messages).toEqual([
      [1n, 103, 1, 2],
      [2n, 104],
    ]);
    expect([channel.lastSerial, channel.serverCapabilities?.channel]).toEqual([2n, [0b1001, 7]]);
  });

  it.each([
    [new TextEncoder().encode("RFB 003.008\n    "), "main channel: link: the stream does not begin with REDQ"],
    [u32(0x51444552, 1, 0, 186).finish(), "main channel: link: the server speaks version 1 of the protocol"],
    [u32(0x51444552, 2, 2, 4097).finish(), "main channel: link: a reply of 4097 bytes"],
    [linkReplyBytes({ error: 5 }), "main channel: link: the channel must be encrypted"],
    [linkReplyBytes({ result: 7 }), "main channel: link: permission denied"],
    [join(u32(0x51444552, 2, 2, 2).finish(), new Uint8Array(6)), "main channel: message ends 2 bytes too early"],
  ])("refuses reply %#", (bytes, message) => {
    const { channel, failure } = harness();
    channel.receive(bytes);
    expect(failure()).toBe(message);
  });

  it("refuses a reply that counts more capabilities than it has bytes", () => {
    const { channel, failure } = harness();
    const reply = linkReplyBytes();
    reply.set([0xff, 0xff, 0xff, 0xff], 16 + 166);
    channel.receive(reply);
    expect(failure()).toBe("main channel: link: more capabilities than bytes");
  });

  it("holds messages back until the link's end, because only then the header is known", () => {
    const { channel, sent } = harness();
    channel.sendMessage(104, Uint8Array.of(9));
    expect(sent).toEqual([]);
    channel.receive(linkReplyBytes({ common: FULL_HEADER_CAPABILITIES }));
    channel.sendMessage(105);
    expect(sent).toEqual([
      [1, 0, 0, 0, 0, 0, 0, 0, 104, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9],
      [2, 0, 0, 0, 0, 0, 0, 0, 105, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]);
  });

  it("does not hold messages without bound", () => {
    const { channel, failure } = harness();
    for (let count = 0; count <= MAX_HELD_MESSAGES; count += 1) channel.sendMessage(104);
    expect(failure()).toBe("main channel: more than 4096 messages wait to be sent");
  });
});

describe("SpiceChannel, full headers", () => {
  it("takes serials and sub-messages, which come before their message", () => {
    const { channel, messages } = harness({ kind: "display" });
    channel.receive(linkReplyBytes({ common: FULL_HEADER_CAPABILITIES }));
    // The body begins with a byte of its own; sub-messages stand at 1 and 8, their list at 15.
    const body = new SpiceWriter().u8(77).u16(301).u32(1).u8(5).u16(302).u32(1).u8(6).u16(2).u32(1).u32(8);
    channel.receive(fullMessage(40, 303, body, 15));
    expect(messages.map(([serial, type, first]) => [serial, type, first])).toEqual([
      [40n, 301, 5],
      [40n, 302, 6],
      [40n, 303, 77],
    ]);
    expect(channel.lastSerial).toBe(40n);
  });

  it("takes a LIST as nothing but its sub-messages", () => {
    const { channel, messages } = linked();
    channel.receive(miniMessage(8, new SpiceWriter().u16(1).u32(6).u16(110).u32(2).u8(3).u8(4)));
    expect(messages).toEqual([[1n, 110, 3, 4]]);
  });

  it("takes as many sub-messages as its limit", () => {
    const { channel, messages } = linked();
    const list = new SpiceWriter().u16(1024);
    for (let count = 0; count < 1024; count += 1) list.u32(2 + 4 * 1024);
    channel.receive(miniMessage(8, list.u16(110).u32(0)));
    expect(messages).toHaveLength(1024);
  });

  it.each([
    [new SpiceWriter().u16(1025), "main channel: list: 1025 sub-messages"],
    [new SpiceWriter().u16(1).u32(6).u16(8).u32(0), "main channel: list: a list within a list"],
    [new SpiceWriter().u16(1).u32(6).u16(110).u32(9).u8(3), "main channel: message ends 8 bytes too early"],
    [new SpiceWriter().u16(1).u32(600), "main channel: offset 600 is outside of a message of 6 bytes"],
  ])("refuses list %#", (body, message) => {
    const { channel, failure } = linked();
    channel.receive(miniMessage(8, body));
    expect(failure()).toBe(message);
  });
});

describe("SpiceChannel, acknowledgement", () => {
  it("answers SET_ACK and acknowledges each window of messages after it", () => {
    const { channel, sent } = linked();
    channel.receive(join(miniMessage(3, u32(9, 2)), miniMessage(110)));
    expect(sent).toEqual([ackSync(9)]);
    channel.receive(join(miniMessage(110), miniMessage(110), miniMessage(110), miniMessage(110)));
    expect(sent).toEqual([ackSync(9), ACK, ACK]);
  });

  it("sends no acknowledgement for a window of 0", () => {
    const { channel, sent } = linked();
    channel.receive(join(miniMessage(3, u32(1, 0)), miniMessage(110), miniMessage(110)));
    expect(sent).toEqual([ackSync(1)]);
  });

  it("counts a message when its promise has settled, and holds back those behind it", async () => {
    let settle = (): void => undefined;
    const types: number[] = [];
    const { channel, sent } = linked({
      handleMessage: ({ type }) => {
        types.push(type);
        return type === 110 ? new Promise<void>((resolve) => (settle = resolve)) : undefined;
      },
    });
    channel.receive(join(miniMessage(3, u32(1, 1)), miniMessage(110), miniMessage(111), miniMessage(112)));
    await turn();
    expect([types, sent.length, channel.queuedBytes]).toEqual([[110], 1, 12]);
    settle();
    await turn();
    expect([types, sent.slice(1), channel.queuedBytes]).toEqual([[110, 111, 112], [ACK, ACK, ACK], 0]);
  });
});

describe("SpiceChannel, common messages", () => {
  it("answers a ping with its id and time, without its filling", () => {
    const { channel, sent } = linked();
    channel.receive(miniMessage(4, u32(5, 6, 7).bytes(new Uint8Array(1000))));
    expect(sent).toEqual([[3, 0, 12, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0]]);
  });

  it("tells notifications and that the server is leaving", () => {
    const { channel, events } = linked();
    const text = new TextEncoder().encode("keyboard channel is insecure");
    channel.receive(miniMessage(7, u32(0, 0, 1, 2, 0, text.length).bytes(text)));
    channel.receive(miniMessage(6, u32(0, 0, 7)));
    expect(events.slice(1)).toEqual([
      { kind: "notify", severity: "warn", visibility: "high", code: 0, text: "keyboard channel is insecure" },
      { kind: "disconnecting", reason: 7, text: "permission denied" },
    ]);
  });

  it.each([
    [miniMessage(9), "display channel 2, message 9: the protocol has no such message"],
    [miniMessage(4, u32(5)), "display channel 2, ping: message ends 8 bytes too early"],
    [miniMessage(2), "display channel 2, migrateData: came without a migration"],
    [Uint8Array.of(0x30, 1, 0, 0, 0, 0x80), `display channel 2: drawCopy: a message of ${String(2 ** 31)} bytes`],
  ])("ends with an error that names channel and message %#", (bytes, message) => {
    const { channel, failure, events } = linked({ kind: "display", channelId: 2 });
    channel.receive(bytes);
    channel.receive(miniMessage(7, u32(0, 0, 0, 0, 0, 0)));
    expect(failure()).toBe(message);
    expect(events.at(-1)?.kind).toBe("failed");
  });

  it("names the message when its handler finds it broken, at once or later", async () => {
    const broken = new ProtocolError("malformed", "no such image type");
    const now = linked({
      kind: "display",
      handleMessage: () => {
        throw broken;
      },
    });
    now.channel.receive(miniMessage(304));
    const later = linked({ kind: "display", handleMessage: () => Promise.reject(broken) });
    later.channel.receive(miniMessage(999));
    await turn();
    expect([now.failure(), later.failure()]).toEqual([
      "display channel, drawCopy: no such image type",
      "display channel, message 999: no such image type",
    ]);
  });

  it("says nothing more after dispose, not even of a promise that settles later", async () => {
    const { channel, events } = linked({ handleMessage: () => Promise.reject(new ProtocolError("malformed", "late")) });
    channel.receive(miniMessage(110));
    channel.dispose();
    channel.sendMessage(104);
    await turn();
    expect(events.map(({ kind }) => kind)).toEqual(["opened"]);
  });
});

describe("SpiceChannel, waiting for other channels", () => {
  const wait = (type: number, id: number, serial: number): Uint8Array =>
    miniMessage(5, new SpiceWriter().u8(1).u8(type).u8(id).u64(BigInt(serial)));

  it("waits until the other channel has handled the message", async () => {
    const serials = new ChannelSerials();
    const first = linked({ kind: "display", channelId: 0, serials });
    const second = linked({ kind: "display", channelId: 1, serials });
    second.channel.receive(join(wait(2, 0, 2), miniMessage(304)));
    first.channel.receive(miniMessage(304));
    await turn();
    expect(second.messages).toEqual([]);
    first.channel.receive(miniMessage(304));
    await turn();
    expect(second.messages).toEqual([[2n, 304]]);
  });

  it("does not wait for a channel that is not open, nor for one that ends", async () => {
    const serials = new ChannelSerials();
    const first = linked({ kind: "display", channelId: 0, serials });
    const second = linked({ kind: "display", channelId: 1, serials });
    second.channel.receive(join(wait(2, 5, 2), wait(2, 0, 9), miniMessage(304)));
    await turn();
    expect(second.messages).toEqual([]);
    first.channel.dispose();
    await turn();
    expect(second.messages).toEqual([[3n, 304]]);
    second.channel.receive(join(wait(2, 0, 99), miniMessage(304)));
    await turn();
    expect(second.messages).toHaveLength(2);
  });

  it("ends channels that wait for each other", async () => {
    const serials = new ChannelSerials();
    const first = linked({ kind: "display", channelId: 0, serials });
    const second = linked({ kind: "display", channelId: 1, serials });
    first.channel.receive(wait(2, 1, 1));
    second.channel.receive(wait(2, 0, 1));
    await turn();
    expect([first.failure(), second.failure()]).toEqual([
      undefined,
      "display channel 1, waitForChannels: channels wait for each other",
    ]);
    const alone = linked({ kind: "display", serials: new ChannelSerials() });
    alone.channel.receive(wait(2, 0, 1));
    await turn();
    expect(alone.failure()).toBe("display channel, waitForChannels: channels wait for each other");
  });
});

describe("SpiceChannel, migration", () => {
  const next = (): Harness => linked({ startsOnHold: true });

  it("hands the server's data over to the other host and goes on counting", () => {
    const old = linked();
    old.channel.receive(join(miniMessage(110), miniMessage(1, u32(3))));
    old.channel.sendMessage(108);
    old.channel.receive(join(miniMessage(2, Uint8Array.of(4, 5)), miniMessage(999)));
    old.channel.sendMessage(109);
    expect(old.events.at(-1)).toEqual({ kind: "migrate" });
    const other = next();
    other.channel.receive(miniMessage(111));
    old.channel.switchTo(other.channel, { serials: "keep" });
    other.channel.receive(miniMessage(112));
    expect(old.sent).toEqual([[4, 0, 0, 0, 0, 0]]);
    expect(other.sent).toEqual([
      [5, 0, 2, 0, 0, 0, 4, 5],
      [108, 0, 0, 0, 0, 0],
      [109, 0, 0, 0, 0, 0],
    ]);
    expect(old.messages).toEqual([
      [1n, 110],
      [4n, 111],
      [5n, 112],
    ]);
    expect(other.messages).toEqual([]);
  });

  it("begins anew with a host that does not know the session", () => {
    const old = linked();
    old.channel.receive(join(miniMessage(3, u32(1, 2)), miniMessage(110)));
    const other = next();
    old.channel.switchTo(other.channel, { serials: "restart" });
    other.channel.receive(miniMessage(110));
    expect([old.channel.lastSerial, other.sent]).toEqual([1n, []]);
    expect(old.events.map(({ kind }) => kind)).toEqual(["opened", "opened"]);
  });

  it("keeps what is sent while it is frozen for the other host", () => {
    const old = linked();
    old.channel.freeze();
    old.channel.sendMessage(104);
    old.channel.receive(miniMessage(4, u32(1, 2, 3)));
    const other = next();
    old.channel.switchTo(other.channel, { serials: "restart" });
    old.channel.sendMessage(105);
    // The ping was the old host's.
    expect([old.sent.map(([type]) => type), other.sent.map(([type]) => type)]).toEqual([[3], [104, 105]]);
  });

  it("goes on with the window that the other host has told already", () => {
    const old = linked();
    old.channel.receive(join(miniMessage(3, u32(1, 9)), miniMessage(1, u32(0))));
    const other = linked();
    other.channel.receive(join(miniMessage(3, u32(5, 2)), miniMessage(117)));
    other.channel.hold();
    other.channel.receive(miniMessage(110));
    old.channel.switchTo(other.channel, { serials: "keep" });
    other.channel.receive(join(miniMessage(110), miniMessage(110)));
    expect(other.sent).toEqual([ackSync(5), ACK, ACK]);
    expect(old.events.map(({ kind }) => kind)).toEqual(["opened", "migrate", "moved"]);
  });

  it("calls another message than the data malformed, and a switch to a host that has not answered", () => {
    const first = linked();
    first.channel.receive(join(miniMessage(1, u32(2)), miniMessage(110)));
    const second = linked();
    second.channel.switchTo(harness({ startsOnHold: true }).channel, { serials: "keep" });
    expect([first.failure(), second.failure()]).toEqual([
      "main channel, agentToken: came where the data of a migration must come",
      "main channel: the other host's channel is not open",
    ]);
  });
});

describe("SpiceChannel, any bytes", () => {
  const body = fc.uint8Array({ maxLength: 40 });
  const talk = fc.array(
    fc.oneof(
      fc.tuple(fc.integer({ min: 101, max: 330 }), body).map(([type, bytes]) => miniMessage(type, bytes)),
      fc.tuple(fc.nat(3), fc.nat(3)).map(([generation, window]) => miniMessage(3, u32(generation, window))),
      body.map((bytes) => miniMessage(4, u32(1, 2, 3).bytes(bytes))),
      fc.nat(3).map((flags) => miniMessage(1, u32(flags))),
    ),
  );

  const seen = ({ messages, events, sent }: Harness): unknown => ({ messages, events, sent });

  it("does not depend on how the bytes were cut", () => {
    fc.assert(
      fc.property(talk, fc.array(fc.nat()), (parts, cuts) => {
        const bytes = join(linkReplyBytes(), ...parts);
        const whole = harness();
        whole.channel.receive(bytes);
        const cut = harness();
        for (const piece of cutAt(bytes, cuts)) cut.channel.receive(piece);
        expect(seen(cut)).toEqual(seen(whole));
      }),
    );
  });

  it("ends in messages or one ProtocolError, whatever comes", async () => {
    const noise = fc.oneof(
      body,
      fc.tuple(fc.nat(20), body).map(([type, bytes]) => miniMessage(type, bytes)),
      fc.tuple(fc.nat(400), fc.nat(60)).map(([type, size]) => new SpiceWriter().u16(type).u32(size).finish()),
    );
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.boolean(), fc.array(noise), async (isLinked, isMini, chunks) => {
        const made = harness();
        if (isLinked) made.channel.receive(linkReplyBytes(isMini ? {} : { common: FULL_HEADER_CAPABILITIES }));
        for (const chunk of chunks) made.channel.receive(chunk);
        await turn();
        const failures = made.events.filter((event) => event.kind === "failed");
        expect(failures.length).toBeLessThanOrEqual(1);
        for (const { error } of failures) expect(error).toBeInstanceOf(ProtocolError);
      }),
      { numRuns: 400 },
    );
  });

  it("keeps no more than its limit while a handler is busy", () => {
    const { channel, failure } = linked({ handleMessage: () => new Promise<void>(() => undefined) });
    channel.receive(miniMessage(110));
    const chunk = new Uint8Array(MAX_MESSAGE_BYTES.main);
    for (let count = 0; count < 40; count += 1) channel.receive(chunk);
    expect(failure()).toMatch(/^main channel: more than \d+ bytes wait to be read$/);
  });
});
