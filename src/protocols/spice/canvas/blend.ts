import { OPAQUE_ALPHA, type PixelImage } from "../codecs/pixel-image.ts";
import type { Rect } from "../display/draw-types.ts";
import { overRow } from "./combine.ts";
import { bandEnd, extentsOf, intersectRect, sizesAreEqual, type Region } from "./region.ts";
import { createScaler } from "./scale.ts";
import { readableAlways } from "./copy.ts";
import type { Surface } from "./surface.ts";

/**
 * ALPHA_BLEND: the source, made weaker by `alpha` of 255, over the surface. Where the source ends nothing changes. A source of another size is
 * scaled to its nearest pixels.
 */
export function blendImage(
  surface: Surface,
  region: Region,
  box: Rect,
  picture: PixelImage,
  sourceArea: Rect,
  alpha: number,
): void {
  if (alpha === 0 || region.length === 0) return;
  const source = readableAlways(surface, picture);
  const { pixels, width } = surface;
  if (!sizesAreEqual(box, sourceArea)) {
    const sampler = createScaler(region, box, source, sourceArea, "nearest");
    const { left, right } = extentsOf(region);
    const row = new Uint32Array(right - left);
    for (let start = 0; start < region.length;) {
      const end = bandEnd(region, start);
      for (let y = region[start + 1] ?? 0; y < (region[start + 3] ?? 0); y++) {
        for (let i = start; i < end; i += 4) {
          const x = region[i] ?? 0;
          const count = (region[i + 2] ?? 0) - x;
          sampler.read(x - box.left, y - box.top, count, row);
          overRow(pixels, y * width + x, row, 0, count, alpha, 0);
          if (surface.alpha === "mask") clearColours(pixels, y * width + x, count);
        }
      }
      start = end;
    }
    return;
  }
  const offsetX = box.left - sourceArea.left;
  const offsetY = box.top - sourceArea.top;
  const sourceSet = source.alpha === "opaque" ? OPAQUE_ALPHA | 0 : 0;
  const area = intersectRect(region, offsetX, offsetY, offsetX + source.width, offsetY + source.height);
  for (let i = 0; i < area.length; i += 4) {
    const left = area[i] ?? 0;
    const count = (area[i + 2] ?? 0) - left;
    for (let y = area[i + 1] ?? 0; y < (area[i + 3] ?? 0); y++) {
      const from = (y - offsetY) * source.width + left - offsetX;
      overRow(pixels, y * width + left, source.pixels, from, count, alpha, sourceSet);
      if (surface.alpha === "mask") clearColours(pixels, y * width + left, count);
    }
  }
}

function clearColours(pixels: Uint32Array, at: number, count: number): void {
  for (let i = at; i < at + count; i++) pixels[i] = (pixels[i] ?? 0) & OPAQUE_ALPHA;
}
