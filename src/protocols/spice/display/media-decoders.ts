import type { Disposable } from "../../../shared/lifecycle/disposable.ts";
import type { Inflate } from "../codecs/inflate.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";

/**
 * What the display channel needs from its surroundings because it is a matter of the browser: JPEG, zlib and video. The
 * renderer's worker implements these; tests and the replay in Node bring their own.
 */

export interface JpegDecoder {
  /**
   * One whole JPEG file → opaque pixels. Rejects when the bytes are no JPEG or the picture is larger than the limits;
   * the channel turns any rejection into a ProtocolError.
   */
  decode(bytes: Uint8Array, limits: { readonly maxWidth: number; readonly maxHeight: number }): Promise<PixelImage>;
}

export interface SpiceImageDecoder {
  readonly jpeg: JpegDecoder;
  readonly inflate: Inflate;
}

/** SPICE_VIDEO_CODEC_TYPE_*, by name. */
export type VideoCodec = "mjpeg" | "vp8" | "h264" | "vp9" | "h265";

export interface StreamVideoDecoder extends Disposable {
  /**
   * One frame as the server sent it. Frames come in the order of the stream, and more than one may be under way. The
   * picture has any size (the channel scales it), rows top down. Undefined: this frame gives no picture (a decoder that
   * waits for a key frame). Rejects when the frame cannot be decoded: the channel counts it as dropped.
   */
  decode(frame: Uint8Array): Promise<PixelImage | undefined>;
}

export interface VideoDecoderFactory {
  /** Undefined: this browser cannot decode it; the server is told so. */
  create(codec: VideoCodec, size: { readonly width: number; readonly height: number }): StreamVideoDecoder | undefined;
}

/** The session's multimedia clock: set by the main and the playback channel, read by streams. */
export interface PresentClock {
  /** Milliseconds until a frame of this multimedia time is due; zero or less: now (negative: late by that much). */
  whenDue(mmTime: number): number;
  /** How long sound waits before it is heard; undefined while none is played. For stream reports. */
  audioDelayMs?(): number | undefined;
}
