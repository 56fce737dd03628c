import { ProtocolError } from "../../bytes/protocol-error.ts";
import { checkImageSize, endsTooEarly } from "./image-limits.ts";
import { palettePixels, pixelOf555 } from "./pixel-conversion.ts";
import { OPAQUE_ALPHA, type PixelImage } from "./pixel-image.ts";

/** SPICE_BITMAP_FMT_* (spice.proto, bitmap_fmt). */
export const BitmapFormat = {
  oneBitLe: 1,
  oneBitBe: 2,
  fourBitLe: 3,
  fourBitBe: 4,
  eightBit: 5,
  sixteenBit: 6,
  twentyFourBit: 7,
  thirtyTwoBit: 8,
  rgba: 9,
  eightBitAlpha: 10,
} as const;
export type BitmapFormat = (typeof BitmapFormat)[keyof typeof BitmapFormat];

/** Bits of a pixel; index is the format. */
const BITS_PER_PIXEL = [0, 1, 1, 4, 4, 8, 16, 24, 32, 32, 8] as const;

/** An uncompressed picture as it stands in a message (spice.proto, BitmapData). */
export interface BitmapSource {
  /** SPICE_BITMAP_FMT_*, not checked yet. */
  readonly format: number;
  readonly width: number;
  readonly height: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
  /** SPICE_BITMAP_FLAGS_TOP_DOWN. */
  readonly isTopDown: boolean;
  /** Colours 0x00RRGGBB; needed by the formats of 1, 4 and 8 bits. */
  readonly palette?: Uint32Array | undefined;
  readonly data: Uint8Array;
}

/**
 * Throws ProtocolError on an unknown format, a missing palette, a stride that is too short, a size beyond the limits and data
 * that ends too early; more data than needed is let be. Alpha is "mask" for 8BIT_A, "premultiplied" for RGBA, else "opaque".
 */
export function decodeBitmap(bitmap: BitmapSource): PixelImage {
  const { format, width, height } = bitmap;
  checkRows(bitmap);
  const pixels = new Uint32Array(width * height);
  switch (format) {
    case BitmapFormat.oneBitLe:
    case BitmapFormat.oneBitBe:
      unpackBits(bitmap, pixels, paletteOf(bitmap, 2), format === BitmapFormat.oneBitBe);
      break;
    case BitmapFormat.fourBitLe:
    case BitmapFormat.fourBitBe:
      unpackNibbles(bitmap, pixels, paletteOf(bitmap, 16), format === BitmapFormat.fourBitBe);
      break;
    case BitmapFormat.eightBit:
      unpackBytes(bitmap, pixels, paletteOf(bitmap, 256));
      break;
    case BitmapFormat.sixteenBit:
      unpack555(bitmap, pixels);
      break;
    case BitmapFormat.twentyFourBit:
      unpackBgr(bitmap, pixels);
      break;
    case BitmapFormat.eightBitAlpha:
      unpackAlpha(bitmap, pixels);
      break;
    default:
      unpackBgrx(bitmap, pixels, format === BitmapFormat.rgba ? 0 : OPAQUE_ALPHA);
  }
  const alpha =
    format === BitmapFormat.rgba ? "premultiplied" : format === BitmapFormat.eightBitAlpha ? "mask" : "opaque";
  return { width, height, pixels, alpha };
}

/** A 1-bit picture used as a mask (spice.proto, QMask): alpha 0xff where the bit is set. It needs no palette. */
export function decodeBitmapMask(bitmap: BitmapSource): PixelImage {
  const { format, width, height } = bitmap;
  checkRows(bitmap);
  if (BITS_PER_PIXEL[format] !== 1) {
    throw new ProtocolError("malformed", `bitmap: format ${format} cannot be a mask`);
  }
  const pixels = new Uint32Array(width * height);
  unpackBits(bitmap, pixels, Uint32Array.of(0, OPAQUE_ALPHA), format === BitmapFormat.oneBitBe);
  return { width, height, pixels, alpha: "mask" };
}

/** Bytes of a row without gaps. `format` is one of SPICE_BITMAP_FMT_*; others throw. */
export function bitmapRowBytes(format: number, width: number): number {
  const bits = BITS_PER_PIXEL[format];
  if (bits === undefined || bits === 0) throw new ProtocolError("malformed", `bitmap: format ${format} is not known`);
  return Math.ceil((width * bits) / 8);
}

function checkRows({ format, width, height, stride, data }: BitmapSource): void {
  checkImageSize("bitmap", width, height);
  const rowBytes = bitmapRowBytes(format, width);
  if (stride < rowBytes) {
    throw new ProtocolError("malformed", `bitmap: stride ${stride} is shorter than a row of ${rowBytes} bytes`);
  }
  if (stride * (height - 1) + rowBytes > data.length) throw endsTooEarly("bitmap");
}

function paletteOf({ format, palette }: BitmapSource, entryCount: number): Uint32Array {
  if (palette === undefined) throw new ProtocolError("malformed", `bitmap: format ${format} without a palette`);
  return palettePixels(palette, entryCount);
}

/** Where a row of the data begins in the picture. */
function rowStart({ width, height, isTopDown }: BitmapSource, row: number): number {
  return (isTopDown ? row : height - 1 - row) * width;
}

function unpackBits(bitmap: BitmapSource, pixels: Uint32Array, colours: Uint32Array, isHighFirst: boolean): void {
  const { width, height, stride, data } = bitmap;
  const clear = colours[0] as number;
  const set = colours[1] as number;
  const flip = isHighFirst ? 7 : 0;
  for (let y = 0; y < height; y += 1) {
    const from = y * stride;
    const to = rowStart(bitmap, y);
    for (let x = 0; x < width; x += 1) {
      pixels[to + x] = ((data[from + (x >>> 3)] as number) >>> ((x & 7) ^ flip)) & 1 ? set : clear;
    }
  }
}

function unpackNibbles(bitmap: BitmapSource, pixels: Uint32Array, colours: Uint32Array, isHighFirst: boolean): void {
  const { width, height, stride, data } = bitmap;
  const flip = isHighFirst ? 4 : 0;
  for (let y = 0; y < height; y += 1) {
    const from = y * stride;
    const to = rowStart(bitmap, y);
    for (let x = 0; x < width; x += 1) {
      pixels[to + x] = colours[((data[from + (x >>> 1)] as number) >>> (((x & 1) << 2) ^ flip)) & 15] as number;
    }
  }
}

function unpackBytes(bitmap: BitmapSource, pixels: Uint32Array, colours: Uint32Array): void {
  const { width, height, stride, data } = bitmap;
  for (let y = 0; y < height; y += 1) {
    const from = y * stride;
    const to = rowStart(bitmap, y);
    for (let x = 0; x < width; x += 1) pixels[to + x] = colours[data[from + x] as number] as number;
  }
}

function unpack555(bitmap: BitmapSource, pixels: Uint32Array): void {
  const { width, height, stride, data } = bitmap;
  for (let y = 0; y < height; y += 1) {
    const from = y * stride;
    const to = rowStart(bitmap, y);
    for (let x = 0; x < width; x += 1) {
      pixels[to + x] = pixelOf555((data[from + x * 2] as number) | ((data[from + x * 2 + 1] as number) << 8));
    }
  }
}

function unpackBgr(bitmap: BitmapSource, pixels: Uint32Array): void {
  const { width, height, stride, data } = bitmap;
  for (let y = 0; y < height; y += 1) {
    const to = rowStart(bitmap, y);
    for (let x = 0, from = y * stride; x < width; x += 1, from += 3) {
      pixels[to + x] =
        OPAQUE_ALPHA | ((data[from] as number) << 16) | ((data[from + 1] as number) << 8) | (data[from + 2] as number);
    }
  }
}

/** `alphaMask` is or-ed to each pixel: OPAQUE_ALPHA where the fourth byte means nothing. */
function unpackBgrx(bitmap: BitmapSource, pixels: Uint32Array, alphaMask: number): void {
  const { width, height, stride, data } = bitmap;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let y = 0; y < height; y += 1) {
    const to = rowStart(bitmap, y);
    for (let x = 0, from = y * stride; x < width; x += 1, from += 4) {
      const argb = view.getInt32(from, true);
      pixels[to + x] = alphaMask | (argb & 0xff00_ff00) | ((argb & 0xff) << 16) | ((argb >>> 16) & 0xff);
    }
  }
}

function unpackAlpha(bitmap: BitmapSource, pixels: Uint32Array): void {
  const { width, height, stride, data } = bitmap;
  for (let y = 0; y < height; y += 1) {
    const from = y * stride;
    const to = rowStart(bitmap, y);
    for (let x = 0; x < width; x += 1) pixels[to + x] = (data[from + x] as number) << 24;
  }
}
