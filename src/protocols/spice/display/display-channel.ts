import type { Disposable } from "../../../shared/lifecycle/disposable.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import type { DisplayEvent, DisplaySurface, Head } from "./display-events.ts";
import type { DisplaySession } from "./display-session.ts";
import type { Rect } from "./draw-types.ts";
import type { PresentClock, SpiceImageDecoder, VideoCodec, VideoDecoderFactory } from "./media-decoders.ts";

/** Lower types are common to all channels. */
const FIRST_DISPLAY_MESSAGE = 101;

/** SPICE_IMAGE_COMPRESSION_*, by name. */
export type ImageCompression = "off" | "autoGlz" | "autoLz" | "quic" | "glz" | "lz" | "lz4";

export interface DisplayChannelOptions {
  readonly channelId: number;
  /** Sends one message of this channel (SpiceChannel.sendMessage). */
  readonly sendMessage: (type: number, body: Uint8Array) => void;
  /** Whether the server's link reply has this SPICE_DISPLAY_CAP_* bit (spice-protocol, "display capabilities"). */
  readonly hasServerCapability: (capability: number) => boolean;
  readonly session: DisplaySession;
  readonly imageDecoder: SpiceImageDecoder;
  readonly streamDecoders: VideoDecoderFactory;
  readonly clock: PresentClock;
  readonly handleEvent: (event: DisplayEvent) => void;
  /** What the server is asked for when it can be asked: PREFERRED_COMPRESSION, PREFERRED_VIDEO_CODEC_TYPE. */
  readonly preferredCompression?: ImageCompression;
  readonly preferredVideoCodecs?: readonly VideoCodec[];
}

/** The engine of one display channel: server messages in, surfaces, damage and events out. */
export class DisplayChannel implements Disposable {
  readonly #options: DisplayChannelOptions;
  readonly #surfaceById = new Map<number, DisplaySurface>();
  #isHidden = false;

  constructor(options: DisplayChannelOptions) {
    this.#options = options;
  }

  /** Call once the channel's link is done: sends INIT, which must be the first message, and the preferences. */
  open(): void {
    const { session } = this.#options;
    const init = new SpiceWriter().u8(1).u64(BigInt(session.cachePixels)).u8(1).i32(session.glzWindowPixels);
    this.#options.sendMessage(101, init.finish());
  }

  /**
   * One message of the channel that is not common to all channels. Throws, or rejects with, ProtocolError. A promise:
   * too much waits already; give the next message only after it.
   */
  handleMessage(message: { readonly type: number; readonly body: Uint8Array }): void | Promise<void> {
    if (message.type < FIRST_DISPLAY_MESSAGE) throw new ProtocolError("malformed", "not a display message");
  }

  get primary(): DisplaySurface | undefined {
    return this.#surfaceById.get(0);
  }

  surface(surfaceId: number): DisplaySurface | undefined {
    return this.#surfaceById.get(surfaceId);
  }

  /** The monitors, in the server's order; one for the whole primary surface when the server named none. */
  get heads(): readonly Head[] {
    return [];
  }

  get isMarked(): boolean {
    return false;
  }

  /** Where the surface changed since the last call; within its bounds, few and possibly overlapping. */
  takeDamage(surfaceId: number): readonly Rect[] {
    const surface = this.#surfaceById.get(surfaceId);
    return surface === undefined ? [] : [{ left: 0, top: 0, right: surface.width, bottom: surface.height }];
  }

  /** Hidden: everything is still drawn, but MJPEG frames only once a second. */
  setHidden(isHidden: boolean): void {
    this.#isHidden = isHidden;
  }

  get isHidden(): boolean {
    return this.#isHidden;
  }

  dispose(): void {
    this.#surfaceById.clear();
  }
}
