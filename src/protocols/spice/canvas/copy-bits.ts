import type { Point, Rect } from "../display/draw-types.ts";
import { intersectRect, type Region } from "./region.ts";
import type { Surface } from "./surface.ts";

/**
 * Moves a part of a surface within it. Rows, and rectangles beside each other, go in the order in which none overwrites what a later one still
 * reads. What would come from outside of the surface is not drawn.
 */
export function copyBits(surface: Surface, region: Region, box: Rect, from: Point): void {
  const { pixels, width, height } = surface;
  const dx = box.left - from.x;
  const dy = box.top - from.y;
  if (dx === 0 && dy === 0) return;
  const area = intersectRect(region, dx, dy, dx + width, dy + height);
  for (const i of dy > 0 ? backwards(area, dx > 0) : forwards(area, dx > 0)) {
    const left = area[i] ?? 0;
    const top = area[i + 1] ?? 0;
    const count = (area[i + 2] ?? 0) - left;
    const rows = (area[i + 3] ?? 0) - top;
    if (count === width) {
      const source = (top - dy) * width;
      pixels.copyWithin(top * width, source, source + rows * width);
      continue;
    }
    for (let row = 0; row < rows; row++) {
      const y = dy > 0 ? top + rows - 1 - row : top + row;
      const source = (y - dy) * width + left - dx;
      pixels.copyWithin(y * width + left, source, source + count);
    }
  }
}

/** Indices of rectangles, rows of rectangles bottom up; within a row right to left when `rightFirst`. */
function* backwards(area: Region, rightFirst: boolean): Generator<number> {
  for (let end = area.length; end > 0;) {
    let start = end - 4;
    while (start > 0 && area[start - 3] === area[end - 3]) start -= 4;
    yield* row(start, end, rightFirst);
    end = start;
  }
}

/** As `backwards`, top down. */
function* forwards(area: Region, rightFirst: boolean): Generator<number> {
  for (let start = 0; start < area.length;) {
    let end = start + 4;
    while (end < area.length && area[end + 1] === area[start + 1]) end += 4;
    yield* row(start, end, rightFirst);
    start = end;
  }
}

function* row(start: number, end: number, rightFirst: boolean): Generator<number> {
  if (rightFirst) for (let i = end - 4; i >= start; i -= 4) yield i;
  else for (let i = start; i < end; i += 4) yield i;
}
