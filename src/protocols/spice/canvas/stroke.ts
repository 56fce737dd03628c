import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { DrawOperation, LineStyle, Rect } from "../display/draw-types.ts";
import { plotDashedLines, type DashPattern } from "./dashed-line.ts";
import { fillWithBrush } from "./fill.ts";
import { extentsOf, intersectRect, type Region } from "./region.ts";
import { ROP_NOOP, ropOf, type Rop } from "./rop.ts";
import { pixelOf, polylinesOf, type Polyline } from "./stroke-path.ts";
import { plotThinLines } from "./thin-line.ts";
import type { Surface } from "./surface.ts";

type Stroke = Extract<DrawOperation, { op: "stroke" }>;

/**
 * STROKE: thin lines along a path. `backMode` means nothing, as in the reference client: gaps are not drawn. Each line of a path is drawn for
 * itself, dashed ones each subpath, so that an operation that is not the same when done twice shows where they cross.
 */
export function drawStroke(surface: Surface, region: Region, stroke: Stroke): void {
  const rop = ropOf(stroke.foreMode, "brush");
  if (region.length === 0 || rop === ROP_NOOP) return;
  const polylines = polylinesOf(stroke.path);
  const dashes = dashPatternOf(stroke.style);
  const { left, top, right, bottom } = boundsOf(polylines);
  const area = intersectRect(region, left, top, right, bottom);
  if (area.length === 0) return;
  const painter = new LinePainter(surface, area, stroke, rop);
  for (const polyline of polylines) {
    if (dashes !== undefined) painter.drawDashed(polyline, dashes);
    else for (let i = 2; i < polyline.length; i += 2) painter.drawThin(polyline.slice(i - 2, i + 2));
  }
}

/** Pixels along one stroke's lines, and its dashes and gaps. About a second of work. */
export const MAX_STROKE_STEPS = 16_000_000;

/** With room for a corner between two dashed lines, which stands out at most by half of 1 / sin(5.5°). */
const CORNER_PX = 6;

function boundsOf(polylines: readonly Polyline[]): Rect {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const polyline of polylines) {
    for (let i = 0; i < polyline.length; i += 2) {
      bounds.left = Math.min(bounds.left, (polyline[i] ?? 0) - CORNER_PX);
      bounds.top = Math.min(bounds.top, (polyline[i + 1] ?? 0) - CORNER_PX);
      bounds.right = Math.max(bounds.right, (polyline[i] ?? 0) + CORNER_PX);
      bounds.bottom = Math.max(bounds.bottom, (polyline[i + 1] ?? 0) + CORNER_PX);
    }
  }
  return bounds;
}

/** Undefined: not dashed. Lengths are whole pixels and at most 255, as in the reference client. */
function dashPatternOf(style: LineStyle): DashPattern | undefined {
  if (style.dashes.length === 0) return undefined;
  const lengths = style.dashes.map((dash) => pixelOf(dash) & 0xff);
  if (lengths.every((length) => length === 0)) throw new ProtocolError("malformed", "dashes without length");
  if (!style.startsWithGap) return { lengths, offset: 0 };
  const turned = [...lengths.slice(1), lengths[0] ?? 0];
  return { lengths: turned, offset: turned[0] ?? 0 };
}

/** X merges the pieces of a dashed line before it paints when painting twice would show. */
function isCareful(rop: Rop): boolean {
  return (rop & 0xc) === 0x8 || (rop & 0x3) === 0x2;
}

class LinePainter {
  readonly #surface: Surface;
  readonly #stroke: Stroke;
  readonly #region: Region;
  readonly #rop: Rop;
  readonly #extents: Rect;
  /** Which pixels of the extents a line touches. */
  readonly #touched: Uint8Array;
  readonly #touchedAt: number[] = [];
  #steps = 0;

  constructor(surface: Surface, region: Region, stroke: Stroke, rop: Rop) {
    this.#surface = surface;
    this.#region = region;
    this.#stroke = stroke;
    this.#rop = rop;
    this.#extents = extentsOf(region);
    const { left, top, right, bottom } = this.#extents;
    this.#touched = new Uint8Array((right - left) * (bottom - top));
    for (let i = 0; i < region.length; i += 4) {
      for (let y = region[i + 1] ?? 0; y < (region[i + 3] ?? 0); y++) {
        const row = (y - top) * (right - left) - left;
        this.#touched.fill(INSIDE, row + (region[i] ?? 0), row + (region[i + 2] ?? 0));
      }
    }
  }

  drawThin(polyline: Polyline): void {
    this.#steps += 1 + plotThinLines(polyline, this.#extents, this.#touch);
    this.#paint();
  }

  drawDashed(polyline: Polyline, pattern: DashPattern): void {
    const usesSpans = polyline.length >= 6 && isCareful(this.#rop);
    this.#steps += plotDashedLines(polyline, pattern, usesSpans, this.#extents, this.#touch);
    this.#paint();
  }

  readonly #touch = (x: number, y: number): void => {
    const { left, top, right } = this.#extents;
    const at = (y - top) * (right - left) + x - left;
    if (this.#touched[at] !== INSIDE) return;
    this.#touched[at] = TOUCHED;
    this.#touchedAt.push(at);
  };

  #paint(): void {
    if (this.#steps > MAX_STROKE_STEPS) throw new ProtocolError("limit", "stroke without an end");
    const { left, top, right } = this.#extents;
    const width = right - left;
    const touchedAt = this.#touchedAt.sort((a, b) => a - b);
    const runs: number[] = [];
    for (let i = 0; i < touchedAt.length;) {
      const start = touchedAt[i] ?? 0;
      const y = Math.floor(start / width);
      let end = start;
      while (touchedAt[i] === end && end < (y + 1) * width) {
        this.#touched[end] = INSIDE;
        end++;
        i++;
      }
      runs.push(start - y * width + left, y + top, end - y * width + left, y + top + 1);
    }
    touchedAt.length = 0;
    fillWithBrush(this.#surface, Int32Array.from(runs), this.#stroke.brush, this.#rop);
  }
}

const INSIDE = 1;
const TOUCHED = 2;
