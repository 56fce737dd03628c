import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import type { Brush, Point } from "../display/draw-types.ts";
import { readableSource } from "./copy.ts";
import type { Region } from "./region.ts";
import { combineRow, ROP_COPY, ROP_NOOP, solidRop, type Rop } from "./rop.ts";
import { colourOn, formMasks, type Surface } from "./surface.ts";

/** Paints a region with a brush. A brush that is none counts as colour 0, since the operation may not need one (INVERS). */
export function fillWithBrush(surface: Surface, region: Region, brush: Brush, rop: Rop): void {
  if (rop === ROP_NOOP || region.length === 0) return;
  if (brush.kind === "pattern") fillWithTile(surface, region, brush.image, brush.origin, rop);
  else fillWithColour(surface, region, colourOn(surface.format, brush.kind === "solid" ? brush.colour : 0), rop);
}

/** `pixel` is in the surface's form already. */
export function fillWithColour(surface: Surface, region: Region, pixel: number, rop: Rop): void {
  const { pixels, width } = surface;
  const { keep, set } = formMasks(surface.alpha);
  const { and, xor } = solidRop(rop, pixel);
  const isConstant = (and & keep) === 0 || (set !== 0 && (and & ~set) === 0);
  const constant = ((xor & keep) | set) >>> 0;
  for (let i = 0; i < region.length; i += 4) {
    const left = region[i] ?? 0;
    const right = region[i + 2] ?? 0;
    const bottom = region[i + 3] ?? 0;
    for (let y = region[i + 1] ?? 0; y < bottom; y++) {
      const end = y * width + right;
      if (isConstant) {
        pixels.fill(constant, y * width + left, end);
        continue;
      }
      for (let at = y * width + left; at < end; at++) pixels[at] = ((((pixels[at] ?? 0) & and) ^ xor) & keep) | set;
    }
  }
}

/** Repeats a picture in both directions so that one of its corners lies at `origin`. Throws ProtocolError for a picture without pixels. */
export function fillWithTile(surface: Surface, region: Region, picture: PixelImage, origin: Point, rop: Rop): void {
  const tile = readableSource(surface, picture);
  if (tile.width === 0 || tile.height === 0) throw new ProtocolError("malformed", "pattern without pixels");
  const { pixels, width } = surface;
  const { keep, set } = formMasks(surface.alpha);
  const isPlain = rop === ROP_COPY && tile.alpha === surface.alpha;
  for (let i = 0; i < region.length; i += 4) {
    const left = region[i] ?? 0;
    const right = region[i + 2] ?? 0;
    const bottom = region[i + 3] ?? 0;
    const firstX = modulo(left - origin.x, tile.width);
    for (let y = region[i + 1] ?? 0; y < bottom; y++) {
      const tileRow = modulo(y - origin.y, tile.height) * tile.width;
      let tileX = firstX;
      for (let x = left; x < right;) {
        const count = Math.min(tile.width - tileX, right - x);
        const from = tileRow + tileX;
        const at = y * width + x;
        if (isPlain && count > 8) pixels.set(tile.pixels.subarray(from, from + count), at);
        else combineRow(rop, pixels, at, tile.pixels, from, count, keep, set);
        x += count;
        tileX = 0;
      }
    }
  }
}

function modulo(value: number, by: number): number {
  const rest = value % by;
  return rest < 0 ? rest + by : rest;
}
