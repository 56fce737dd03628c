import { ProtocolError } from "../../../bytes/protocol-error.ts";
import { DISPLAY_MESSAGE } from "../../constants/message-types.ts";
import type { ChannelWait } from "../../wire/channel-serials.ts";
import { parseChannelWaits } from "../../wire/spice-channel.ts";
import { SpiceReader } from "../../wire/spice-reader.ts";
import type { Head } from "../display-events.ts";
import { MAX_HEADS, MAX_STREAMS } from "../display-limits.ts";
import type { Clip, Rect } from "../draw-types.ts";
import type { VideoCodec } from "../media-decoders.ts";
import { parseDrawByType, type ParsedDraw } from "./draw-operation.ts";
import { expectBytes, malformed, overLimit, parseBase, parseClip, parseRect } from "./geometry.ts";
import { checkImageSize } from "./image.ts";

export interface StreamCreate {
  readonly message: "streamCreate";
  readonly streamId: number;
  readonly surfaceId: number;
  /** Undefined: a number that spice.proto's "video_codec_type" does not have. */
  readonly codec: VideoCodec | undefined;
  readonly isTopDown: boolean;
  /** Of the encoded frames, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly destination: Rect;
  readonly clip: Clip;
}

export interface StreamFrame {
  readonly message: "streamData";
  readonly streamId: number;
  readonly mmTime: number;
  /** STREAM_DATA_SIZED: where this one frame goes. */
  readonly destination: Rect | undefined;
  readonly data: Uint8Array;
}

export interface StreamActivateReport {
  readonly message: "streamActivateReport";
  readonly streamId: number;
  readonly uniqueId: number;
  /** Frames. */
  readonly maxWindowSize: number;
  readonly timeoutMs: number;
}

/** Every message of a display channel's server, checked for form. */
export type DisplayMessage =
  | { readonly message: "mode"; readonly width: number; readonly height: number; readonly bits: number }
  | { readonly message: "mark" | "reset" | "invalAllPalettes" | "streamDestroyAll" | "qualityIndicator" | "glDraw" }
  | { readonly message: "invalList"; readonly imageIds: readonly bigint[] }
  | { readonly message: "invalAllPixmaps"; readonly waits: readonly ChannelWait[] }
  | { readonly message: "invalPalette"; readonly paletteId: bigint }
  | StreamCreate
  | StreamFrame
  | { readonly message: "streamClip"; readonly streamId: number; readonly clip: Clip }
  | { readonly message: "streamDestroy"; readonly streamId: number }
  | StreamActivateReport
  | {
      readonly message: "surfaceCreate";
      readonly surfaceId: number;
      readonly width: number;
      readonly height: number;
      /** SPICE_SURFACE_FMT_*, not checked yet. */
      readonly format: number;
      readonly isPrimary: boolean;
    }
  | { readonly message: "surfaceDestroy"; readonly surfaceId: number }
  | { readonly message: "monitorsConfig"; readonly heads: readonly Head[]; readonly maxHeads: number }
  | { readonly message: "glScanoutUnix"; readonly width: number; readonly height: number }
  | { readonly message: "draw"; readonly operation: ParsedDraw };

const CODEC_BY_NUMBER: Readonly<Partial<Record<number, VideoCodec>>> = {
  1: "mjpeg",
  2: "vp8",
  3: "h264",
  4: "vp9",
  5: "h265",
};

/** spice.proto "resource_type". */
const PIXMAP_RESOURCE = 1;

/** spice.proto "surface_flags". */
const PRIMARY_SURFACE = 1;

const RESOURCE_BYTES = 9;
const HEAD_BYTES = 28;

/**
 * One message body of the display channel (spice.proto "DisplayChannel", server). Throws only ProtocolError. Bytes behind the
 * known end are ignored, as newer servers may append.
 */
export function parseDisplayMessage(type: number, body: Uint8Array): DisplayMessage {
  const reader = new SpiceReader(body);
  const parseDraw = parseDrawByType[type];
  if (parseDraw !== undefined) return { message: "draw", operation: parseDraw(reader, parseBase(reader)) };
  switch (type) {
    case DISPLAY_MESSAGE.mode:
      return { message: "mode", width: reader.u32(), height: reader.u32(), bits: reader.u32() };
    case DISPLAY_MESSAGE.mark:
      return { message: "mark" };
    case DISPLAY_MESSAGE.reset:
      return { message: "reset" };
    case DISPLAY_MESSAGE.invalList:
      return { message: "invalList", imageIds: parseResourceList(reader) };
    case DISPLAY_MESSAGE.invalAllPixmaps:
      return { message: "invalAllPixmaps", waits: parseChannelWaits(reader) };
    case DISPLAY_MESSAGE.invalPalette:
      return { message: "invalPalette", paletteId: reader.u64() };
    case DISPLAY_MESSAGE.invalAllPalettes:
      return { message: "invalAllPalettes" };
    case DISPLAY_MESSAGE.streamCreate:
      return parseStreamCreate(reader);
    case DISPLAY_MESSAGE.streamData:
    case DISPLAY_MESSAGE.streamDataSized:
      return parseStreamFrame(reader, { isSized: type === DISPLAY_MESSAGE.streamDataSized });
    case DISPLAY_MESSAGE.streamClip:
      return { message: "streamClip", streamId: parseStreamId(reader), clip: parseClip(reader) };
    case DISPLAY_MESSAGE.streamDestroy:
      return { message: "streamDestroy", streamId: parseStreamId(reader) };
    case DISPLAY_MESSAGE.streamDestroyAll:
      return { message: "streamDestroyAll" };
    case DISPLAY_MESSAGE.streamActivateReport:
      return {
        message: "streamActivateReport",
        streamId: parseStreamId(reader),
        uniqueId: reader.u32(),
        maxWindowSize: reader.u32(),
        timeoutMs: reader.u32(),
      };
    case DISPLAY_MESSAGE.surfaceCreate:
      return {
        message: "surfaceCreate",
        surfaceId: reader.u32(),
        width: reader.u32(),
        height: reader.u32(),
        format: reader.u32(),
        isPrimary: (reader.u32() & PRIMARY_SURFACE) !== 0,
      };
    case DISPLAY_MESSAGE.surfaceDestroy:
      return { message: "surfaceDestroy", surfaceId: reader.u32() };
    case DISPLAY_MESSAGE.monitorsConfig:
      return parseMonitorsConfig(reader);
    case DISPLAY_MESSAGE.glScanoutUnix:
      // The dma-buf's descriptor travels beside the bytes, and only over Unix sockets.
      return { message: "glScanoutUnix", width: reader.u32(), height: reader.u32() };
    case DISPLAY_MESSAGE.glDraw:
      return { message: "glDraw" };
    case DISPLAY_MESSAGE.qualityIndicator:
      return { message: "qualityIndicator" };
    default:
      throw new ProtocolError("malformed", `message ${String(type)} is none of the display channel`);
  }
}

/** INVAL_LIST: only pixmaps are known. */
function parseResourceList(reader: SpiceReader): readonly bigint[] {
  const count = reader.u16();
  expectBytes(reader, count * RESOURCE_BYTES);
  return Array.from({ length: count }, () => {
    const type = reader.u8();
    if (type !== PIXMAP_RESOURCE) throw malformed(`resource type ${String(type)} is not known`);
    return reader.u64();
  });
}

function parseStreamId(reader: SpiceReader): number {
  const streamId = reader.u32();
  if (streamId >= MAX_STREAMS) throw overLimit(`stream ${String(streamId)}`);
  return streamId;
}

function parseStreamCreate(reader: SpiceReader): StreamCreate {
  const surfaceId = reader.u32();
  const streamId = parseStreamId(reader);
  const isTopDown = (reader.u8() & 1) !== 0;
  const codec = CODEC_BY_NUMBER[reader.u8()];
  reader.skip(8); // The server's time stamp.
  const width = reader.u32();
  const height = reader.u32();
  checkImageSize(width, height);
  reader.skip(8); // The source's size: the same but for old servers that cut odd edges off.
  const destination = parseRect(reader);
  const clip = parseClip(reader);
  return { message: "streamCreate", streamId, surfaceId, codec, isTopDown, width, height, destination, clip };
}

function parseStreamFrame(reader: SpiceReader, options: { isSized: boolean }): StreamFrame {
  const streamId = parseStreamId(reader);
  const mmTime = reader.u32();
  let destination: Rect | undefined;
  if (options.isSized) {
    checkImageSize(reader.u32(), reader.u32());
    destination = parseRect(reader);
  }
  return { message: "streamData", streamId, mmTime, destination, data: reader.bytes(reader.u32()) };
}

/** Heads without a size are left out: the guest switched those monitors off. */
function parseMonitorsConfig(reader: SpiceReader): DisplayMessage {
  const count = reader.u16();
  const maxHeads = Math.min(MAX_HEADS, Math.max(1, reader.u16()));
  if (count > MAX_HEADS) throw overLimit(`${String(count)} monitors`);
  expectBytes(reader, count * HEAD_BYTES);
  const heads = Array.from({ length: count }, (): Head => {
    const monitorId = reader.u32();
    const surfaceId = reader.u32();
    const width = reader.u32();
    const height = reader.u32();
    const x = reader.u32();
    const y = reader.u32();
    reader.skip(4); // Flags: none is defined.
    return { monitorId, surfaceId, x, y, width, height };
  });
  return { message: "monitorsConfig", heads: heads.filter((head) => head.width > 0 && head.height > 0), maxHeads };
}
