import { OPAQUE_ALPHA } from "./pixel-image.ts";

/**
 * From SPICE's pixels to ours (pixel-image.ts). Typed array reads are marked `as number` here and in the decoders beside: their
 * bounds are checked before the loop, and a test for undefined in each turn would be paid for every pixel.
 */

/** 0x00RRGGBB to opaque. */
export function opaquePixel(rgb: number): number {
  return OPAQUE_ALPHA | ((rgb & 0xff) << 16) | (rgb & 0xff00) | ((rgb >>> 16) & 0xff);
}

/** x1r5g5b5 to opaque. */
export function pixelOf555(value: number): number {
  return spreadFiveBits(((value & 0x1f) << 16) | ((value & 0x3e0) << 3) | ((value >>> 10) & 0x1f));
}

/** Five bits in each of the three bytes to eight, the upper ones repeated below; opaque. */
export function spreadFiveBits(five: number): number {
  return OPAQUE_ALPHA | (five << 3) | ((five >>> 2) & 0x07_0707);
}

/**
 * The palette of a picture with `entryCount` possible values as pixels. Colours are 0x00RRGGBB as on the wire; values beyond the
 * palette's end are black, as nothing forbids a guest to use them.
 */
export function palettePixels(palette: Uint32Array, entryCount: number): Uint32Array {
  const pixels = new Uint32Array(entryCount).fill(OPAQUE_ALPHA);
  for (let i = Math.min(palette.length, entryCount) - 1; i >= 0; i -= 1) pixels[i] = opaquePixel(palette[i] as number);
  return pixels;
}

/** Turns rows upside down in place. */
export function flipRows(pixels: Uint32Array, width: number, height: number): void {
  const row = new Uint32Array(width);
  for (let top = 0, bottom = (height - 1) * width; top < bottom; top += width, bottom -= width) {
    row.set(pixels.subarray(top, top + width));
    pixels.copyWithin(top, bottom, bottom + width);
    pixels.set(row, bottom);
  }
}
