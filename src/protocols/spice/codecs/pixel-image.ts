/**
 * A decoded picture, and the form of every surface: rows top down without gaps, one u32 a pixel in the order of a page's ImageData
 * (memory R, G, B, A; as a little-endian number 0xAABBGGRR), so that presenting is a plain copy.
 */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  /** `width * height` long. */
  readonly pixels: Uint32Array<ArrayBuffer>;
  /**
   * "opaque": every alpha byte is 0xff. "premultiplied": SPICE's ARGB, colours are multiplied by alpha. "mask": 1-bit or 8-bit
   * alpha only (A1, A8 surfaces and bitmaps used as masks): the value stands in the alpha byte, colours are 0.
   */
  readonly alpha: "opaque" | "premultiplied" | "mask";
}

/** INVARIANT: pixels are written and read as u32 on little-endian machines only; every browser's machine is one. */
export const OPAQUE_ALPHA = 0xff00_0000;
