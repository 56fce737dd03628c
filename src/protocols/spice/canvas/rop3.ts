import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import type { Brush, Rect, ScaleMode } from "../display/draw-types.ts";
import { readableSource } from "./copy.ts";
import { bandEnd, extentsOf, sizesAreEqual, type Region } from "./region.ts";
import { createSampler, type Sampler } from "./sampler.ts";
import { colourOn, formMasks, type Surface } from "./surface.ts";

export interface Rop3 {
  readonly source: PixelImage;
  readonly sourceArea: Rect;
  readonly brush: Brush;
  /** Bit `pattern * 4 + source * 2 + dest` is the result for these three bits (Windows' ternary raster operations). */
  readonly rop3: number;
  readonly scaleMode: ScaleMode;
}

/**
 * Combines brush, source and surface bit by bit. A brush that is none counts as 0. Throws ProtocolError when the source does not cover the box.
 */
export function drawRop3(surface: Surface, region: Region, box: Rect, operation: Rop3): void {
  if (region.length === 0) return;
  const source = readableSource(surface, operation.source);
  const { sourceArea, brush } = operation;
  const isScaled = !sizesAreEqual(box, sourceArea);
  const isCovered =
    sourceArea.left >= 0 &&
    sourceArea.top >= 0 &&
    sourceArea.right <= source.width &&
    sourceArea.bottom <= source.height;
  if (!isScaled && !isCovered) throw new ProtocolError("malformed", "source is smaller than what is drawn of it");
  const scaler = isScaled ? createRop3Scaler(region, box, source, operation) : undefined;
  const pattern = brush.kind === "pattern" ? readableSource(surface, brush.image) : undefined;
  if (pattern !== undefined && pattern.pixels.length === 0) {
    throw new ProtocolError("malformed", "pattern without pixels");
  }
  const { left, right } = extentsOf(region);
  const sourceRow = new Uint32Array(right - left);
  const patternRow = new Uint32Array(right - left);
  if (pattern === undefined) patternRow.fill(colourOn(surface.format, brush.kind === "solid" ? brush.colour : 0));
  const { pixels, width } = surface;
  const { keep, set } = formMasks(surface.alpha);
  const offsetX = sourceArea.left - box.left;
  const offsetY = sourceArea.top - box.top;
  for (let start = 0; start < region.length;) {
    const end = bandEnd(region, start);
    for (let y = region[start + 1] ?? 0; y < (region[start + 3] ?? 0); y++) {
      for (let i = start; i < end; i += 4) {
        const x = region[i] ?? 0;
        const count = (region[i + 2] ?? 0) - x;
        if (pattern !== undefined && brush.kind === "pattern") {
          tileRow(patternRow, pattern, x - brush.origin.x, y - brush.origin.y, count);
        }
        let from = 0;
        if (scaler === undefined) from = (y + offsetY) * source.width + x + offsetX;
        else scaler.read(x - box.left, y - box.top, count, sourceRow);
        const sourcePixels = scaler === undefined ? source.pixels : sourceRow;
        rop3Row(operation.rop3, pixels, y * width + x, sourcePixels, from, patternRow, count, keep, set);
      }
    }
    start = end;
  }
}

/**
 * Scales as the reference client does for rop3 only: the part's corner is rounded to a pixel of the result, not kept as a fraction.
 */
function createRop3Scaler(region: Region, box: Rect, source: PixelImage, operation: Rop3): Sampler {
  const { sourceArea, scaleMode } = operation;
  const scaleX = (sourceArea.right - sourceArea.left) / (box.right - box.left);
  const scaleY = (sourceArea.bottom - sourceArea.top) / (box.bottom - box.top);
  if (scaleX === 0 || scaleY === 0) throw new ProtocolError("malformed", "source area without pixels");
  const startX = Math.floor(sourceArea.left / scaleX + 0.5);
  const startY = Math.floor(sourceArea.top / scaleY + 0.5);
  const { left, right } = extentsOf(region);
  const sampler = createSampler({
    image: source,
    transform: [Math.trunc(scaleX * 65_536), 0, 0, 0, Math.trunc(scaleY * 65_536), 0],
    filter: scaleMode === "nearest" ? "nearest" : "bilinear",
    repeat: "none",
    left: left - box.left + startX,
    right: right - box.left + startX,
  });
  return {
    read: (x, y, count, out) => {
      sampler.read(x + startX, y + startY, count, out);
    },
  };
}

/** A row of a picture that repeats, from its point x, y on. */
export function tileRow(out: Uint32Array, tile: PixelImage, x: number, y: number, count: number): void {
  const row = (((y % tile.height) + tile.height) % tile.height) * tile.width;
  let column = ((x % tile.width) + tile.width) % tile.width;
  for (let i = 0; i < count; i++) {
    out[i] = tile.pixels[row + column] ?? 0;
    if (++column === tile.width) column = 0;
  }
}

/** Any function of three bits is a sum (XOR) of some of the eight products (AND) of its inputs. */
function rop3Row(
  rop3: number,
  dest: Uint32Array,
  destAt: number,
  source: Uint32Array,
  sourceAt: number,
  pattern: Uint32Array,
  count: number,
  keep: number,
  set: number,
): void {
  const products = productsOf(rop3);
  const one = products[0] ?? 0;
  const d1 = products[1] ?? 0;
  const s1 = products[2] ?? 0;
  const sd = products[3] ?? 0;
  const p1 = products[4] ?? 0;
  const pd = products[5] ?? 0;
  const ps = products[6] ?? 0;
  const psd = products[7] ?? 0;
  for (let i = 0; i < count; i++) {
    const p = pattern[i] ?? 0;
    const s = source[sourceAt + i] ?? 0;
    const d = dest[destAt + i] ?? 0;
    const result =
      one ^ (d & d1) ^ (s & s1) ^ (s & d & sd) ^ (p & p1) ^ (p & d & pd) ^ (p & s & ps) ^ (p & s & d & psd);
    dest[destAt + i] = (result & keep) | set;
  }
}

/** For each set of inputs (as in `rop3`'s bits) -1 when their product is part of the sum, or else 0. */
function productsOf(rop3: number): Int32Array {
  const products = new Int32Array(8);
  for (let inputs = 0; inputs < 8; inputs++) {
    for (let subset = 0; subset <= inputs; subset++) {
      if ((subset & inputs) === subset && ((rop3 >> subset) & 1) === 1) products[inputs] = ~(products[inputs] ?? 0);
    }
  }
  return products;
}
