import type { PixelImage } from "../codecs/pixel-image.ts";
import type { Rect } from "../display/draw-types.ts";
import { readableSource } from "./copy.ts";
import { bandEnd, extentsOf, intersectRect, sizesAreEqual, type Region } from "./region.ts";
import { createScaler } from "./scale.ts";
import { formMasks, narrowColour, swapRedBlue, type Surface } from "./surface.ts";

const COLOUR_BITS = 0xff_ffff;

/**
 * Draws all of a source but its pixels of one colour, 0x00RRGGBB (on a surface without colours: all but its clear ones). Of another size, it is
 * scaled to its nearest pixels, and what lies outside of the source is black.
 */
export function drawTransparent(
  surface: Surface,
  region: Region,
  box: Rect,
  picture: PixelImage,
  sourceArea: Rect,
  colour: number,
): void {
  if (region.length === 0) return;
  const source = readableSource(surface, picture);
  const isMask = surface.alpha === "mask";
  const compared = isMask ? ~COLOUR_BITS : COLOUR_BITS;
  const key = isMask ? 0 : narrowColour(surface.format, swapRedBlue(colour)) & COLOUR_BITS;
  const { pixels, width, format } = surface;
  const { keep, set } = formMasks(surface.alpha);
  const isScaled = !sizesAreEqual(box, sourceArea);
  const offsetX = box.left - sourceArea.left;
  const offsetY = box.top - sourceArea.top;
  const area = isScaled
    ? region
    : intersectRect(region, offsetX, offsetY, offsetX + source.width, offsetY + source.height);
  if (area.length === 0) return;
  const scaler = isScaled ? createScaler(region, box, source, sourceArea, "nearest") : undefined;
  const { left, right } = extentsOf(area);
  const row = new Uint32Array(right - left);
  for (let start = 0; start < area.length;) {
    const end = bandEnd(area, start);
    for (let y = area[start + 1] ?? 0; y < (area[start + 3] ?? 0); y++) {
      for (let i = start; i < end; i += 4) {
        const x = area[i] ?? 0;
        const count = (area[i + 2] ?? 0) - x;
        let from = 0;
        if (scaler === undefined) from = (y - offsetY) * source.width + x - offsetX;
        else scaler.read(x - box.left, y - box.top, count, row);
        const sourcePixels = scaler === undefined ? source.pixels : row;
        const at = y * width + x;
        for (let k = 0; k < count; k++) {
          const pixel = narrowColour(format, sourcePixels[from + k] ?? 0);
          if ((pixel & compared) !== key) pixels[at + k] = (pixel & keep) | set;
        }
      }
    }
    start = end;
  }
}
