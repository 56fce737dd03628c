import type { SpiceReader } from "../../wire/spice-reader.ts";
import { MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE_PX, MAX_PALETTE_COLOURS } from "../display-limits.ts";
import { expectBytes, malformed, overLimit, parsePointer } from "./geometry.ts";

/** spice.proto "image_flags". */
const IMAGE_FLAG = { cacheMe: 1, highBitsSet: 2, cacheReplaceMe: 4 } as const;

/** spice.proto "bitmap_flags". */
const BITMAP_FLAG = { palCacheMe: 1, palFromCache: 2, topDown: 4 } as const;

/** spice.proto "image_type". */
const IMAGE_TYPE = {
  bitmap: 0,
  quic: 1,
  lzPlt: 100,
  lzRgb: 101,
  glzRgb: 102,
  fromCache: 103,
  surface: 104,
  jpeg: 105,
  fromCacheLossless: 106,
  zlibGlzRgb: 107,
  jpegAlpha: 108,
  lz4: 109,
} as const;

export interface Palette {
  readonly id: bigint;
  /** 0x00RRGGBB each; on a 16-bit surface 0rrrrrgggggbbbbb. */
  readonly colours: Uint32Array<ArrayBuffer>;
}

/** Where an image's palette is. */
export type PaletteReference =
  | { readonly kind: "none" }
  | { readonly kind: "inline"; readonly palette: Palette; readonly shouldCache: boolean }
  | { readonly kind: "cached"; readonly id: bigint };

export type ImageSource =
  | {
      readonly type: "bitmap";
      /** SPICE_BITMAP_FMT_*, not checked yet. */
      readonly format: number;
      readonly isTopDown: boolean;
      readonly width: number;
      readonly height: number;
      readonly strideBytes: number;
      readonly palette: PaletteReference;
      /** `strideBytes * height` long. */
      readonly data: Uint8Array;
    }
  | { readonly type: "quic" | "lzRgb" | "glzRgb" | "jpeg" | "lz4"; readonly data: Uint8Array }
  | { readonly type: "lzPlt"; readonly palette: PaletteReference; readonly data: Uint8Array }
  | { readonly type: "zlibGlzRgb"; readonly glzBytes: number; readonly data: Uint8Array }
  | { readonly type: "jpegAlpha"; readonly isTopDown: boolean; readonly jpegBytes: number; readonly data: Uint8Array }
  | { readonly type: "fromCache" | "fromCacheLossless" }
  | { readonly type: "surface"; readonly surfaceId: number };

/** A picture as a message says it: spice.proto "Image". Data are views of the message. */
export interface ParsedImage {
  readonly id: bigint;
  readonly width: number;
  readonly height: number;
  readonly shouldCache: boolean;
  /** Takes the place of a lossy picture with the same id. */
  readonly shouldReplaceCached: boolean;
  readonly hasHighBitsSet: boolean;
  readonly source: ImageSource;
}

/** The image at the reader. Throws ProtocolError; sizes are within the limits afterwards, the data not looked at. */
export function parseImage(reader: SpiceReader): ParsedImage {
  const id = reader.u64();
  const type = reader.u8();
  const flags = reader.u8();
  const width = reader.u32();
  const height = reader.u32();
  checkImageSize(width, height);
  return {
    id,
    width,
    height,
    shouldCache: (flags & IMAGE_FLAG.cacheMe) !== 0,
    shouldReplaceCached: (flags & IMAGE_FLAG.cacheReplaceMe) !== 0,
    hasHighBitsSet: (flags & IMAGE_FLAG.highBitsSet) !== 0,
    source: parseSource(reader, type),
  };
}

/** The image at the offset that stands next, if any. */
export function parseImagePointer(reader: SpiceReader): ParsedImage | undefined {
  const target = parsePointer(reader);
  return target === undefined ? undefined : parseImage(target);
}

/** Where an operation cannot be without its picture. */
export function parseNeededImage(reader: SpiceReader, what: string): ParsedImage {
  const image = parseImagePointer(reader);
  if (image === undefined) throw malformed(`no ${what}`);
  return image;
}

/** Throws ProtocolError "limit". */
export function checkImageSize(width: number, height: number): void {
  if (width > MAX_IMAGE_SIDE_PX || height > MAX_IMAGE_SIDE_PX || width * height > MAX_IMAGE_PIXELS) {
    throw overLimit(`picture of ${String(width)}x${String(height)} pixels`);
  }
}

function parseSource(reader: SpiceReader, type: number): ImageSource {
  switch (type) {
    case IMAGE_TYPE.bitmap:
      return parseBitmap(reader);
    case IMAGE_TYPE.quic:
      return { type: "quic", data: parseBinaryData(reader) };
    case IMAGE_TYPE.lzRgb:
      return { type: "lzRgb", data: parseBinaryData(reader) };
    case IMAGE_TYPE.glzRgb:
      return { type: "glzRgb", data: parseBinaryData(reader) };
    case IMAGE_TYPE.jpeg:
      return { type: "jpeg", data: parseBinaryData(reader) };
    case IMAGE_TYPE.lz4:
      return { type: "lz4", data: parseBinaryData(reader) };
    case IMAGE_TYPE.lzPlt: {
      const flags = reader.u8();
      const bytes = reader.u32();
      const palette = parsePaletteReference(reader, flags);
      if (palette.kind === "none") throw malformed("LZ_PLT picture without a palette");
      return { type: "lzPlt", palette, data: reader.bytes(bytes) };
    }
    case IMAGE_TYPE.zlibGlzRgb: {
      const glzBytes = reader.u32();
      // A GLZ stream is at most a little longer than the pixels it stands for.
      if (glzBytes > MAX_IMAGE_PIXELS * 5) throw overLimit(`GLZ picture of ${String(glzBytes)} bytes`);
      return { type: "zlibGlzRgb", glzBytes, data: parseBinaryData(reader) };
    }
    case IMAGE_TYPE.jpegAlpha: {
      const isTopDown = (reader.u8() & 1) !== 0;
      const jpegBytes = reader.u32();
      const data = parseBinaryData(reader);
      if (jpegBytes > data.length) throw malformed(`JPEG of ${String(jpegBytes)} in ${String(data.length)} bytes`);
      return { type: "jpegAlpha", isTopDown, jpegBytes, data };
    }
    case IMAGE_TYPE.fromCache:
      return { type: "fromCache" };
    case IMAGE_TYPE.fromCacheLossless:
      return { type: "fromCacheLossless" };
    case IMAGE_TYPE.surface:
      return { type: "surface", surfaceId: reader.u32() };
    default:
      throw malformed(`image type ${String(type)} is not known`);
  }
}

/** spice.proto "BinaryData". */
function parseBinaryData(reader: SpiceReader): Uint8Array {
  return reader.bytes(reader.u32());
}

/** spice.proto "BitmapData". */
function parseBitmap(reader: SpiceReader): ImageSource {
  const format = reader.u8();
  const flags = reader.u8();
  const width = reader.u32();
  const height = reader.u32();
  checkImageSize(width, height);
  const strideBytes = reader.u32();
  const palette = parsePaletteReference(reader, flags);
  const isTopDown = (flags & BITMAP_FLAG.topDown) !== 0;
  const data = reader.bytes(strideBytes * height);
  return { type: "bitmap", format, isTopDown, width, height, strideBytes, palette, data };
}

function parsePaletteReference(reader: SpiceReader, flags: number): PaletteReference {
  if ((flags & BITMAP_FLAG.palFromCache) !== 0) return { kind: "cached", id: reader.u64() };
  const target = parsePointer(reader);
  if (target === undefined) return { kind: "none" };
  return { kind: "inline", palette: parsePalette(target), shouldCache: (flags & BITMAP_FLAG.palCacheMe) !== 0 };
}

/** spice.proto "Palette". */
function parsePalette(reader: SpiceReader): Palette {
  const id = reader.u64();
  const count = reader.u16();
  if (count > MAX_PALETTE_COLOURS) throw overLimit(`palette of ${String(count)} colours`);
  expectBytes(reader, count * 4);
  return { id, colours: Uint32Array.from({ length: count }, () => reader.u32()) };
}
