import type { Clip, Rect } from "./draw-types.ts";

/** More would cost more to keep apart than to present: a page copies one rectangle in well under a millisecond. */
export const MAX_DAMAGE_RECTS = 16;

/** A clip with more rectangles is taken as its bounds. */
const MAX_CLIP_RECTS_KEPT = 8;

/** Two rectangles become one when their bounds cover at most this much more than both. */
const MERGE_FACTOR = 1.25;

/**
 * Where a surface changed: few rectangles within its bounds, which may overlap. Merged so that many small draws next to each
 * other (a line of text) become one, while two far corners stay two.
 */
export class Damage {
  readonly #bounds: Rect;
  #rects: Rect[] = [];

  constructor(size: { readonly width: number; readonly height: number }) {
    this.#bounds = { left: 0, top: 0, right: size.width, bottom: size.height };
  }

  get rectCount(): number {
    return this.#rects.length;
  }

  addAll(): void {
    this.#rects = [this.#bounds];
  }

  /** The part of the box that is inside of the clip and the surface. */
  add(box: Rect, clip: Clip): void {
    const inside = intersection(box, this.#bounds);
    if (isEmpty(inside)) return;
    if (clip === undefined) this.#merge(inside);
    else if (clip.length <= MAX_CLIP_RECTS_KEPT) for (const rect of clip) this.#merge(intersection(inside, rect));
    else this.#merge(intersection(inside, boundsOf(clip)));
  }

  /** What was added since the last call. */
  take(): readonly Rect[] {
    const rects = this.#rects;
    this.#rects = [];
    return rects;
  }

  #merge(added: Rect): void {
    if (isEmpty(added)) return;
    let rect = added;
    for (let index = 0; index < this.#rects.length;) {
      const other = this.#rects[index];
      if (other === undefined) break;
      if (contains(other, rect)) return;
      const both = union(other, rect);
      if (area(both) <= (area(other) + area(rect)) * MERGE_FACTOR) {
        // The larger one may now meet others that were looked at before.
        this.#rects.splice(index, 1);
        rect = both;
        index = 0;
      } else {
        index += 1;
      }
    }
    this.#rects.push(rect);
    if (this.#rects.length > MAX_DAMAGE_RECTS) this.#rects = [boundsOf(this.#rects)];
  }
}

function intersection(a: Rect, b: Rect): Rect {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  };
}

function union(a: Rect, b: Rect): Rect {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

function boundsOf(rects: readonly Rect[]): Rect {
  return rects.reduce(union);
}

function contains(outer: Rect, inner: Rect): boolean {
  return (
    outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom
  );
}

function isEmpty(rect: Rect): boolean {
  return rect.left >= rect.right || rect.top >= rect.bottom;
}

function area(rect: Rect): number {
  return (rect.right - rect.left) * (rect.bottom - rect.top);
}
