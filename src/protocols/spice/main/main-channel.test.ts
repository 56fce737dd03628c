import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { type AgentPort, MainChannel, type MainChannelEvent } from "./main-channel.ts";

function harness(): {
  channel: MainChannel;
  receive: (type: number, body?: SpiceWriter) => void;
  events: MainChannelEvent[];
  sent: number[][];
  agent: unknown[][];
} {
  const events: MainChannelEvent[] = [];
  const sent: number[][] = [];
  const agent: unknown[][] = [];
  const port: AgentPort = {
    handleConnected: (tokens) => agent.push(["connected", tokens]),
    handleDisconnected: () => agent.push(["disconnected"]),
    handleData: (bytes) => agent.push(["data", ...bytes]),
    handleTokens: (count) => agent.push(["tokens", count]),
  };
  const channel = new MainChannel({
    sendMessage: (type, body) => sent.push([type, ...body]),
    handleEvent: (event) => events.push(event),
    agent: port,
  });
  const receive = (type: number, body = new SpiceWriter()): void => {
    channel.handleMessage({ type, serial: 1n, body: body.finish() });
  };
  return { channel, receive, events, sent, agent };
}

const u32 = (...values: number[]): SpiceWriter => values.reduce((to, value) => to.u32(value), new SpiceWriter());
const init = (isAgentConnected: 0 | 1): SpiceWriter => u32(0x1234, 1, 3, 2, isAgentConnected, 10, 5000, 65536);
const text = (value: string): Uint8Array => new TextEncoder().encode(`${value}\0`);

/** "DstInfo" and what follows it, with the texts behind. */
function target(host: string, subject: string, more = new SpiceWriter()): SpiceWriter {
  const at = 20 + more.length;
  return new SpiceWriter()
    .u16(5900)
    .u16(0xffff)
    .u32(text(host).length)
    .u32(at)
    .u32(subject === "" ? 0 : text(subject).length)
    .u32(subject === "" ? 0 : at + text(host).length)
    .bytes(more.finish())
    .bytes(text(host))
    .bytes(subject === "" ? new Uint8Array(0) : text(subject));
}

describe("main channel, INIT", () => {
  it("tells the session and asks for its channels", () => {
    const { channel, receive, events, sent, agent } = harness();
    receive(103, init(0));
    expect(events).toEqual([
      {
        kind: "init",
        init: {
          sessionId: 0x1234,
          displayChannelsHint: 1,
          supportedMouseModes: ["server", "client"],
          mouseMode: "client",
          isAgentConnected: false,
          agentTokens: 10,
          mediaTimeMs: 5000,
          ramHintBytes: 65536,
        },
      },
    ]);
    expect([sent, agent, channel.init?.sessionId]).toEqual([[[104]], [["disconnected"]], 0x1234]);
  });

  it("does not ask for channels after a move: they are open", () => {
    const { channel, receive, sent } = harness();
    channel.expectInitAfterMove();
    receive(103, init(0));
    expect(sent).toEqual([]);
    receive(103, init(0));
    expect(sent).toEqual([[104]]);
  });

  it("hands INIT's tokens to the first agent, and those of its own coming to a later one", () => {
    const { receive, agent } = harness();
    receive(103, init(1));
    receive(108, u32(0));
    receive(107);
    receive(115, u32(7));
    receive(109, new SpiceWriter().u8(1).u8(2));
    receive(110, u32(3));
    expect(agent).toEqual([
      ["connected", 10],
      ["disconnected"],
      ["connected", undefined],
      ["connected", 7],
      ["data", 1, 2],
      ["tokens", 3],
    ]);
  });
});

describe("main channel, other messages", () => {
  it("lists channels and leaves out kinds that it does not know", () => {
    const { receive, events } = harness();
    receive(104, u32(3).u8(2).u8(1).u8(99).u8(0).u8(11).u8(4));
    expect(events).toEqual([
      {
        kind: "channels",
        channels: [
          { kind: "display", channelId: 1 },
          { kind: "webdav", channelId: 4 },
        ],
      },
    ]);
  });

  it("tells mouse mode, time, name and uuid", () => {
    const { receive, events } = harness();
    receive(105, new SpiceWriter().u16(1).u16(1));
    receive(106, u32(99));
    receive(113, u32(5).bytes(text("win7")));
    receive(114, new SpiceWriter().bytes(Uint8Array.from({ length: 16 }, (_, at) => at)));
    expect(events).toEqual([
      { kind: "mouseMode", supported: ["server"], current: "server" },
      { kind: "mediaTime", timeMs: 99 },
      { kind: "name", name: "win7" },
      { kind: "uuid", uuid: "00010203-0405-0607-0809-0a0b0c0d0e0f" },
    ]);
  });

  it("reads the other host of a migration from where the message says", () => {
    const { receive, events } = harness();
    receive(101, target("host-b", ""));
    receive(116, target("host-b", "CN=b", u32(1)));
    receive(111, target("host-c", ""));
    receive(102);
    receive(112);
    receive(117);
    receive(118);
    const host = { host: "host-b", port: 5900, securePort: undefined, certificateSubject: undefined };
    expect(events).toEqual([
      { kind: "migrateBegin", target: host, seamlessVersion: undefined },
      { kind: "migrateBegin", target: { ...host, certificateSubject: "CN=b" }, seamlessVersion: 1 },
      { kind: "migrateSwitchHost", target: { ...host, host: "host-c" } },
      { kind: "migrateCancel" },
      { kind: "migrateEnd" },
      { kind: "seamlessAnswer", isAccepted: true },
      { kind: "seamlessAnswer", isAccepted: false },
    ]);
  });

  it("sends what is asked of it", () => {
    const { channel, sent } = harness();
    channel.requestMouseMode("client");
    channel.startAgent(5);
    channel.sendAgentData(Uint8Array.of(9));
    channel.grantAgentTokens(2);
    channel.answerMigrateBegin("connected");
    channel.answerMigrateBegin("connectedSeamless");
    channel.answerMigrateBegin("failed");
    channel.requestSeamless(1);
    channel.sendMigrateEnd();
    expect(sent).toEqual([
      [105, 2, 0],
      [106, 5, 0, 0, 0],
      [107, 9],
      [108, 2, 0, 0, 0],
      [102],
      [111],
      [103],
      [110, 1, 0, 0, 0],
      [109],
    ]);
  });

  it.each([
    [99, new SpiceWriter(), "the protocol has no such message"],
    [104, u32(257), "a list of 257 channels"],
    [104, u32(2).u16(0), "message ends 1 bytes too early"],
    [105, new SpiceWriter().u16(3).u16(3), "mouse mode 3"],
    [113, u32(2000), "a name of 2000 bytes"],
    [101, target("", ""), "the other host has no name"],
    [101, u32(0, 2, 20, 0, 0).bytes(text("b")), "the other host has no port"],
    [101, u32(5900, 2000, 20, 0, 0), "a text of 2000 bytes"],
    [101, u32(5900, 4, 900, 0, 0), "offset 900 is outside of a message of 20 bytes"],
  ])("refuses message %i (%#)", (type, body, message) => {
    expect(() => {
      harness().receive(type, body);
    }).toThrow(expect.objectContaining({ name: "ProtocolError", message }));
  });

  it("ends in events or ProtocolError, whatever comes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 99, max: 120 }), fc.uint8Array({ maxLength: 60 }), (type, body) => {
        try {
          harness().channel.handleMessage({ type, serial: 1n, body });
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
