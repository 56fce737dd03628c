import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  COMMON_MESSAGE,
  DISPLAY_CLIENT_MESSAGE,
  DISPLAY_MESSAGE,
  INPUTS_CLIENT_MESSAGE,
  INPUTS_MESSAGE,
  MAIN_CLIENT_MESSAGE,
  MAIN_MESSAGE,
} from "../../../../protocols/spice/constants/message-types.ts";
import { SpiceReader } from "../../../../protocols/spice/wire/spice-reader.ts";
import { SpiceWriter } from "../../../../protocols/spice/wire/spice-writer.ts";
import { expectNoLeaks } from "../../../../testing/expect-no-leaks.ts";
import { FakeFrameClock } from "../../../../testing/fake-frame-clock.ts";
import { FakeViewCanvas, installFakeImageData } from "../../../../testing/fake-view-canvas.ts";
import { FakeWebSocket } from "../../../../testing/fake-web-socket.ts";
import { linkReplyBytes, miniMessage } from "../../../../testing/spice-messages.ts";
import type { SpiceMedia } from "../media/spice-media.ts";
import type { FromWorker } from "../worker-messages.ts";
import { SpiceClient } from "./spice-client.ts";

const WIDTH = 8;
const HEIGHT = 4;
const BLACK = 0xff000000;
const RED = 0xff0000ff;

const noMedia: SpiceMedia = {
  imageDecoder: {
    jpeg: { decode: () => Promise.reject(new Error("no JPEG here")) },
    inflate: () => Promise.reject(new Error("no zlib here")),
  },
  videoDecoders: { create: () => undefined },
  videoCodecs: ["vp8", "mjpeg"],
  opus: undefined,
};

/** A server of one session, by the stream each channel got. */
class FakeServer {
  readonly sockets = new Map<string, FakeWebSocket>();

  open(name: string): FakeWebSocket {
    const socket = new FakeWebSocket();
    this.sockets.set(name, socket);
    return socket;
  }

  link(name: string): void {
    this.#socket(name).open();
    this.#socket(name).receive(linkReplyBytes({ channel: [0xffff] }));
  }

  send(name: string, type: number, body = new SpiceWriter()): void {
    this.#socket(name).receive(miniMessage(type, body));
  }

  /** Types and bodies of what the client sent on a channel since the last call. */
  take(name: string): [number, number[]][] {
    const reader = new SpiceReader(Uint8Array.from(this.#socket(name).takeSent()));
    const messages: [number, number[]][] = [];
    while (reader.remaining > 0) {
      const type = reader.u16();
      messages.push([type, [...reader.bytes(reader.u32())]]);
    }
    return messages;
  }

  #socket(name: string): FakeWebSocket {
    const socket = this.sockets.get(name);
    if (socket === undefined) throw new Error(`no stream for ${name}`);
    return socket;
  }
}

let server: FakeServer;
let clock: FakeFrameClock;
let said: FromWorker[];
let client: SpiceClient;

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ofKind = <K extends FromWorker["kind"]>(kind: K): Extract<FromWorker, { kind: K }>[] =>
  said.filter((message): message is Extract<FromWorker, { kind: K }> => message.kind === kind);

/** The main channel's first message: a session whose mouse takes movements, and could take places. */
const init = (): SpiceWriter => new SpiceWriter().u32(7).u32(1).u32(3).u32(1).u32(0).u32(0).u32(1000).u32(0);
const channelList = (...channels: [number, number][]): SpiceWriter => {
  const writer = new SpiceWriter().u32(channels.length);
  for (const [type, id] of channels) writer.u8(type).u8(id);
  return writer;
};
/** Surface 0, 32 bits, the primary one. */
const surface = (width = WIDTH, height = HEIGHT): SpiceWriter =>
  new SpiceWriter().u32(0).u32(width).u32(height).u32(32).u32(1);
/** A rectangle of one colour: no clip, a solid brush, rop PUT, no mask. */
const fill = (left: number, top: number, right: number, bottom: number, colour: number): SpiceWriter =>
  new SpiceWriter()
    .u32(0)
    .u32(top)
    .u32(left)
    .u32(bottom)
    .u32(right)
    .u8(0)
    .u8(1)
    .u32(colour)
    .u16(8)
    .u8(0)
    .u32(0)
    .u32(0)
    .u32(0);

/** One message of the guest's agent: protocol, type, opaque, size, data. */
const agentMessage = (type: number, body: SpiceWriter): SpiceWriter =>
  new SpiceWriter().u32(1).u32(type).u64(0n).u32(body.length).bytes(body.finish());

function start(): void {
  client.handle({ kind: "start", pass: { url: "ws://x", protocols: ["v1", "main"] }, address: "web" });
  server.link("main");
  server.send("main", MAIN_MESSAGE.init, init());
}

/** Answers what the client asked the page for. */
async function grantStreams(): Promise<void> {
  for (const { requestId, channel } of ofKind("needStream").splice(0)) {
    const name = `${channel.type}:${channel.id}`;
    if (server.sockets.has(name)) continue;
    client.handle({ kind: "streamReady", requestId, pass: { url: "ws://x", protocols: ["v1", name] } });
    await settled();
    server.link(name);
  }
}

/** Opens what the client wants of the other host, in the order that it asks. Gives what it asked for. */
async function grantAtOtherHost(): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const wanted = said.filter((message) => message.kind === "needStream" && message.channel.target !== undefined);
    const next = wanted[names.length];
    if (next?.kind !== "needStream") return names;
    const { requestId, channel } = next;
    const name = `${channel.target?.host ?? ""} ${String(channel.type)}:${String(channel.id)} of ${String(channel.sessionId)}`;
    names.push(name);
    client.handle({ kind: "streamReady", requestId, pass: { url: "ws://x", protocols: ["v1", name] } });
    await settled();
    server.link(name);
    await settled();
  }
}

/** "DstInfo": host b, port 5900. */
const otherHost = (version?: number): SpiceWriter => {
  const writer = new SpiceWriter()
    .u16(5900)
    .u16(0)
    .u32(2)
    .u32(version === undefined ? 20 : 24)
    .u32(0)
    .u32(0);
  if (version !== undefined) writer.u32(version);
  return writer.u8(0x62).u8(0);
};

function show(): FakeViewCanvas {
  const canvas = new FakeViewCanvas();
  const view = { viewId: 1, screenIndex: 0, canvas: canvas.asOffscreenCanvas, isVisible: true };
  client.handle({ kind: "attachView", ...view });
  return canvas;
}

async function startWithScreen(): Promise<FakeViewCanvas> {
  const canvas = show();
  start();
  server.send("main", MAIN_MESSAGE.channelsList, channelList([2, 0], [3, 0]));
  await grantStreams();
  server.send("2:0", DISPLAY_MESSAGE.surfaceCreate, surface());
  server.send("2:0", DISPLAY_MESSAGE.mark);
  clock.frame();
  return canvas;
}

describe("SpiceClient", () => {
  beforeAll(installFakeImageData);
  expectNoLeaks();
  beforeEach(() => {
    server = new FakeServer();
    clock = new FakeFrameClock();
    said = [];
    client = new SpiceClient({
      post: (message) => said.push(message),
      openSocket: ({ protocols }) => server.open(protocols[1] ?? "").asWebSocket,
      clock,
      media: noMedia,
    });
  });
  afterEach(() => {
    client.dispose();
    expect(clock.pending).toBe(0);
  });

  it("begins a session, asks for the mouse that takes places, and opens the channels that the server lists", async () => {
    start();
    expect(said).toEqual([{ kind: "begun" }, { kind: "mouseMode", mode: "server" }]);
    expect(server.take("main")).toEqual([
      [MAIN_CLIENT_MESSAGE.mouseModeRequest, [2, 0]],
      [MAIN_CLIENT_MESSAGE.attachChannels, []],
    ]);
    server.send("main", MAIN_MESSAGE.channelsList, channelList([2, 0], [3, 0]));
    expect(ofKind("needStream").map(({ channel }) => [channel.type, channel.id, channel.sessionId])).toEqual([
      [2, 0, 7],
      [3, 0, 7],
    ]);
    // VP8 beside MJPEG: bit 10 of the display's capabilities.
    expect((ofKind("needStream")[0]?.channel.capabilities[0] ?? 0) & (1 << 10)).not.toBe(0);
    await grantStreams();
    expect(server.take("2:0").map(([type]) => type)).toContain(DISPLAY_CLIENT_MESSAGE.init);
  });

  it("paints what the server draws onto the view's canvas, with the screen's next frame", async () => {
    const canvas = await startWithScreen();
    expect(ofKind("presented")).toEqual([{ kind: "presented", viewId: 1, widthPx: WIDTH, heightPx: HEIGHT }]);
    server.send("2:0", DISPLAY_MESSAGE.drawFill, fill(2, 1, 5, 3, 0xff0000));
    await settled();
    expect(canvas.rows[1]).toEqual(Array(WIDTH).fill(BLACK));
    clock.frame();
    const red = [BLACK, BLACK, RED, RED, RED, BLACK, BLACK, BLACK];
    const black = Array(WIDTH).fill(BLACK) as number[];
    expect(canvas.rows).toEqual([black, red, red, black]);
  });

  it("tells the page of new pictures at once for a new size, else four times a second", async () => {
    await startWithScreen();
    for (let count = 0; count < 5; count += 1) {
      server.send("2:0", DISPLAY_MESSAGE.drawFill, fill(0, 0, 1, 1, count));
      clock.frame();
      clock.pass(100);
    }
    expect(ofKind("presented").length).toBeLessThanOrEqual(4);
    server.send("2:0", DISPLAY_MESSAGE.surfaceCreate, surface(4, 2));
    clock.frame();
    expect(ofKind("presented").at(-1)).toMatchObject({ widthPx: 4, heightPx: 2 });
  });

  it("sends keys, buttons and places to the inputs channel", async () => {
    await startWithScreen();
    server.send("3:0", INPUTS_MESSAGE.init, new SpiceWriter().u16(4));
    expect(ofKind("guestLockKeys")).toMatchObject([{ keys: { capsLock: true, numLock: false } }]);
    client.handle({ kind: "key", code: "KeyA", isDown: true });
    client.handle({ kind: "key", code: "KeyA", isDown: false });
    client.handle({ kind: "pointerMoved", viewId: 1, x: 5, y: 3 });
    client.handle({ kind: "button", button: "left", isDown: true });
    client.handle({ kind: "wheel", direction: "down" });
    expect(server.take("3:0")).toEqual([
      [INPUTS_CLIENT_MESSAGE.keyDown, [0x1e, 0, 0, 0]],
      [INPUTS_CLIENT_MESSAGE.keyUp, [0x9e, 0, 0, 0]],
      [INPUTS_CLIENT_MESSAGE.mousePosition, [5, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0]],
      [INPUTS_CLIENT_MESSAGE.mousePress, [1, 1, 0]],
      [INPUTS_CLIENT_MESSAGE.mousePress, [5, 1, 0]],
      [INPUTS_CLIENT_MESSAGE.mouseRelease, [5, 1, 0]],
    ]);
  });

  it("shares the clipboard with the guest's agent, and gives it a file piece by piece", async () => {
    start();
    server.send("main", MAIN_MESSAGE.agentConnectedTokens, new SpiceWriter().u32(100));
    server.take("main");
    // Clipboard by demand and monitors.
    server.send("main", MAIN_MESSAGE.agentData, agentMessage(6, new SpiceWriter().u32(0).u32((1 << 5) | (1 << 1))));
    expect(ofKind("agent")).toMatchObject([{ isReady: true, canUseClipboard: true, canResizeGuest: true }]);

    client.handle({ kind: "shareClipboard", content: { text: "hello" } });
    server.send("main", MAIN_MESSAGE.agentData, agentMessage(8, new SpiceWriter().u32(1)));
    await settled();
    server.send("main", MAIN_MESSAGE.agentData, agentMessage(7, new SpiceWriter().u32(1).u32(6)));
    expect(ofKind("clipboardOffered")).toEqual([{ kind: "clipboardOffered", formats: ["text"] }]);
    client.handle({ kind: "fetchClipboard", format: "text" });
    const text = new SpiceWriter().u32(1).bytes(new TextEncoder().encode("world"));
    server.send("main", MAIN_MESSAGE.agentData, agentMessage(4, text));
    expect(ofKind("clipboardFetched")).toEqual([{ kind: "clipboardFetched", content: { text: "world" } }]);

    client.handle({ kind: "sendFile", fileId: 5, file: new File(["12345678"], "notes.txt") });
    server.send("main", MAIN_MESSAGE.agentData, agentMessage(11, new SpiceWriter().u32(5).u32(0)));
    await settled();
    await settled();
    server.send("main", MAIN_MESSAGE.agentData, agentMessage(11, new SpiceWriter().u32(5).u32(3)));
    expect(ofKind("fileEnded")).toEqual([{ kind: "fileEnded", fileId: 5, outcome: "success" }]);
    const agentTypes = server
      .take("main")
      .filter(([type]) => type === MAIN_CLIENT_MESSAGE.agentData)
      .map(([, body]) => body[4]);
    // Grab, the text that was asked for, a request, a file's start and its data.
    expect(agentTypes).toEqual([7, 4, 8, 10, 12]);
  });

  it("ends at a message that breaks the protocol, and names channel and message", async () => {
    await startWithScreen();
    server.send("2:0", DISPLAY_MESSAGE.surfaceCreate, surface(60_000, 60_000));
    await settled();
    const [end] = ofKind("ended");
    expect(end?.error).toMatchObject({ code: "PROTOCOL_LIMIT", detail: { address: "web", protocol: "SPICE" } });
    expect(end?.error.detail["reason"]).toMatch(/^display channel, surfaceCreate: /);
    expect([...server.sockets.values()].map(({ readyState }) => readyState)).toEqual([3, 3, 3]);
  });

  it("ends with the main channel, or when there is no first screen to be had", async () => {
    start();
    server.send("main", MAIN_MESSAGE.channelsList, channelList([2, 0], [2, 1]));
    const [first, second] = ofKind("needStream");
    const error = { code: "CONSOLE_UNAVAILABLE", message: "made up", detail: {} } as const;
    client.handle({ kind: "streamRefused", requestId: second?.requestId ?? 0, error });
    await settled();
    expect([ofKind("ended"), ofKind("remark").length]).toEqual([[], 1]);
    client.handle({ kind: "streamRefused", requestId: first?.requestId ?? 0, error });
    await settled();
    expect(ofKind("ended")).toMatchObject([{ error: { code: "CONSOLE_UNAVAILABLE" } }]);
  });

  it("says that the far side closed", async () => {
    await startWithScreen();
    server.sockets.get("main")?.end();
    expect(ofKind("ended")).toMatchObject([{ error: { code: "REMOTE_CLOSED", detail: { address: "web" } } }]);
  });

  it("goes along when its guest moves to another host that begins anew", async () => {
    const canvas = await startWithScreen();
    server.send("main", MAIN_MESSAGE.migrateBegin, otherHost());
    expect(await grantAtOtherHost()).toEqual(["b 1:0 of 7", "b 2:0 of 7", "b 3:0 of 7"]);
    const connected = server.take("main").at(-1);
    expect(connected).toEqual([MAIN_CLIENT_MESSAGE.migrateConnected, []]);
    server.send("main", MAIN_MESSAGE.migrateEnd);
    expect(server.take("b 1:0 of 7")).toEqual([[MAIN_CLIENT_MESSAGE.migrateEnd, []]]);
    // What is typed meanwhile is for the host that the guest is at.
    client.handle({ kind: "key", code: "KeyB", isDown: true });
    // The old host's last words count no more.
    server.send("2:0", DISPLAY_MESSAGE.surfaceCreate, surface());
    server.send("b 1:0 of 7", MAIN_MESSAGE.init, init());
    expect(server.take("b 2:0 of 7").map(([type]) => type)).toContain(DISPLAY_CLIENT_MESSAGE.init);
    server.send("b 2:0 of 7", DISPLAY_MESSAGE.surfaceCreate, surface(4, 2));
    server.send("b 2:0 of 7", DISPLAY_MESSAGE.drawFill, fill(0, 0, 4, 2, 0xff0000));
    server.send("b 2:0 of 7", DISPLAY_MESSAGE.mark);
    await settled();
    clock.frame();
    expect(canvas.rows).toEqual([Array(4).fill(RED), Array(4).fill(RED)]);
    client.handle({ kind: "key", code: "KeyA", isDown: true });
    expect(server.take("b 3:0 of 7")).toEqual([
      [INPUTS_CLIENT_MESSAGE.keyDown, [0x30, 0, 0, 0]],
      [INPUTS_CLIENT_MESSAGE.keyDown, [0x1e, 0, 0, 0]],
    ]);
    expect(["main", "2:0", "3:0"].map((name) => server.sockets.get(name)?.readyState)).toEqual([3, 3, 3]);
    server.sockets.get("b 1:0 of 7")?.end();
    expect(ofKind("ended")).toMatchObject([{ error: { code: "REMOTE_CLOSED" } }]);
  });

  it("goes along without a break where both hosts can, and asks the new one for what comes later", async () => {
    const canvas = await startWithScreen();
    server.send("main", MAIN_MESSAGE.migrateBeginSeamless, otherHost(1));
    const granted = grantAtOtherHost();
    await settled();
    await settled();
    server.send("b 1:0 of 7", MAIN_MESSAGE.migrateDstSeamlessAck);
    await granted;
    expect(server.take("main").at(-1)).toEqual([MAIN_CLIENT_MESSAGE.migrateConnectedSeamless, []]);
    for (const name of ["2:0", "3:0", "main"]) server.send(name, COMMON_MESSAGE.migrate, new SpiceWriter().u32(0));
    server.send("b 2:0 of 7", DISPLAY_MESSAGE.drawFill, fill(0, 0, WIDTH, HEIGHT, 0xff0000));
    await settled();
    clock.frame();
    expect(canvas.rows[0]).toEqual(Array(WIDTH).fill(RED));
    expect(server.take("b 2:0 of 7").map(([type]) => type)).not.toContain(DISPLAY_CLIENT_MESSAGE.init);
    server.send("b 1:0 of 7", MAIN_MESSAGE.channelsList, channelList([2, 1]));
    expect(ofKind("needStream").at(-1)?.channel).toMatchObject({ type: 2, id: 1, target: { host: "b", port: 5900 } });
    expect(ofKind("ended")).toEqual([]);
  });

  it("begins anew at a host to which its guest has moved already", async () => {
    const canvas = await startWithScreen();
    server.send("main", MAIN_MESSAGE.migrateSwitchHost, otherHost());
    expect(await grantAtOtherHost()).toEqual(["b 1:0 of 0"]);
    server.send("b 1:0 of 0", MAIN_MESSAGE.init, init());
    server.send("b 1:0 of 0", MAIN_MESSAGE.channelsList, channelList([2, 0]));
    const wanted = ofKind("needStream").at(-1);
    expect(wanted?.channel).toMatchObject({ type: 2, id: 0, sessionId: 7, target: { host: "b" } });
    client.handle({
      kind: "streamReady",
      requestId: wanted?.requestId ?? 0,
      pass: { url: "ws://x", protocols: ["v1", "b display"] },
    });
    await settled();
    server.link("b display");
    server.send("b display", DISPLAY_MESSAGE.surfaceCreate, surface(4, 2));
    server.send("b display", DISPLAY_MESSAGE.mark);
    await settled();
    clock.frame();
    expect([canvas.rows.length, ofKind("ended")]).toEqual([2, []]);
  });
});
