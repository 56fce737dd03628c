/** Types of pictures in LZ and GLZ data (spice-common's LzImageType; the numbers stand on the wire). */
export const LzImageType = {
  plt1Le: 1,
  plt1Be: 2,
  plt4Le: 3,
  plt4Be: 4,
  plt8: 5,
  rgb16: 6,
  rgb24: 7,
  rgb32: 8,
  rgba: 9,
  xxxa: 10,
  a8: 11,
} as const;

/** First four bytes, "  ZL", as a big-endian number. */
export const LZ_MAGIC = 0x2020_5a4c;
/** Version 1.1. */
export const LZ_VERSION = 0x0001_0001;

/** Control bytes below this begin a copy of that many units plus one; the others a match. */
export const MAX_COPY = 32;
/** Below this many pixels a loop beats the engine's own fill and copy (measured with bench codecs, 2026-11). */
export const LONG_MATCH_PX = 48;
