/**
 * A process that is a SPICE server with a recording in it: answers every link, plays each channel's bytes as fast as the client
 * takes them, and asks with a ping at the display channel's end when the client is done with all of it. The same over TCP and, for
 * spice-html5, over WebSockets, beside its page. `node spice-replay-server.ts RECORDING` prints its ports as one JSON line, then
 * one line a session: the milliseconds from the display's first byte to the answer.
 */
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join, normalize } from "node:path";
import { type Duplex } from "node:stream";
import { gunzipSync } from "node:zlib";
import { createWebSocketStream, WebSocketServer } from "ws";
import { CHANNEL_TYPE } from "../../src/protocols/spice/constants/channel-kind.ts";
import { bytesOfChannel, decodeRecording } from "../../src/testing/spice/recording.ts";

const LINK_HEADER_BYTES = 16;
const TICKET_BYTES = 128;
const MECHANISM_BYTES = 4;
const MINI_HEADER_BYTES = 6;
const CHUNK_BYTES = 64 * 1024;
const PING = 4;
const PONG = 3;
/** Of the last ping; the recording's own have small numbers. */
const LAST_PING_ID = 0x7ead_beef;
const HTML5_FOLDER = "node_modules/@spice-project/spice-html5";

const recording = decodeRecording(new Uint8Array(gunzipSync(readFileSync(process.argv[2] ?? ""))));

/** What is sent on a channel: the link's reply, and the messages after the link's result. */
interface ChannelBytes {
  readonly reply: Buffer;
  readonly messages: Buffer;
}

const channelByType = new Map<number, ChannelBytes>();
for (const [index, { kind }] of recording.channels.entries()) {
  const bytes = Buffer.from(bytesOfChannel(recording, index));
  const replyEnd = LINK_HEADER_BYTES + bytes.readUInt32LE(12);
  const parts = { reply: bytes.subarray(0, replyEnd), messages: bytes.subarray(replyEnd + 4) };
  channelByType.set(CHANNEL_TYPE[kind as keyof typeof CHANNEL_TYPE], parts);
}
const mainReply = channelByType.get(CHANNEL_TYPE.main)?.reply ?? Buffer.alloc(0);

/** Answers one channel's link and plays it. */
async function serve(stream: Duplex): Promise<void> {
  stream.on("error", () => stream.destroy());
  const reader = new StreamReader(stream);
  const header = await reader.read(LINK_HEADER_BYTES);
  const link = await reader.read(header.readUInt32LE(12));
  const type = link.readUInt8(4);
  // A channel that was not recorded is open and says nothing.
  const { reply, messages } = channelByType.get(type) ?? { reply: mainReply, messages: Buffer.alloc(0) };
  stream.write(reply);
  // Bit 0: the client says which login it wants.
  const choosesLogin = (link.readUInt32LE(18) & 1) === 1;
  await reader.read((choosesLogin ? MECHANISM_BYTES : 0) + TICKET_BYTES);
  stream.write(Buffer.alloc(4));
  const isDisplay = type === CHANNEL_TYPE.display;
  const startedMs = performance.now();
  const answered = isDisplay ? untilPong(reader) : undefined;
  for (let at = 0; at < messages.length; at += CHUNK_BYTES)
    await write(stream, messages.subarray(at, at + CHUNK_BYTES));
  if (answered === undefined) {
    stream.resume();
    return;
  }
  await write(stream, lastPing());
  await answered;
  process.stdout.write(`${JSON.stringify({ ms: performance.now() - startedMs })}\n`);
}

function lastPing(): Buffer {
  const ping = Buffer.alloc(MINI_HEADER_BYTES + 12);
  ping.writeUInt16LE(PING, 0);
  ping.writeUInt32LE(12, 2);
  ping.writeUInt32LE(LAST_PING_ID, MINI_HEADER_BYTES);
  return ping;
}

async function untilPong(reader: StreamReader): Promise<void> {
  for (;;) {
    const header = await reader.read(MINI_HEADER_BYTES);
    const body = await reader.read(header.readUInt32LE(2));
    if (header.readUInt16LE(0) === PONG && body.readUInt32LE(0) === LAST_PING_ID) return;
  }
}

async function write(stream: Duplex, bytes: Buffer): Promise<void> {
  if (stream.write(bytes)) return;
  await new Promise<void>((resolve, reject) => {
    stream.once("drain", resolve);
    stream.once("close", () => {
      reject(new Error("the client hung up"));
    });
  });
}

class StreamReader {
  #inbox: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(stream: Duplex) {
    stream.on("data", (chunk: Buffer) => {
      this.#inbox = Buffer.concat([this.#inbox, chunk]);
      this.#wake?.();
    });
    stream.on("close", () => {
      this.#isOver = true;
      this.#wake?.();
    });
  }

  async read(count: number): Promise<Buffer> {
    while (this.#inbox.length < count) {
      if (this.#isOver) throw new Error("the client hung up");
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const bytes = this.#inbox.subarray(0, count);
    this.#inbox = this.#inbox.subarray(count);
    return bytes;
  }
}

function serveAlone(stream: Duplex): void {
  serve(stream).catch(() => stream.destroy());
}

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

/** spice-html5 with the elements that it looks for; connects as soon as it is asked. */
const HTML5_PAGE = `<!doctype html><title>spice-html5</title><div id="spice-area"><div id="spice-screen"></div></div>
<div id="message-div"></div><script type="module">
import { SpiceMainConn } from "/src/main.js";
window.connect = () => { window.connection?.stop(); window.connection = new SpiceMainConn({
  uri: "ws://" + location.host + "/", screen_id: "spice-screen", password: "", onerror: () => undefined }); };
window.isReady = true;
</script>`;

const web = createHttpServer((request, response) => {
  const path = normalize(request.url ?? "/");
  const file = join(HTML5_FOLDER, path);
  if (path.startsWith("/src/") && existsSync(file)) {
    createReadStream(file).pipe(response.writeHead(200, { "Content-Type": "text/javascript" }));
  } else response.writeHead(200, { "Content-Type": "text/html" }).end(HTML5_PAGE);
});
new WebSocketServer({ server: web, perMessageDeflate: false, handleProtocols: () => "binary" }).on(
  "connection",
  (socket) => {
    serveAlone(createWebSocketStream(socket));
  },
);
const tcp = await listen(createServer({ noDelay: true }, serveAlone));
process.stdout.write(`${JSON.stringify({ tcp, web: await listen(web) })}\n`);
