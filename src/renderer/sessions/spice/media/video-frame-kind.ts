/** Codecs that WebCodecs decodes; MJPEG is pictures. */
export type FrameCodec = "vp8" | "vp9" | "h264" | "h265";

/** What a decoder must know of a frame before it decodes it. */
export interface FrameKind {
  /** It can be decoded without any earlier one. */
  readonly isKey: boolean;
  /** It gives a picture; VP8 and VP9 also have frames that only later ones refer to. */
  readonly isShown: boolean;
}

/** NAL unit types: ITU-T H.264 table 7-1 (5: IDR), H.265 table 7-1 (16 to 21: intra random access points). */
const H264_IDR = 5;
const H265_FIRST_RANDOM_ACCESS = 16;
const H265_LAST_RANDOM_ACCESS = 21;

/** Reads only the first bytes; whatever they are, it says something, and the decoder has the last word. */
export function frameKindOf(codec: FrameCodec, frame: Uint8Array): FrameKind {
  switch (codec) {
    case "vp8":
      return vp8Kind(frame);
    case "vp9":
      return vp9Kind(frame);
    case "h264":
      return { isKey: hasNalUnit(frame, (first) => (first & 0x1f) === H264_IDR), isShown: true };
    case "h265":
      return { isKey: hasNalUnit(frame, isH265RandomAccess), isShown: true };
  }
}

/** RFC 6386, 9.1: bit 0 is clear in a key frame, bit 4 is set in a frame that is shown. */
function vp8Kind(frame: Uint8Array): FrameKind {
  const first = frame[0] ?? 1;
  return { isKey: (first & 1) === 0, isShown: (first & 0x10) !== 0 };
}

/**
 * VP9 bitstream specification, 6.2: frame_marker (2 bits), profile (2, low bit first, and a reserved one in profile 3),
 * show_existing_frame, frame_type (0: key), show_frame. A superframe (annex B) ends with a shown one.
 */
function vp9Kind(frame: Uint8Array): FrameKind {
  const first = frame[0] ?? 0;
  const isProfile3 = (first & 0x30) === 0x30;
  const bits = isProfile3 ? first << 1 : first;
  const isShowExisting = (bits & 0x08) !== 0;
  const last = frame.at(-1) ?? 0;
  const isSuperframe = (last & 0xe0) === 0xc0;
  if (isShowExisting) return { isKey: false, isShown: true };
  return { isKey: (bits & 0x04) === 0, isShown: (bits & 0x02) !== 0 || isSuperframe };
}

function isH265RandomAccess(first: number): boolean {
  const type = (first >> 1) & 0x3f;
  return type >= H265_FIRST_RANDOM_ACCESS && type <= H265_LAST_RANDOM_ACCESS;
}

/** Annex B: each NAL unit follows a start code, 00 00 01. */
function hasNalUnit(frame: Uint8Array, isWanted: (firstByte: number) => boolean): boolean {
  let at = frame.indexOf(1, 2);
  while (at !== -1 && at + 1 < frame.length) {
    if (frame[at - 1] === 0 && frame[at - 2] === 0 && isWanted(frame[at + 1] ?? 0)) return true;
    at = frame.indexOf(1, at + 1);
  }
  return false;
}
