import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rect } from "../display/draw-types.ts";
import { clippedRegion, intersectRect, MAX_CLIP_RECTS, type Region } from "./region.ts";

const rectangle = fc
  .tuple(fc.integer({ min: -5, max: 24 }), fc.integer({ min: -5, max: 24 }), fc.nat(20), fc.nat(20))
  .map(([left, top, width, height]): Rect => ({ left, top, right: left + width, bottom: top + height }));

function contains(rect: Rect, x: number, y: number): boolean {
  return x >= rect.left && x < rect.right && y >= rect.top && y < rect.bottom;
}

/** How often each pixel of a 24x20 surface is in the region. */
function coverage(region: Region): number[] {
  const counts = new Array<number>(24 * 20).fill(0);
  for (let i = 0; i < region.length; i += 4) {
    for (let y = region[i + 1] ?? 0; y < (region[i + 3] ?? 0); y++) {
      for (let x = region[i] ?? 0; x < (region[i + 2] ?? 0); x++) counts[y * 24 + x] = (counts[y * 24 + x] ?? 0) + 1;
    }
  }
  return counts;
}

describe("clippedRegion", () => {
  it("holds each pixel of box, surface and clip once, however the clip overlaps", () => {
    fc.assert(
      fc.property(rectangle, fc.option(fc.array(rectangle, { maxLength: 12 }), { nil: undefined }), (box, clip) => {
        const region = clippedRegion(box, 24, 20, clip);
        const expected = coverage(new Int32Array(0)).map((_, i) => {
          const x = i % 24;
          const y = Math.floor(i / 24);
          return contains(box, x, y) && (clip?.some((rect) => contains(rect, x, y)) ?? true) ? 1 : 0;
        });
        expect(coverage(region)).toEqual(expected);
      }),
    );
  });

  it("goes top down and left to right, in rows of one height", () => {
    fc.assert(
      fc.property(fc.array(rectangle, { maxLength: 12 }), (clip) => {
        const region = clippedRegion({ left: 0, top: 0, right: 24, bottom: 20 }, 24, 20, clip);
        for (let i = 4; i < region.length; i += 4) {
          const [left, top, , bottom] = region.subarray(i, i + 4);
          const [, topBefore, rightBefore, bottomBefore] = region.subarray(i - 4, i);
          const isBeside = top === topBefore && bottom === bottomBefore && (left ?? 0) >= (rightBefore ?? 0);
          expect(isBeside || (top ?? 0) >= (bottomBefore ?? 0)).toBe(true);
        }
      }),
    );
  });

  it("keeps a server's rectangles that are in order as they are", () => {
    const clip = [
      { left: 0, top: 0, right: 4, bottom: 5 },
      { left: 4, top: 0, right: 9, bottom: 5 },
      { left: 2, top: 5, right: 3, bottom: 9 },
    ];
    const region = clippedRegion({ left: 1, top: 1, right: 30, bottom: 30 }, 8, 8, clip);
    expect([...region]).toEqual([1, 1, 4, 5, 4, 1, 8, 5, 2, 5, 3, 8]);
  });

  it("refuses a clip above the limit, and is empty at an empty one", () => {
    const rect = { left: 0, top: 0, right: 4, bottom: 4 };
    const many = new Array<Rect>(MAX_CLIP_RECTS + 1).fill(rect);
    expect(() => clippedRegion(rect, 8, 8, many)).toThrow(
      expect.objectContaining({ name: "ProtocolError", reason: "limit" }),
    );
    expect(clippedRegion(rect, 8, 8, []).length).toBe(0);
  });

  it("refuses a clip that falls into too many rectangles", () => {
    const clip: Rect[] = [];
    for (let i = 0; i < 4000; i++) clip.push({ left: 2 * i, top: i, right: 2 * i + 1, bottom: 8000 - i });
    expect(() => clippedRegion({ left: 0, top: 0, right: 8000, bottom: 8000 }, 8000, 8000, clip)).toThrow(
      expect.objectContaining({ name: "ProtocolError", reason: "limit" }),
    );
  });
});

describe("intersectRect", () => {
  it("keeps the pixels within", () => {
    fc.assert(
      fc.property(fc.array(rectangle, { maxLength: 8 }), rectangle, (clip, within) => {
        const region = clippedRegion({ left: 0, top: 0, right: 24, bottom: 20 }, 24, 20, clip);
        const expected = coverage(region).map((count, i) => (contains(within, i % 24, Math.floor(i / 24)) ? count : 0));
        expect(coverage(intersectRect(region, within.left, within.top, within.right, within.bottom))).toEqual(expected);
      }),
    );
  });
});
