import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { PathSegment } from "../display/draw-types.ts";

/** SPICE_PATH_* (spice-protocol, enums.h, SpicePathFlags). */
export const PATH = { BEGIN: 1, END: 2, CLOSE: 8, BEZIER: 16 } as const;

/** Points of one stroke after its curves were cut into lines. */
export const MAX_STROKE_POINTS = 262_144;

/** A curve is halved at most this often; one that bulges by 16384 pixels needs 8 halvings to be flat. */
const MAX_CURVE_DEPTH = 12;

/** x, y pairs in whole pixels. */
export type Polyline = readonly number[];

/**
 * The lines of a path, in pixels. A subpath begins at BEGIN and ends at END, which draws it; CLOSE goes back to its first point. Throws ProtocolError
 * "malformed" at a curve without a start or with points missing, "limit" above MAX_STROKE_POINTS.
 */
export function polylinesOf(path: readonly PathSegment[]): Polyline[] {
  const polylines: Polyline[] = [];
  let points: number[] = [];
  let total = 0;
  const finish = () => {
    if (points.length > 2) polylines.push(points);
    total += points.length / 2;
    points = [];
  };
  for (const segment of path) {
    const fixed = segment.points;
    let at = 0;
    if ((segment.flags & PATH.BEGIN) !== 0) {
      finish();
      if (fixed.length >= 2) points.push(pixelOf(fixed[0] ?? 0), pixelOf(fixed[1] ?? 0));
      at = 2;
    }
    if ((segment.flags & PATH.BEZIER) !== 0) {
      if ((fixed.length - at) % 6 !== 0) throw new ProtocolError("malformed", "curve with points missing");
      for (; at + 6 <= fixed.length; at += 6) {
        if (points.length === 0) throw new ProtocolError("malformed", "curve without a start");
        appendCurve(points, fixed.subarray(at, at + 6));
        checkTotal(total + points.length / 2);
      }
    } else {
      for (; at + 2 <= fixed.length; at += 2) points.push(pixelOf(fixed[at] ?? 0), pixelOf(fixed[at + 1] ?? 0));
      checkTotal(total + points.length / 2);
    }
    if ((segment.flags & PATH.END) !== 0) {
      if ((segment.flags & PATH.CLOSE) !== 0 && points.length > 0) points.push(points[0] ?? 0, points[1] ?? 0);
      finish();
    }
  }
  finish();
  return polylines;
}

function checkTotal(count: number): void {
  if (count > MAX_STROKE_POINTS)
    throw new ProtocolError("limit", `stroke of more than ${String(MAX_STROKE_POINTS)} points`);
}

/** 28.4 fixed point to the nearest pixel; the middle belongs to the smaller one. */
export function pixelOf(fixed: number): number {
  return (fixed >> 4) + ((fixed & 15) > 8 ? 1 : 0);
}

/** A curve starts at the pixel where the line before ended, not at the point that was rounded to it. */
function appendCurve(points: number[], control: Int32Array): void {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] = control;
  const startX = (points[points.length - 2] ?? 0) * 16;
  const startY = (points[points.length - 1] ?? 0) * 16;
  divideCurve(points, [startX, startY, x1, y1, x2, y2, x3, y3], 0);
}

type Curve = readonly [number, number, number, number, number, number, number, number];

/** Halves a cubic Bézier curve until both control points are near its chord. */
function divideCurve(points: number[], curve: Curve, depth: number): void {
  const [x0, y0, x1, y1, x2, y2, x3, y3] = curve;
  if (depth === MAX_CURVE_DEPTH || isFlat(curve)) {
    points.push(pixelOf(x3), pixelOf(y3));
    return;
  }
  const x01 = half(x0 + x1);
  const y01 = half(y0 + y1);
  const x12 = half(x1 + x2);
  const y12 = half(y1 + y2);
  const x23 = half(x2 + x3);
  const y23 = half(y2 + y3);
  const xLeft = half(x01 + x12);
  const yLeft = half(y01 + y12);
  const xRight = half(x12 + x23);
  const yRight = half(y12 + y23);
  const x = half(xLeft + xRight);
  const y = half(yLeft + yRight);
  divideCurve(points, [x0, y0, x01, y01, xLeft, yLeft, x, y], depth + 1);
  divideCurve(points, [x, y, xRight, yRight, x23, y23, x3, y3], depth + 1);
}

function half(sum: number): number {
  return Math.trunc(sum / 2);
}

/**
 * Whether the squared distance of both control points from the chord is below half a pixel. The integers are the reference client's, so that the
 * same lines come out; they go beyond 2^53. A curve within a quarter of a pixel is flat (there, the reference client never ends).
 */
function isFlat([x0, y0, x1, y1, x2, y2, x3, y3]: Curve): boolean {
  const isTiny = (a: number, b: number, c: number, d: number) => Math.max(a, b, c, d) - Math.min(a, b, c, d) < 4;
  if (isTiny(x0, x1, x2, x3) && isTiny(y0, y1, y2, y3)) return true;
  const chord = dot(x3 - x0, y3 - y0, x3 - x0, y3 - y0);
  const along1 = dot(x1 - x0, y1 - y0, x3 - x0, y3 - y0);
  const along2 = dot(x2 - x3, y2 - y3, x0 - x3, y0 - y3);
  const height1 = (dot(x1 - x0, y1 - y0, x1 - x0, y1 - y0) * chord - along1 * along1) >> 3n;
  const height2 = (dot(x2 - x3, y2 - y3, x2 - x3, y2 - y3) * chord - along2 * along2) >> 3n;
  return height1 < chord && height2 < chord;
}

function dot(ax: number, ay: number, bx: number, by: number): bigint {
  return (BigInt(ax) * BigInt(bx) + BigInt(ay) * BigInt(by)) >> 4n;
}
