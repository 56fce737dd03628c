import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { Clip, Rect } from "../display/draw-types.ts";

/**
 * What an operation may touch: rectangles that do not overlap, as left, top, right, bottom one after the other, top down and within
 * a row of rectangles left to right (all rectangles of such a row have one top and one bottom). An operation that is not the same when done
 * twice (XOR, blending) therefore meets each pixel once.
 */
export type Region = Int32Array<ArrayBuffer>;

export const EMPTY_REGION: Region = new Int32Array(0);

/** Clip rectangles of one operation. A window behind many others has some hundreds. */
export const MAX_CLIP_RECTS = 16_384;

/** Rectangles without overlap that MAX_CLIP_RECTS overlapping ones fall into. 4 MiB of numbers. */
export const MAX_REGION_RECTS = 262_144;

export function regionOfRect(left: number, top: number, right: number, bottom: number): Region {
  return left < right && top < bottom ? Int32Array.of(left, top, right, bottom) : EMPTY_REGION;
}

/** Where `box`, the area 0, 0, width, height and the clip meet. Throws ProtocolError "limit" at a clip of too many rectangles. */
export function clippedRegion(box: Rect, width: number, height: number, clip: Clip): Region {
  const left = Math.max(box.left, 0);
  const top = Math.max(box.top, 0);
  const right = Math.min(box.right, width);
  const bottom = Math.min(box.bottom, height);
  if (left >= right || top >= bottom) return EMPTY_REGION;
  if (clip === undefined) return Int32Array.of(left, top, right, bottom);
  if (clip.length > MAX_CLIP_RECTS) {
    throw new ProtocolError("limit", `clip of ${String(clip.length)} rectangles`);
  }
  const inside: number[] = [];
  for (const rect of clip) {
    const l = Math.max(left, rect.left);
    const t = Math.max(top, rect.top);
    const r = Math.min(right, rect.right);
    const b = Math.min(bottom, rect.bottom);
    if (l < r && t < b) inside.push(l, t, r, b);
  }
  return isBanded(inside) ? Int32Array.from(inside) : banded(inside);
}

/** Servers send regions as they keep them, which is the order we want, so most clips need no work. */
function isBanded(rects: readonly number[]): boolean {
  for (let i = 4; i < rects.length; i += 4) {
    const top = rects[i + 1] ?? 0;
    const sameRow = top === rects[i - 3] && rects[i + 3] === rects[i - 1];
    const isAfter = sameRow ? (rects[i] ?? 0) >= (rects[i - 2] ?? 0) : top >= (rects[i - 1] ?? 0);
    if (!isAfter) return false;
  }
  return true;
}

/** Cuts at every top and bottom; within a row of rectangles those that touch become one. */
function banded(rects: readonly number[]): Region {
  const edges = new Set<number>();
  const byTop: Rect[] = [];
  for (let i = 0; i < rects.length; i += 4) {
    const rect = { left: rects[i] ?? 0, top: rects[i + 1] ?? 0, right: rects[i + 2] ?? 0, bottom: rects[i + 3] ?? 0 };
    edges.add(rect.top).add(rect.bottom);
    byTop.push(rect);
  }
  byTop.sort((a, b) => a.top - b.top);
  const cuts = [...edges].sort((a, b) => a - b);
  const result: number[] = [];
  // Sorted by left, so that merging needs one pass.
  let active: Rect[] = [];
  let next = 0;
  for (let cut = 0; cut + 1 < cuts.length; cut++) {
    const top = cuts[cut] ?? 0;
    const bottom = cuts[cut + 1] ?? 0;
    active = active.filter((rect) => rect.bottom > top);
    const before = next;
    for (let rect = byTop[next]; rect !== undefined && rect.top === top; rect = byTop[next]) {
      active.push(rect);
      next++;
    }
    if (next !== before) active.sort((a, b) => a.left - b.left);
    appendBand(result, active, top, bottom);
    if (result.length > MAX_REGION_RECTS * 4) throw new ProtocolError("limit", "clip falls into too many rectangles");
  }
  return Int32Array.from(result);
}

function appendBand(result: number[], byLeft: readonly Rect[], top: number, bottom: number): void {
  let left = 0;
  let right = -1;
  for (const rect of byLeft) {
    if (rect.left <= right) {
      right = Math.max(right, rect.right);
      continue;
    }
    if (right > left) result.push(left, top, right, bottom);
    left = rect.left;
    right = rect.right;
  }
  if (right > left) result.push(left, top, right, bottom);
}

/** The part of a region within a rectangle; still in order. */
export function intersectRect(region: Region, left: number, top: number, right: number, bottom: number): Region {
  const inside = new Int32Array(region.length);
  let length = 0;
  for (let i = 0; i < region.length; i += 4) {
    const l = Math.max(region[i] ?? 0, left);
    const t = Math.max(region[i + 1] ?? 0, top);
    const r = Math.min(region[i + 2] ?? 0, right);
    const b = Math.min(region[i + 3] ?? 0, bottom);
    if (l >= r || t >= b) continue;
    inside[length] = l;
    inside[length + 1] = t;
    inside[length + 2] = r;
    inside[length + 3] = b;
    length += 4;
  }
  return length === region.length ? inside : inside.slice(0, length);
}

/** The smallest rectangle around a region; of an empty one, an empty one. */
export function extentsOf(region: Region): Rect {
  if (region.length === 0) return { left: 0, top: 0, right: 0, bottom: 0 };
  let left = region[0] ?? 0;
  let right = left;
  for (let i = 0; i < region.length; i += 4) {
    left = Math.min(left, region[i] ?? 0);
    right = Math.max(right, region[i + 2] ?? 0);
  }
  return { left, top: region[1] ?? 0, right, bottom: region[region.length - 1] ?? 0 };
}

export function sizesAreEqual(a: Rect, b: Rect): boolean {
  return a.right - a.left === b.right - b.left && a.bottom - a.top === b.bottom - b.top;
}

/** The index after the rectangles that stand beside the one at `start`: a row of rectangles. */
export function bandEnd(region: Region, start: number): number {
  let end = start + 4;
  while (end < region.length && region[end + 1] === region[start + 1]) end += 4;
  return end;
}
