import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import type { Rect, ScaleMode } from "../display/draw-types.ts";
import { readableSource } from "./copy.ts";
import { bandEnd, extentsOf, type Region } from "./region.ts";
import { combineRow, ROP_NOOP, type Rop } from "./rop.ts";
import { createSampler, type Sampler } from "./sampler.ts";
import { formMasks, type Surface } from "./surface.ts";

/** Reads `source` so that `sourceArea` fills `box`; coordinates count from the box's corner, and cover the region. */
export function createScaler(
  region: Region,
  box: Rect,
  source: PixelImage,
  sourceArea: Rect,
  mode: ScaleMode,
): Sampler {
  const { left, right } = extentsOf(region);
  const scaleX = scaleOf(sourceArea.right - sourceArea.left, box.right - box.left);
  const scaleY = scaleOf(sourceArea.bottom - sourceArea.top, box.bottom - box.top);
  return createSampler({
    image: source,
    transform: [scaleX, 0, sourceArea.left * 65_536, 0, scaleY, sourceArea.top * 65_536],
    filter: mode === "nearest" ? "nearest" : "bilinear",
    repeat: "none",
    left: left - box.left,
    right: right - box.left,
  });
}

/** 16.16, cut off: the steps add up to slightly less than the whole, as they do in the reference client. */
function scaleOf(from: number, to: number): number {
  const scale = Math.floor((from * 65_536) / to);
  if (!(scale < 2 ** 31)) throw new ProtocolError("malformed", `${String(from)} pixels are scaled to ${String(to)}`);
  return scale;
}

/** Draws the part `sourceArea` of a picture over the whole box. Parts that lie outside of the picture are black. */
export function scaleImage(
  surface: Surface,
  region: Region,
  box: Rect,
  picture: PixelImage,
  sourceArea: Rect,
  mode: ScaleMode,
  rop: Rop,
): void {
  if (region.length === 0 || rop === ROP_NOOP) return;
  const source = readableSource(surface, picture);
  const sampler = createScaler(region, box, source, sourceArea, mode);
  const { left, right } = extentsOf(region);
  const { pixels, width } = surface;
  const { keep, set } = formMasks(surface.alpha);
  const row = new Uint32Array(right - left);
  for (let start = 0; start < region.length;) {
    const end = bandEnd(region, start);
    for (let y = region[start + 1] ?? 0; y < (region[start + 3] ?? 0); y++) {
      for (let i = start; i < end; i += 4) {
        const x = region[i] ?? 0;
        const count = (region[i + 2] ?? 0) - x;
        sampler.read(x - box.left, y - box.top, count, row);
        combineRow(rop, pixels, y * width + x, row, 0, count, keep, set);
      }
    }
    start = end;
  }
}
