import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import { intersectRect, type Region } from "./region.ts";
import { combineRow, ROP_COPY, ROP_NOOP, type Rop } from "./rop.ts";
import { formMasks, type Surface } from "./surface.ts";

/**
 * The picture to read while `surface` is written: a copy when both are the same memory. Throws ProtocolError when one is a mask and the other
 * has colours, which the protocol leaves without meaning (the reference client ends there).
 */
export function readableSource(surface: Surface, source: PixelImage): PixelImage {
  if ((source.alpha === "mask") !== (surface.alpha === "mask")) {
    throw new ProtocolError("malformed", `${source.alpha} picture drawn on a ${surface.format} surface`);
  }
  return readableAlways(surface, source);
}

/** As `readableSource`, where colours and masks may meet because pixels are blended and not copied. */
export function readableAlways(surface: Surface, source: PixelImage): PixelImage {
  if (source.pixels !== surface.pixels) return source;
  const { width, height, alpha, pixels } = source;
  return { width, height, alpha, pixels: pixels.slice() };
}

/** Draws the picture with its corner at offsetX, offsetY; where it ends, nothing is drawn. */
export function copyImage(
  surface: Surface,
  region: Region,
  picture: PixelImage,
  offsetX: number,
  offsetY: number,
  rop: Rop,
): void {
  const source = readableSource(surface, picture);
  if (rop === ROP_NOOP) return;
  const { pixels, width } = surface;
  const { keep, set } = formMasks(surface.alpha);
  const isPlain = rop === ROP_COPY && (source.alpha === surface.alpha || surface.alpha === "premultiplied");
  const area = intersectRect(region, offsetX, offsetY, offsetX + source.width, offsetY + source.height);
  for (let i = 0; i < area.length; i += 4) {
    const left = area[i] ?? 0;
    const count = (area[i + 2] ?? 0) - left;
    const bottom = area[i + 3] ?? 0;
    const top = area[i + 1] ?? 0;
    if (isPlain && offsetX === 0 && count === width && source.width === width) {
      const from = (top - offsetY) * width;
      pixels.set(source.pixels.subarray(from, from + (bottom - top) * width), top * width);
      continue;
    }
    for (let y = top; y < bottom; y++) {
      const from = (y - offsetY) * source.width + left - offsetX;
      const at = y * width + left;
      if (isPlain) pixels.set(source.pixels.subarray(from, from + count), at);
      else combineRow(rop, pixels, at, source.pixels, from, count, keep, set);
    }
  }
}
