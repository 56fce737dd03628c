import { OPAQUE_ALPHA } from "../codecs/pixel-image.ts";
import type { Brush, DrawOperation, Glyph } from "../display/draw-types.ts";
import { addPixels, multiplyPixel } from "./combine.ts";
import { readableAlways } from "./copy.ts";
import { fillWithBrush } from "./fill.ts";
import { extentsOf, intersectRect, type Region } from "./region.ts";
import { ROP_COPY, ROPD } from "./rop.ts";
import { tileRow } from "./rop3.ts";
import { colourOn, formMasks, type Surface } from "./surface.ts";

/** SPICE_STRING_FLAGS_RASTER_A1, _A4, _A8. Without one, glyphs are outlines, which no server sends and the reference client does not draw. */
const RASTER_FLAGS = 1 | 2 | 4;

type Text = Extract<DrawOperation, { op: "text" }>;

/**
 * TEXT: fills the back area, then paints the fore brush over the surface through the glyphs' coverage. Where glyphs overlap the larger coverage
 * counts, once. As in the reference client, `backMode` means nothing, and `foreMode` only that a text with a back area is not drawn
 * unless it is a plain put.
 */
export function drawText(surface: Surface, region: Region, text: Text): void {
  const { backArea, glyphs } = text;
  const hasBackArea = backArea.left < backArea.right && backArea.top < backArea.bottom;
  if (hasBackArea) {
    if (text.foreMode !== ROPD.OP_PUT) return;
    const back = intersectRect(region, backArea.left, backArea.top, backArea.right, backArea.bottom);
    if (text.backBrush.kind !== "none") fillWithBrush(surface, back, text.backBrush, ROP_COPY);
  }
  if ((text.stringFlags & RASTER_FLAGS) === 0 || text.foreBrush.kind === "none" || glyphs.length === 0) return;
  const bounds = boundsOf(glyphs);
  const area = intersectRect(region, bounds.left, bounds.top, bounds.right, bounds.bottom);
  if (area.length === 0) return;
  const coverage = coverageOf(glyphs, area);
  paintThrough(surface, area, coverage, text.foreBrush, bounds.left, bounds.top);
}

interface Coverage {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly values: Uint8Array;
}

function boundsOf(glyphs: readonly Glyph[]): { left: number; top: number; right: number; bottom: number } {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const glyph of glyphs) {
    const left = glyph.renderX + glyph.originX;
    const top = glyph.renderY + glyph.originY;
    bounds.left = Math.min(bounds.left, left);
    bounds.top = Math.min(bounds.top, top);
    bounds.right = Math.max(bounds.right, left + glyph.width);
    bounds.bottom = Math.max(bounds.bottom, top + glyph.height);
  }
  return bounds;
}

/** Only as large as what can be seen, so that glyphs far apart cost nothing. */
function coverageOf(glyphs: readonly Glyph[], area: Region): Coverage {
  const { left, top, right, bottom } = extentsOf(area);
  const width = right - left;
  const values = new Uint8Array(width * (bottom - top));
  for (const glyph of glyphs) {
    const glyphLeft = glyph.renderX + glyph.originX;
    const glyphTop = glyph.renderY + glyph.originY;
    const fromX = Math.max(left - glyphLeft, 0);
    const toX = Math.min(right - glyphLeft, glyph.width);
    const toY = Math.min(bottom - glyphTop, glyph.height);
    for (let y = Math.max(top - glyphTop, 0); y < toY; y++) {
      let at = (glyphTop + y - top) * width + glyphLeft + fromX - left;
      let from = y * glyph.width + fromX;
      for (let x = fromX; x < toX; x++, at++, from++) {
        const value = glyph.coverage[from] ?? 0;
        if (value > (values[at] ?? 0)) values[at] = value;
      }
    }
  }
  return { left, top, width, values };
}

/** A pattern's origin counts from the corner of the string, which is an oddity of the reference client. */
function paintThrough(
  surface: Surface,
  area: Region,
  coverage: Coverage,
  brush: Exclude<Brush, { kind: "none" }>,
  stringLeft: number,
  stringTop: number,
): void {
  const { pixels, width } = surface;
  const { keep, set } = formMasks(surface.alpha);
  const row = new Uint32Array(coverage.width);
  const tile = brush.kind === "pattern" ? readableAlways(surface, brush.image) : undefined;
  if (brush.kind === "solid") row.fill(colourOfText(surface, brush.colour));
  if (tile?.pixels.length === 0) return;
  const tileSet = tile?.alpha === "opaque" ? OPAQUE_ALPHA | 0 : 0;
  for (let i = 0; i < area.length; i += 4) {
    const left = area[i] ?? 0;
    const count = (area[i + 2] ?? 0) - left;
    for (let y = area[i + 1] ?? 0; y < (area[i + 3] ?? 0); y++) {
      if (tile !== undefined && brush.kind === "pattern") {
        tileRow(row, tile, left - stringLeft - brush.origin.x, y - stringTop - brush.origin.y, count);
      }
      const coverageAt = (y - coverage.top) * coverage.width + left - coverage.left;
      overThrough(pixels, y * width + left, row, tileSet, coverage.values, coverageAt, count, keep, set);
    }
  }
}

/** Text is always opaque, even where a colour could say alpha. */
function colourOfText(surface: Surface, colour: number): number {
  if (surface.alpha === "mask") return OPAQUE_ALPHA;
  return (colourOn(surface.format, colour) | OPAQUE_ALPHA) >>> 0;
}

function overThrough(
  dest: Uint32Array,
  destAt: number,
  source: Uint32Array,
  sourceSet: number,
  coverage: Uint8Array,
  coverageAt: number,
  count: number,
  keep: number,
  set: number,
): void {
  for (let i = 0; i < count; i++) {
    const part = coverage[coverageAt + i] ?? 0;
    if (part === 0) continue;
    let s = (source[i] ?? 0) | sourceSet;
    if (part !== 255) s = multiplyPixel(s, part);
    const rest = 255 - (s >>> 24);
    const at = destAt + i;
    const result = rest === 0 ? s : addPixels(s, multiplyPixel(dest[at] ?? 0, rest));
    dest[at] = (result & keep) | set;
  }
}
