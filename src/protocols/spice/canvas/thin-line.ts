import type { Rect } from "../display/draw-types.ts";
import type { Polyline } from "./stroke-path.ts";

/** Takes a pixel within the bounds that were given. */
export type Plot = (x: number, y: number) => void;

/**
 * Lines of one pixel's width as X draws lines of width 0 (Bresenham): each line without its last pixel. Where a line passes exactly between two pixels it
 * takes the one that the same line drawn the other way round takes too, as X's default "zero line bias" wants. Only pixels within `bounds` are
 * visited, however long the line is. Answers how many steps along the lines that took.
 */
export function plotThinLines(polyline: Polyline, bounds: Rect, plot: Plot): number {
  let steps = 0;
  for (let i = 2; i < polyline.length; i += 2) {
    steps += plotLine(polyline[i - 2] ?? 0, polyline[i - 1] ?? 0, polyline[i] ?? 0, polyline[i + 1] ?? 0, bounds, plot);
  }
  return steps;
}

function plotLine(x1: number, y1: number, x2: number, y2: number, bounds: Rect, plot: Plot): number {
  const signX = x2 < x1 ? -1 : 1;
  const signY = y2 < y1 ? -1 : 1;
  const width = Math.abs(x2 - x1);
  const height = Math.abs(y2 - y1);
  const { left, top, right, bottom } = bounds;
  if (width > height) {
    // The octants above the x axis' left half and left of it: X's octants 4 and 5.
    const bias = signX < 0 ? 1 : 0;
    const [from, to] = stepsWithin(x1, signX, width, left, right);
    for (let step = from; step < to; step++) {
      const y = y1 + signY * sideSteps(step, height, width, bias);
      if (y >= top && y < bottom) plot(x1 + signX * step, y);
    }
    return Math.max(to - from, 0);
  } else {
    // X's octants 2 and 3.
    const bias = signY < 0 ? 1 : 0;
    const [from, to] = stepsWithin(y1, signY, height, top, bottom);
    for (let step = from; step < to; step++) {
      const x = x1 + signX * sideSteps(step, width, height, bias);
      if (x >= left && x < right) plot(x, y1 + signY * step);
    }
    return Math.max(to - from, 0);
  }
}

/** The steps along the long axis, of `length`, that lie between low (inside) and high (outside). */
function stepsWithin(start: number, sign: number, length: number, low: number, high: number): [number, number] {
  const from = sign > 0 ? low - start : start - high + 1;
  const to = sign > 0 ? high - start : start - low + 1;
  return [Math.max(from, 0), Math.min(to, length)];
}

/** Steps along the short axis after `step` along the long one: the nearest; at a tie the smaller number when `bias` is 1. */
function sideSteps(step: number, short: number, long: number, bias: number): number {
  return Math.floor((2 * step * short + long - bias) / (2 * long));
}
