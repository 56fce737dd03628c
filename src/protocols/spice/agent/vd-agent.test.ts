import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutAt } from "../../../testing/spice-messages.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { capabilityWords } from "../constants/capabilities.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { MAX_FILE_CHUNK_BYTES, MAX_FILES } from "./agent-files.ts";
import { MAX_OUTBOX_BYTES } from "./agent-outbox.ts";
import { AGENT_CAPABILITY, AGENT_MESSAGE, CLIENT_CAPABILITIES, MAX_AGENT_DATA_BYTES } from "./agent-protocol.ts";
import { AGENT_WINDOW_TOKENS, VdAgent, type VdAgentEvent } from "./vd-agent.ts";

const C = AGENT_CAPABILITY;
const M = AGENT_MESSAGE;

/** What a current Linux agent has. */
const LINUX_AGENT = [
  C.monitorsConfig,
  C.clipboardByDemand,
  C.clipboardSelection,
  C.sparseMonitorsConfig,
  C.guestLineendLf,
  C.maxClipboard,
  C.audioVolumeSync,
  C.monitorsConfigPosition,
  C.displayConfig,
  C.fileXferDetailedErrors,
  C.clipboardGrabSerial,
];

const WINDOWS_AGENT = [C.monitorsConfig, C.clipboardByDemand, C.guestLineendCrlf];

function message(type: number, body: SpiceWriter | Uint8Array = new SpiceWriter()): Uint8Array<ArrayBuffer> {
  const bytes = body instanceof SpiceWriter ? body.finish() : body;
  return new SpiceWriter().u32(1).u32(type).u64(0n).u32(bytes.length).bytes(bytes).finish();
}

const u32 = (...values: number[]): SpiceWriter => values.reduce((to, value) => to.u32(value), new SpiceWriter());
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

interface Harness {
  readonly agent: VdAgent;
  readonly events: VdAgentEvent[];
  /** Pieces of agent data as they went out. */
  readonly pieces: Uint8Array[];
  /** What the main channel was told beside data. */
  readonly calls: [string, number][];
  /** Whole messages of `pieces` as [type, body], which are removed. */
  takeMessages(): [number, Uint8Array][];
  takeEvents(): VdAgentEvent[];
}

function harness(options: { maxClipboardBytes?: number } = {}): Harness {
  const events: VdAgentEvent[] = [];
  const pieces: Uint8Array[] = [];
  const calls: [string, number][] = [];
  const agent = new VdAgent({
    startAgent: (tokens) => calls.push(["start", tokens]),
    sendAgentData: (piece) => pieces.push(piece),
    grantAgentTokens: (count) => calls.push(["grant", count]),
    handleEvent: (event) => events.push(event),
    ...options,
  });
  const takeMessages = (): [number, Uint8Array][] => {
    const reader = new SpiceReader(Uint8Array.from(pieces.splice(0).flatMap((piece) => [...piece])));
    const messages: [number, Uint8Array][] = [];
    while (reader.remaining > 0) {
      expect(reader.u32()).toBe(1);
      const type = reader.u32();
      expect(reader.u64()).toBe(0n);
      messages.push([type, reader.bytes(reader.u32())]);
    }
    return messages;
  };
  return { agent, events, pieces, calls, takeMessages, takeEvents: () => events.splice(0) };
}

/** An agent that has announced itself; nothing is left of that in what was sent and told. */
function ready(capabilities: readonly number[] = LINUX_AGENT, options: Parameters<typeof harness>[0] = {}): Harness {
  const made = harness(options);
  made.agent.handleConnected(1_000_000);
  made.agent.handleData(message(M.announceCapabilities, u32(0, ...capabilityWords(capabilities))));
  made.takeMessages();
  made.takeEvents();
  return made;
}

describe("agent, ANNOUNCE_CAPABILITIES", () => {
  it("starts the agent, announces and asks, and is ready once the agent has answered", () => {
    const { agent, calls, takeMessages, takeEvents } = harness({ maxClipboardBytes: 1000 });
    agent.handleConnected(10);
    expect(calls).toEqual([["start", AGENT_WINDOW_TOKENS]]);
    const words = capabilityWords(CLIENT_CAPABILITIES);
    expect(takeMessages()).toEqual([[M.announceCapabilities, u32(1, ...words).finish()]]);
    expect([agent.isReady, agent.offerClipboard("clipboard", ["text"])]).toEqual([false, false]);
    agent.handleData(message(M.announceCapabilities, u32(1, ...capabilityWords(LINUX_AGENT))));
    expect(takeMessages()).toEqual([
      [M.announceCapabilities, u32(0, ...words).finish()],
      [M.maxClipboard, u32(1000).finish()],
    ]);
    expect(takeEvents()).toEqual([{ kind: "agentReady", capabilities: capabilityWords(LINUX_AGENT) }]);
    expect([agent.isReady, agent.can(C.clipboardGrabSerial), agent.can(C.fileXferDisabled)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("forgets everything when the agent goes, and begins anew when it comes back", () => {
    const { agent, calls, takeEvents, takeMessages } = ready();
    agent.startFile({ id: 1, name: "a", sizeBytes: 5 });
    agent.handleData(message(M.clipboardGrab, u32(0, 0, 1)));
    agent.requestClipboard("clipboard", "text");
    takeMessages();
    agent.handleData(message(M.reply, u32(M.monitorsConfig, 1)).subarray(0, 22));
    agent.handleDisconnected();
    expect(takeEvents()).toEqual([
      { kind: "clipboardOffered", selection: "clipboard", formats: ["text"] },
      { kind: "clipboardReceived", selection: "clipboard", content: undefined, isTooLong: false },
      { kind: "clipboardReleased", selection: "clipboard" },
      { kind: "fileEnded", id: 1, outcome: { kind: "agentNotConnected" } },
      { kind: "agentGone" },
    ]);
    agent.handleData(message(M.reply, u32(1, 1)));
    agent.handleConnected(undefined);
    expect(calls).toHaveLength(2);
    expect(takeMessages()).toHaveLength(1);
    agent.handleData(message(M.reply, u32(M.monitorsConfig, 2)));
    expect(takeEvents()).toEqual([{ kind: "agentReply", messageType: M.monitorsConfig, isSuccess: false }]);
  });
});

describe("agent, flow control", () => {
  it("sends a piece for each token and no more, cut at 2048 bytes with the header", () => {
    const { agent, pieces, takeMessages } = harness();
    agent.handleConnected(3);
    agent.handleData(message(M.announceCapabilities, u32(0, ...capabilityWords(WINDOWS_AGENT))));
    takeMessages();
    const bytes = Uint8Array.from({ length: 5000 }, (_, at) => at);
    agent.provideClipboard("clipboard", { format: "png", bytes });
    expect(pieces.map(({ length }) => length)).toEqual([MAX_AGENT_DATA_BYTES, MAX_AGENT_DATA_BYTES]);
    agent.handleTokens(5);
    expect(pieces.map(({ length }) => length)).toEqual([2048, 2048, 20 + 4 + 5000 - 4096]);
    expect(takeMessages()).toEqual([[M.clipboard, u32(2).bytes(bytes).finish()]]);
  });

  it("grants the server tokens as it uses them", () => {
    const { agent, calls } = ready();
    for (let count = 0; count < AGENT_WINDOW_TOKENS; count += 1) agent.handleData(new Uint8Array(0));
    const granted = calls.filter(([name]) => name === "grant").map(([, count]) => count);
    // Two halves; the announcement was one of the first.
    expect(granted).toEqual([AGENT_WINDOW_TOKENS / 2, AGENT_WINDOW_TOKENS / 2]);
  });

  it("takes no more than its limit while the guest reads nothing", () => {
    const { agent } = ready(LINUX_AGENT, { maxClipboardBytes: MAX_OUTBOX_BYTES });
    agent.handleConnected(0);
    agent.handleData(message(M.announceCapabilities, u32(0, ...capabilityWords(LINUX_AGENT))));
    const content = { format: "png", bytes: new Uint8Array(MAX_OUTBOX_BYTES / 2) } as const;
    expect([1, 2, 3].map(() => agent.provideClipboard("clipboard", content))).toEqual([true, false, false]);
  });

  it("does not depend on how the data were cut", () => {
    const talk = Uint8Array.from(
      [
        message(M.announceCapabilities, u32(0, ...capabilityWords(LINUX_AGENT))),
        message(M.clipboardGrab, u32(0, 0, 1, 2)),
        message(M.clipboard, u32(0, 1).bytes(new Uint8Array(3000))),
        message(M.clipboardRelease, u32(0)),
        message(M.reply, u32(2, 1)),
      ].flatMap((one) => [...one]),
    );
    const feed = (cuts: readonly number[]): VdAgentEvent[] => {
      const { agent, events } = harness({ maxClipboardBytes: 2000 });
      agent.handleConnected(10);
      for (const piece of cutAt(talk, cuts)) agent.handleData(piece);
      return events;
    };
    const whole = feed([]);
    expect(whole.map(({ kind }) => kind)).toEqual([
      "agentReady",
      "clipboardOffered",
      "clipboardReleased",
      "agentReply",
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(feed(cuts)).toEqual(whole);
      }),
    );
  });
});

describe("agent, clipboard from the guest", () => {
  it("asks for what is offered, and gives text with LF and without the zero at its end", () => {
    const { agent, takeMessages, takeEvents } = ready();
    agent.handleData(message(M.clipboardGrab, u32(1, 0, 1, 99, 5)));
    expect(takeEvents()).toEqual([{ kind: "clipboardOffered", selection: "primary", formats: ["text", "jpg"] }]);
    expect([
      agent.requestClipboard("primary", "text"),
      agent.requestClipboard("primary", "png"),
      agent.requestClipboard("clipboard", "text"),
    ]).toEqual([true, false, false]);
    expect(takeMessages()).toEqual([[M.clipboardRequest, u32(1, 1).finish()]]);
    agent.handleData(message(M.clipboard, u32(1, 1).bytes(bytesOf("grün\r\nrot\n\0\0"))));
    const content = { format: "text", text: "grün\nrot\n" };
    expect(takeEvents()).toEqual([{ kind: "clipboardReceived", selection: "primary", content, isTooLong: false }]);
  });

  it("takes a text of nothing but zero bytes as empty", () => {
    const { agent, takeEvents } = ready();
    agent.handleData(message(M.clipboardGrab, u32(0, 0, 1)));
    agent.requestClipboard("clipboard", "text");
    agent.handleData(message(M.clipboard, u32(0, 1).bytes(new Uint8Array(2))));
    expect(takeEvents().at(-1)).toMatchObject({ content: { format: "text", text: "" } });
  });

  it("drops data that nobody asked for, and of a selection that it does not know", () => {
    const { agent, takeEvents } = ready();
    agent.handleData(message(M.clipboard, u32(0, 1).bytes(bytesOf("unasked"))));
    for (const type of [M.clipboardGrab, M.clipboardRequest, M.clipboardRelease, M.clipboard]) {
      agent.handleData(message(type, u32(7, 0)));
    }
    expect(takeEvents()).toEqual([]);
  });

  it("ends a request that the guest cannot answer, or answers with too much", () => {
    const { agent, takeEvents } = ready(LINUX_AGENT, { maxClipboardBytes: 100 });
    agent.handleData(message(M.clipboardGrab, u32(0, 0, 1)));
    agent.requestClipboard("clipboard", "text");
    agent.handleData(message(M.clipboard, u32(0, 0)));
    agent.requestClipboard("clipboard", "text");
    agent.handleData(message(M.clipboard, u32(0, 1).bytes(new Uint8Array(100))));
    agent.requestClipboard("clipboard", "text");
    agent.handleData(message(M.clipboard, u32(0, 1).bytes(new Uint8Array(92))));
    expect(
      takeEvents()
        .slice(1)
        .map((event) => event.kind === "clipboardReceived" && event.isTooLong),
    ).toEqual([false, true, false]);
  });

  it("of two grabs at the same time takes the one that the guest takes too (GRAB_SERIAL)", () => {
    const { agent, takeMessages, takeEvents } = ready();
    agent.offerClipboard("clipboard", ["text"]);
    expect(takeMessages()).toEqual([[M.clipboardGrab, u32(0, 0, 1).finish()]]);
    agent.handleData(message(M.clipboardGrab, u32(0, 0, 1)));
    expect(takeEvents()).toEqual([]);
    agent.handleData(message(M.clipboardGrab, u32(0, 1, 1)));
    expect(takeEvents()).toHaveLength(1);
    agent.offerClipboard("clipboard", ["png"]);
    expect(takeMessages()).toEqual([[M.clipboardGrab, u32(0, 2, 2).finish()]]);
  });
});

describe("agent, clipboard to the guest", () => {
  it("offers, is asked, and answers, with the guest's line ends", () => {
    const { agent, takeMessages, takeEvents } = ready(WINDOWS_AGENT);
    expect([agent.offerClipboard("clipboard", ["text", "png"]), agent.offerClipboard("primary", ["text"])]).toEqual([
      true,
      false,
    ]);
    agent.handleData(message(M.clipboardRequest, u32(1)));
    expect(takeEvents()).toEqual([{ kind: "clipboardRequested", selection: "clipboard", format: "text" }]);
    agent.provideClipboard("clipboard", { format: "text", text: "a\nb\r\nc" });
    agent.releaseClipboard("clipboard");
    agent.releaseClipboard("clipboard");
    expect(takeMessages()).toEqual([
      [M.clipboardGrab, u32(1, 2).finish()],
      [M.clipboard, u32(1).bytes(bytesOf("a\r\nb\r\nc")).finish()],
      [M.clipboardRelease, new Uint8Array(0)],
    ]);
  });

  it("answers NONE to a request for what is not there, and instead of what is too long", () => {
    const { agent, takeMessages, takeEvents } = ready(LINUX_AGENT, { maxClipboardBytes: 10 });
    agent.handleData(message(M.clipboardRequest, u32(0, 1)));
    agent.offerClipboard("clipboard", ["text"]);
    const long = { format: "png", bytes: new Uint8Array(11) } as const;
    expect([agent.provideClipboard("clipboard", long), agent.provideClipboard("clipboard", undefined)]).toEqual([
      false,
      true,
    ]);
    const none = [M.clipboard, u32(0, 0).finish()];
    expect(takeMessages()).toEqual([none, [M.clipboardGrab, u32(0, 0, 1).finish()], none, none]);
    expect(takeEvents()).toEqual([]);
  });
});

describe("agent, monitors, display and volume", () => {
  const layout = { widthPx: 800, heightPx: 600, xPx: 0, yPx: 0 };
  const off = { widthPx: 0, heightPx: 0, xPx: 0, yPx: 0 };

  it("sends monitors with their places, and millimetres where they are known", () => {
    const { agent, takeMessages } = ready();
    agent.setMonitors([layout, off, { ...layout, xPx: -800, widthMm: 300, heightMm: 200 }]);
    const body = u32(3, 3, 600, 800, 32, 0, 0, 0, 0, 32, 0, 0, 600, 800, 32).i32(-800).i32(0);
    for (const size of [0, 0, 0, 0, 200, 300]) body.u16(size);
    expect(takeMessages()).toEqual([[M.monitorsConfig, body.finish()]]);
  });

  it("leaves out what is switched off for an agent that cannot take it", () => {
    const { agent, takeMessages } = ready(WINDOWS_AGENT);
    agent.setMonitors([off, { ...off, widthPx: 5 }, layout, { ...off, heightPx: 5 }]);
    expect(takeMessages()).toEqual([[M.monitorsConfig, u32(1, 1, 600, 800, 32, 0, 0).finish()]]);
  });

  it("sends no millimetres where only one side is known, because old agents refuse the longer message", () => {
    const { agent, takeMessages } = ready();
    agent.setMonitors([
      { ...layout, widthMm: 300 },
      { ...layout, heightMm: 200 },
    ]);
    expect(takeMessages().map(([, body]) => [body.length, body[4]])).toEqual([[8 + 2 * 20, 1]]);
  });

  it("sends only the last layout of those that wait", () => {
    const { agent, takeMessages } = harness();
    agent.handleConnected(2);
    agent.handleData(message(M.announceCapabilities, u32(0, 1 << C.monitorsConfig)));
    for (const widthPx of [100, 200, 300]) agent.setMonitors([{ ...layout, widthPx }]);
    agent.handleTokens(10);
    const layouts = takeMessages().filter(([type]) => type === M.monitorsConfig);
    expect(layouts.map(([, body]) => new SpiceReader(body, 12).u32())).toEqual([100, 300]);
  });

  it("sends wishes for the desktop, and volumes", () => {
    const { agent, takeMessages } = ready();
    agent.setDisplayWishes({ isWallpaperOff: true, isAnimationOff: true });
    agent.setDisplayWishes({ colourDepth: 16 });
    agent.setVolume({ device: "playback", isMuted: false, channels: [65535, 1] });
    expect(takeMessages()).toEqual([
      [M.displayConfig, u32(5, 0).finish()],
      [M.displayConfig, u32(8, 16).finish()],
      [M.audioVolumeSync, Uint8Array.of(1, 0, 2, 255, 255, 1, 0)],
    ]);
  });

  it("says false where the agent cannot", () => {
    const { agent, takeMessages } = ready([]);
    expect([
      agent.setMonitors([layout]),
      agent.setDisplayWishes({}),
      agent.setVolume({ device: "record", isMuted: true, channels: [] }),
      agent.provideClipboard("clipboard", undefined),
      agent.requestClipboard("clipboard", "text"),
    ]).toEqual([false, false, false, false, false]);
    expect(takeMessages()).toEqual([]);
  });
});

describe("agent, files", () => {
  const status = (id: number, result: number, details = new SpiceWriter()): Uint8Array =>
    message(M.fileXferStatus, u32(id, result).bytes(details.finish()));

  it("names the file as GLib's key files do, and no path", () => {
    const { agent, takeMessages } = ready();
    agent.startFile({ id: 7, name: "C:\\x/ \ta\\b\nc.txt", sizeBytes: 12 });
    agent.startFile({ id: 8, name: " ü\r", sizeBytes: 0 });
    const text = takeMessages().map(([type, body]) => [type, new TextDecoder().decode(body.subarray(4))]);
    expect(text).toEqual([
      [M.fileXferStart, "[vdagent-file-xfer]\nname=b\\nc.txt\nsize=12\n\0"],
      [M.fileXferStart, "[vdagent-file-xfer]\nname=\\sü\\r\nsize=0\n\0"],
    ]);
  });

  it("wants the next piece once the last one is gone, and ends as the guest says", () => {
    const { agent, takeMessages, takeEvents } = harness();
    agent.handleConnected(1000);
    agent.handleData(message(M.announceCapabilities, u32(0, ...capabilityWords([]))));
    takeEvents();
    const sizeBytes = MAX_FILE_CHUNK_BYTES + 10;
    agent.startFile({ id: 1, name: "a", sizeBytes });
    agent.handleData(status(1, 0));
    const want = { kind: "fileWantsData", id: 1, fromByte: 0, maxBytes: MAX_FILE_CHUNK_BYTES };
    expect(takeEvents()).toEqual([want]);
    takeMessages();
    expect([
      agent.pushFileChunk(1, new Uint8Array(MAX_FILE_CHUNK_BYTES + 1)),
      agent.pushFileChunk(1, new Uint8Array(MAX_FILE_CHUNK_BYTES).fill(5)),
      agent.pushFileChunk(2, new Uint8Array(1)),
    ]).toEqual([false, true, false]);
    expect(takeEvents()).toEqual([{ ...want, fromByte: MAX_FILE_CHUNK_BYTES, maxBytes: 10 }]);
    agent.pushFileChunk(1, new Uint8Array(10).fill(6));
    expect(agent.pushFileChunk(1, new Uint8Array(1))).toBe(false);
    const data = takeMessages();
    expect(data.map(([type, body]) => [type, body.length, body.at(-1)])).toEqual([
      [M.fileXferData, 12 + MAX_FILE_CHUNK_BYTES, 5],
      [M.fileXferData, 22, 6],
    ]);
    expect([...data[1]![1].subarray(0, 12)]).toEqual([1, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0]);
    agent.handleData(status(1, 3));
    expect(takeEvents()).toEqual([{ kind: "fileEnded", id: 1, outcome: { kind: "success" } }]);
  });

  it("wants nothing while the guest does not read", () => {
    const { agent, takeEvents } = harness();
    agent.handleConnected(3);
    agent.handleData(message(M.announceCapabilities, u32(0, 0)));
    agent.startFile({ id: 1, name: "a", sizeBytes: 1_000_000 });
    agent.handleData(status(1, 0));
    takeEvents();
    agent.pushFileChunk(1, new Uint8Array(MAX_FILE_CHUNK_BYTES));
    expect(takeEvents()).toEqual([]);
    agent.handleTokens(100);
    expect(takeEvents()).toHaveLength(1);
  });

  it("gives an empty file as one empty message", () => {
    const { agent, takeMessages, takeEvents } = ready();
    agent.startFile({ id: 1, name: "a", sizeBytes: 0 });
    agent.handleData(status(1, 0));
    expect(takeMessages()[1]).toEqual([M.fileXferData, u32(1, 0, 0).finish()]);
    expect(takeEvents()).toEqual([]);
  });

  it("has several on their way, and takes back what waits of one that is cancelled", () => {
    const { agent, takeMessages, takeEvents } = harness();
    agent.handleConnected(4);
    agent.handleData(message(M.announceCapabilities, u32(0, 0)));
    for (const id of [1, 2]) agent.startFile({ id, name: "a", sizeBytes: 3000 });
    for (const id of [1, 2]) agent.handleData(status(id, 0));
    for (const id of [1, 2]) agent.pushFileChunk(id, new Uint8Array(3000).fill(id));
    takeEvents();
    agent.cancelFile(1);
    agent.cancelFile(2);
    agent.cancelFile(2);
    agent.handleTokens(100);
    // The first was begun, so it goes out whole; of the second nothing goes.
    expect(
      takeMessages()
        .slice(3)
        .map(([type, body]) => [type, ...body.subarray(0, 8)]),
    ).toEqual([
      [M.fileXferData, 1, 0, 0, 0, 0xb8, 0x0b, 0, 0],
      [M.fileXferStatus, 1, 0, 0, 0, 1, 0, 0, 0],
      [M.fileXferStatus, 2, 0, 0, 0, 1, 0, 0, 0],
    ]);
    agent.handleData(status(1, 0));
    expect(takeEvents()).toEqual([
      { kind: "fileEnded", id: 1, outcome: { kind: "cancelled" } },
      { kind: "fileEnded", id: 2, outcome: { kind: "cancelled" } },
    ]);
  });

  it.each([
    [1, new SpiceWriter(), { kind: "cancelled" }],
    [2, new SpiceWriter(), { kind: "error", code: undefined }],
    [2, new SpiceWriter().u8(0).u32(13), { kind: "error", code: 13 }],
    [4, new SpiceWriter(), { kind: "notEnoughSpace", freeBytes: undefined }],
    [4, new SpiceWriter().u64(4096n), { kind: "notEnoughSpace", freeBytes: 4096 }],
    [5, new SpiceWriter(), { kind: "sessionLocked" }],
    [6, new SpiceWriter(), { kind: "agentNotConnected" }],
    [7, new SpiceWriter(), { kind: "disabled" }],
    [99, new SpiceWriter().u8(0).u32(1), { kind: "error", code: undefined }],
  ])("tells status %i", (result, details, outcome) => {
    const { agent, takeEvents } = ready();
    agent.startFile({ id: 1, name: "a", sizeBytes: 1 });
    agent.handleData(status(1, result, details));
    expect(takeEvents()).toEqual([{ kind: "fileEnded", id: 1, outcome }]);
  });

  it("offers nothing to a guest that forbids it, and not two files by one id, nor too many", () => {
    const forbidden = ready([C.fileXferDisabled]);
    expect(forbidden.agent.startFile({ id: 1, name: "a", sizeBytes: 1 })).toBe(true);
    expect(forbidden.takeEvents()).toEqual([{ kind: "fileEnded", id: 1, outcome: { kind: "disabled" } }]);
    expect(forbidden.takeMessages()).toEqual([]);
    const { agent } = ready();
    const started = Array.from({ length: MAX_FILES + 1 }, (_, id) => agent.startFile({ id, name: "a", sizeBytes: 1 }));
    expect([started.indexOf(false), agent.startFile({ id: 1, name: "a", sizeBytes: 1 })]).toEqual([MAX_FILES, false]);
    expect(harness().agent.startFile({ id: 1, name: "a", sizeBytes: 1 })).toBe(false);
  });
});

describe("agent, any data", () => {
  it.each([
    [u32(2).finish(), undefined],
    [u32(2, 1, 0, 0, 0).finish(), "the agent speaks protocol 2"],
    [u32(1, M.reply, 0, 0, 65537).finish(), "agent message reply: 65537 bytes"],
    [
      message(M.clipboardGrab, u32(0, 0).bytes(new Uint8Array(260))),
      "agent message clipboardGrab: an offer of 65 formats",
    ],
    [message(M.fileXferStatus, u32(1)), "agent message fileXferStatus: message ends 4 bytes too early"],
    [message(77, u32(1)), undefined],
  ])("is checked (%#)", (data, problem) => {
    const act = (): void => {
      ready().agent.handleData(data);
    };
    if (problem === undefined) act();
    else expect(act).toThrow(expect.objectContaining({ name: "ProtocolError", message: problem }));
  });

  it("ends in events or ProtocolError", () => {
    const body = fc.uint8Array({ maxLength: 60 });
    const part = fc.oneof(
      body,
      fc.tuple(fc.nat(18), body).map(([type, bytes]) => message(type, bytes)),
      fc.tuple(fc.nat(18), fc.nat(3), fc.nat(8)).map(([type, a, b]) => message(type, u32(a, b, 1, 2))),
    );
    fc.assert(
      fc.property(fc.constantFrom(LINUX_AGENT, WINDOWS_AGENT, []), fc.array(part), (capabilities, parts) => {
        const { agent, events } = ready(capabilities, { maxClipboardBytes: 50 });
        agent.offerClipboard("clipboard", ["text"]);
        agent.startFile({ id: 1, name: "a", sizeBytes: 10 });
        try {
          for (const bytes of parts) {
            agent.handleData(bytes);
            agent.requestClipboard("clipboard", "text");
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
        expect(events.length).toBeLessThan(1000);
      }),
      { numRuns: 500 },
    );
  });
});
