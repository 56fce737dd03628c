import type { Socket } from "node:net";
import type { ChannelKind } from "../../../src/protocols/spice/constants/channel-kind.ts";
import { DISPLAY_CLIENT_MESSAGE } from "../../../src/protocols/spice/constants/message-types.ts";
import {
  encodeInit,
  encodePreferredCompression,
  type ImageCompression,
} from "../../../src/protocols/spice/display/client-messages.ts";
import { DisplaySession } from "../../../src/protocols/spice/display/display-session.ts";
import {
  CLIENT_CAPABILITIES,
  CLIENT_COMMON_CAPABILITIES,
  displayCapabilities,
  type OptionalVideoCodec,
} from "../../../src/protocols/spice/link/capabilities.ts";
import { MainChannel } from "../../../src/protocols/spice/main/main-channel.ts";
import { SpiceChannel } from "../../../src/protocols/spice/wire/spice-channel.ts";
import type {
  RecordedChannel,
  RecordedPiece,
  RecordingFacts,
  SpiceRecording,
} from "../../../src/testing/spice/recording.ts";
import { until } from "../child-process.ts";
import { openLink } from "./link.ts";

export interface RecorderOptions {
  readonly port: number;
  readonly password?: string;
  /** Asked for on the display channel, as far as the server lets itself be asked. */
  readonly compression?: ImageCompression;
  /** Beside MJPEG. */
  readonly videoCodecs?: readonly OptionalVideoCodec[];
  /** Channels that are opened as soon as the server names them; the main channel always is. */
  readonly kinds?: readonly ChannelKind[];
}

const DEFAULT_KINDS: readonly ChannelKind[] = ["display", "cursor"];

/**
 * A client that shows nothing: opens a session at a real server, acknowledges and answers as ours does, and keeps what the
 * server sends, byte by byte.
 */
export class SpiceRecorder {
  readonly #options: RecorderOptions;
  readonly #startedMs = performance.now();
  readonly #channels: RecordedChannel[] = [];
  readonly #pieces: RecordedPiece[] = [];
  readonly #sockets: Socket[] = [];
  #lastByteMs = performance.now();
  #failure: Error | undefined;

  /** Resolves once all channels that are wanted are open. */
  static async open(options: RecorderOptions): Promise<SpiceRecorder> {
    const recorder = new SpiceRecorder(options);
    await recorder.#open();
    return recorder;
  }

  private constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Waits until nothing has come for `ms`. */
  async untilQuiet(ms = 400): Promise<void> {
    await until(
      "the SPICE server has nothing more to say",
      () => {
        if (this.#failure !== undefined) throw this.#failure;
        return performance.now() - this.#lastByteMs > ms;
      },
      60_000,
    );
  }

  recording(facts: RecordingFacts): SpiceRecording {
    return { facts, channels: [...this.#channels], pieces: joined(this.#pieces) };
  }

  get receivedBytes(): number {
    return this.#pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #open(): Promise<void> {
    const wanted = this.#options.kinds ?? DEFAULT_KINDS;
    let openings: Promise<void> | undefined;
    let sessionId = 0;
    const { channel, start } = await this.#openChannel("main", 0, 0, (message) => {
      main.handleMessage(message);
    });
    const main = new MainChannel({
      sendMessage: (type, body) => {
        channel.sendMessage(type, body);
      },
      handleEvent: (event) => {
        if (event.kind === "init") ({ sessionId } = event.init);
        if (event.kind !== "channels") return;
        const chosen = event.channels.filter(({ kind }) => wanted.includes(kind));
        openings ??= (async () => {
          for (const { kind, channelId } of chosen) await this.#openOther(kind, channelId, sessionId);
        })();
      },
    });
    start();
    await until("the server lists its channels", () => openings !== undefined);
    await openings;
  }

  async #openOther(kind: ChannelKind, channelId: number, sessionId: number): Promise<void> {
    const { channel, start } = await this.#openChannel(kind, channelId, sessionId, () => undefined);
    if (kind === "display") {
      channel.sendMessage(DISPLAY_CLIENT_MESSAGE.init, encodeInit(new DisplaySession()));
      const { compression } = this.#options;
      if (compression !== undefined) {
        channel.sendMessage(DISPLAY_CLIENT_MESSAGE.preferredCompression, encodePreferredCompression(compression));
      }
    }
    start();
  }

  async #openChannel(
    kind: ChannelKind,
    channelId: number,
    sessionId: number,
    handleMessage: ConstructorParameters<typeof SpiceChannel>[0]["handleMessage"],
  ): Promise<{ channel: SpiceChannel; start: () => void }> {
    const { socket, reply } = await openLink({
      ...this.#options,
      kind,
      channelId,
      sessionId,
      commonCapabilities: CLIENT_COMMON_CAPABILITIES,
      channelCapabilities:
        kind === "display" ? displayCapabilities(this.#options.videoCodecs ?? []) : CLIENT_CAPABILITIES[kind],
    });
    this.#sockets.push(socket);
    const index = this.#channels.push({ kind, channelId }) - 1;
    const channel = new SpiceChannel({
      kind,
      channelId,
      send: (bytes) => {
        socket.write(bytes);
      },
      handleMessage,
      handleEvent: (event) => {
        if (event.kind === "failed") this.#failure = event.error;
      },
    });
    const take = (bytes: Uint8Array<ArrayBuffer>): void => {
      this.#lastByteMs = performance.now();
      this.#pieces.push({ channel: index, timeMs: Math.round(this.#lastByteMs - this.#startedMs), bytes });
      channel.receive(bytes);
    };
    return {
      channel,
      start: () => {
        take(reply);
        socket.on("data", (chunk: Buffer) => {
          take(new Uint8Array(chunk));
        });
        socket.resume();
      },
    };
  }
}

/** What came on a channel within a millisecond is one piece. */
function joined(pieces: readonly RecordedPiece[]): RecordedPiece[] {
  const all: RecordedPiece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last?.channel === piece.channel && last.timeMs === piece.timeMs) {
      const bytes = new Uint8Array(last.bytes.length + piece.bytes.length);
      bytes.set(last.bytes);
      bytes.set(piece.bytes, last.bytes.length);
      all[all.length - 1] = { ...last, bytes };
    } else all.push(piece);
  }
  return all;
}
