import { ProtocolError } from "../../bytes/protocol-error.ts";
import { PLAYBACK_MESSAGE } from "../constants/message-types.ts";
import type { SpiceMessage } from "../wire/spice-channel.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { AUDIO_MODE, parseSoundFormat, parseVolume, type SoundCodec, type SoundFormat } from "./sound-format.ts";

export type PlaybackEvent =
  /** Sound begins. `timeMs`: the server's multimedia time (MediaClock). */
  | { readonly kind: "start"; readonly format: SoundFormat; readonly timeMs: number }
  /** Packets come between start and stop only. `data` is a view of what was received. */
  | { readonly kind: "packet"; readonly codec: SoundCodec; readonly timeMs: number; readonly data: Uint8Array }
  | { readonly kind: "stop" }
  /** 0..65535 for each channel. */
  | { readonly kind: "volume"; readonly channels: readonly number[] }
  | { readonly kind: "mute"; readonly isMuted: boolean }
  /** The guest wants at least so much to be buffered before it is heard, to be in step with video. */
  | { readonly kind: "latency"; readonly latencyMs: number }
  /** The server uses a codec that this client never offered; packets are dropped until it uses another. */
  | { readonly kind: "unsupportedCodec"; readonly mode: number };

export interface PlaybackChannelOptions {
  readonly handleEvent: (event: PlaybackEvent) => void;
}

/** The guest's sound (spice.proto, "PlaybackChannel"). */
export class PlaybackChannel {
  readonly #handleEvent: (event: PlaybackEvent) => void;
  #codec: SoundCodec | undefined = "raw";
  #format: SoundFormat | undefined;

  constructor(options: PlaybackChannelOptions) {
    this.#handleEvent = options.handleEvent;
  }

  /** Undefined while the guest plays nothing. */
  get format(): SoundFormat | undefined {
    return this.#format;
  }

  /** Throws ProtocolError. */
  handleMessage({ type, body }: SpiceMessage): void {
    const reader = new SpiceReader(body);
    switch (type) {
      case PLAYBACK_MESSAGE.data:
        this.#handleData(reader);
        return;
      case PLAYBACK_MESSAGE.mode:
        this.#handleMode(reader);
        return;
      case PLAYBACK_MESSAGE.start: {
        this.#format = parseSoundFormat(reader);
        this.#handleEvent({ kind: "start", format: this.#format, timeMs: reader.u32() });
        return;
      }
      case PLAYBACK_MESSAGE.stop:
        this.#stop();
        return;
      case PLAYBACK_MESSAGE.volume: {
        const channels = parseVolume(reader);
        if (channels.length > 0) this.#handleEvent({ kind: "volume", channels });
        return;
      }
      case PLAYBACK_MESSAGE.mute:
        this.#handleEvent({ kind: "mute", isMuted: reader.u8() !== 0 });
        return;
      case PLAYBACK_MESSAGE.latency:
        this.#handleEvent({ kind: "latency", latencyMs: reader.u32() });
        return;
      default:
        throw new ProtocolError("malformed", "the protocol has no such message");
    }
  }

  /** Before the session goes on with a host that begins anew: that says mode and start again. */
  reset(): void {
    this.#stop();
    this.#codec = "raw";
  }

  #handleData(reader: SpiceReader): void {
    const timeMs = reader.u32();
    const data = reader.rest();
    const format = this.#format;
    const codec = this.#codec;
    // What was on its way at a stop, or cannot be decoded.
    if (format === undefined || codec === undefined || data.length === 0) return;
    if (codec === "raw" && data.length % (2 * format.channels) !== 0) {
      throw new ProtocolError("malformed", `${String(data.length)} bytes are no whole samples`);
    }
    this.#handleEvent({ kind: "packet", codec, timeMs, data });
  }

  /** time u32, mode u16, and data that only CELT had. */
  #handleMode(reader: SpiceReader): void {
    reader.skip(4);
    const mode = reader.u16();
    this.#codec = mode === AUDIO_MODE.raw ? "raw" : mode === AUDIO_MODE.opus ? "opus" : undefined;
    if (this.#codec === undefined) this.#handleEvent({ kind: "unsupportedCodec", mode });
  }

  #stop(): void {
    if (this.#format === undefined) return;
    this.#format = undefined;
    this.#handleEvent({ kind: "stop" });
  }
}
