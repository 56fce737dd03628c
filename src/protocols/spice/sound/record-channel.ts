import { ProtocolError } from "../../bytes/protocol-error.ts";
import { RECORD_CLIENT_MESSAGE, RECORD_MESSAGE } from "../constants/message-types.ts";
import type { SpiceMessage } from "../wire/spice-channel.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { AUDIO_MODE, parseSoundFormat, parseVolume, type SoundCodec, type SoundFormat } from "./sound-format.ts";

/** Raw sound in one message, in samples of all channels: 10 ms at 48 kHz. Servers have room for some more at a time. */
export const MAX_RAW_PACKET_FRAMES = 480;

export type RecordEvent =
  /** The guest listens: the microphone's sound is wanted, in this form. */
  | { readonly kind: "start"; readonly format: SoundFormat }
  | { readonly kind: "stop" }
  /** 0..65535 for each channel. */
  | { readonly kind: "volume"; readonly channels: readonly number[] }
  | { readonly kind: "mute"; readonly isMuted: boolean };

export interface RecordChannelOptions {
  readonly sendMessage: (type: number, body: Uint8Array) => void;
  readonly handleEvent: (event: RecordEvent) => void;
}

/** Sound to the guest (spice.proto, "RecordChannel"). Nothing is sent unless the guest listens. */
export class RecordChannel {
  readonly #options: RecordChannelOptions;
  #format: SoundFormat | undefined;
  /** What the server was last told; undefined before the first packet after START. */
  #codec: SoundCodec | undefined;

  constructor(options: RecordChannelOptions) {
    this.#options = options;
  }

  /** Undefined while the guest does not listen. */
  get format(): SoundFormat | undefined {
    return this.#format;
  }

  /** Throws ProtocolError. */
  handleMessage({ type, body }: SpiceMessage): void {
    const reader = new SpiceReader(body);
    switch (type) {
      case RECORD_MESSAGE.start:
        this.#format = parseSoundFormat(reader);
        this.#codec = undefined;
        this.#options.handleEvent({ kind: "start", format: this.#format });
        return;
      case RECORD_MESSAGE.stop:
        this.#stop();
        return;
      case RECORD_MESSAGE.volume: {
        const channels = parseVolume(reader);
        if (channels.length > 0) this.#options.handleEvent({ kind: "volume", channels });
        return;
      }
      case RECORD_MESSAGE.mute:
        this.#options.handleEvent({ kind: "mute", isMuted: reader.u8() !== 0 });
        return;
      default:
        throw new ProtocolError("malformed", "the protocol has no such message");
    }
  }

  /**
   * Sound that began at this multimedia time. Raw: whole samples of all channels, any number. Opus: one packet, and only
   * where the server has RECORD_CAPABILITY.opus. False: the guest does not listen, and nothing was sent.
   */
  sendSound(codec: SoundCodec, timeMs: number, data: Uint8Array): boolean {
    const format = this.#format;
    if (format === undefined) return false;
    if (this.#codec !== codec) this.#tellCodec(codec, timeMs);
    const frameBytes = 2 * format.channels;
    const stepBytes = codec === "opus" ? data.length : MAX_RAW_PACKET_FRAMES * frameBytes;
    for (let at = 0; at < data.length; at += stepBytes) {
      const laterMs = codec === "opus" ? 0 : Math.round((at / frameBytes / format.frequencyHz) * 1000);
      const body = new SpiceWriter().u32((timeMs + laterMs) >>> 0).bytes(data.subarray(at, at + stepBytes));
      this.#options.sendMessage(RECORD_CLIENT_MESSAGE.data, body.finish());
    }
    return true;
  }

  /** Before the session goes on with a host that begins anew: that says START again. */
  reset(): void {
    this.#stop();
  }

  /** MODE, and after START also START_MARK: without it servers throw away what comes. */
  #tellCodec(codec: SoundCodec, timeMs: number): void {
    const isFirst = this.#codec === undefined;
    this.#codec = codec;
    const time = timeMs >>> 0;
    const mode = new SpiceWriter().u32(time).u16(AUDIO_MODE[codec]);
    this.#options.sendMessage(RECORD_CLIENT_MESSAGE.mode, mode.finish());
    if (isFirst) this.#options.sendMessage(RECORD_CLIENT_MESSAGE.startMark, new SpiceWriter().u32(time).finish());
  }

  #stop(): void {
    if (this.#format === undefined) return;
    this.#format = undefined;
    this.#options.handleEvent({ kind: "stop" });
  }
}
