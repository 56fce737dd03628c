import { SpiceWriter } from "../wire/spice-writer.ts";
import type { VideoCodec } from "./media-decoders.ts";

/** Bodies of spice.proto's "DisplayChannel", client. */

/** SPICE_IMAGE_COMPRESSION_*, by name. */
export type ImageCompression = "off" | "autoGlz" | "autoLz" | "quic" | "glz" | "lz" | "lz4";

const COMPRESSION_NUMBER: Readonly<Record<ImageCompression, number>> = {
  off: 1,
  autoGlz: 2,
  autoLz: 3,
  quic: 4,
  glz: 5,
  lz: 6,
  lz4: 7,
};

const CODEC_NUMBER: Readonly<Record<VideoCodec, number>> = { mjpeg: 1, vp8: 2, h264: 3, vp9: 4, h265: 5 };

/** One session has one cache and one dictionary, so all its display channels name the same. */
const CACHE_ID = 1;
const DICTIONARY_ID = 1;

/** "num_drops" of a stream that the client cannot show. */
const UNSUPPORTED_STREAM = 0xffff_ffff;

/** "audio_delay" without sound. */
const NO_AUDIO = 0xffff_ffff;

export function encodeInit(budget: { readonly cachePixels: number; readonly glzWindowPixels: number }): Uint8Array {
  const writer = new SpiceWriter().u8(CACHE_ID).u64(BigInt(budget.cachePixels));
  return writer.u8(DICTIONARY_ID).i32(budget.glzWindowPixels).finish();
}

export interface StreamReport {
  readonly streamId: number;
  readonly uniqueId: number;
  readonly startMmTime: number;
  readonly endMmTime: number;
  readonly frames: number;
  readonly drops: number;
  /** The last frame's time minus the client's: positive = it came early by this much. */
  readonly lastFrameDelayMs: number;
  /** Undefined: no sound is played. */
  readonly audioDelayMs: number | undefined;
}

export function encodeStreamReport(report: StreamReport): Uint8Array {
  return new SpiceWriter()
    .u32(report.streamId)
    .u32(report.uniqueId)
    .u32(report.startMmTime)
    .u32(report.endMmTime)
    .u32(report.frames)
    .u32(report.drops)
    .i32(report.lastFrameDelayMs)
    .u32(report.audioDelayMs ?? NO_AUDIO)
    .finish();
}

/** Says that the stream is not there or cannot be decoded: the server sends its area as pictures again. */
export function encodeUnsupportedStream(streamId: number): Uint8Array {
  return new SpiceWriter().u32(streamId).u32(0).u32(0).u32(0).u32(0).u32(UNSUPPORTED_STREAM).i32(0).u32(0).finish();
}

export function encodePreferredCompression(compression: ImageCompression): Uint8Array {
  return Uint8Array.of(COMPRESSION_NUMBER[compression]);
}

/** The most wanted first. */
export function encodePreferredVideoCodecs(codecs: readonly VideoCodec[]): Uint8Array {
  return Uint8Array.of(codecs.length, ...codecs.map((codec) => CODEC_NUMBER[codec]));
}
