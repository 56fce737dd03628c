import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Damage, MAX_DAMAGE_RECTS } from "./damage.ts";
import type { Rect } from "./draw-types.ts";

const SIZE = { width: 60, height: 40 };

const rectangle = fc
  .tuple(fc.integer({ min: -10, max: 70 }), fc.integer({ min: -10, max: 50 }), fc.nat(30), fc.nat(30))
  .map(([left, top, width, height]): Rect => ({ left, top, right: left + width, bottom: top + height }));

function covers(rects: readonly Rect[], x: number, y: number): boolean {
  return rects.some(({ left, top, right, bottom }) => x >= left && x < right && y >= top && y < bottom);
}

describe("Damage", () => {
  it("covers all that was drawn, stays inside of the surface, and is never more than a few rectangles", () => {
    const draw = fc.record({
      box: rectangle,
      clip: fc.option(fc.array(rectangle, { maxLength: 12 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(draw, { maxLength: 60 }), (draws) => {
        const damage = new Damage(SIZE);
        for (const { box, clip } of draws) damage.add(box, clip);
        const rects = damage.take();
        expect(rects.length).toBeLessThanOrEqual(MAX_DAMAGE_RECTS);
        for (const { left, top, right, bottom } of rects) {
          expect(left >= 0 && top >= 0 && right <= SIZE.width && bottom <= SIZE.height).toBe(true);
          expect(left < right && top < bottom).toBe(true);
        }
        for (let y = 0; y < SIZE.height; y += 1) {
          for (let x = 0; x < SIZE.width; x += 1) {
            const isDrawn = draws.some(
              ({ box, clip }) => covers([box], x, y) && (clip === undefined || covers(clip, x, y)),
            );
            if (isDrawn && !covers(rects, x, y)) throw new Error(`${String(x)},${String(y)} is not covered`);
          }
        }
        expect(damage.take()).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("makes one of neighbours, and keeps far corners apart", () => {
    const damage = new Damage(SIZE);
    for (let x = 0; x < 30; x += 5) damage.add({ left: x, top: 0, right: x + 5, bottom: 10 }, undefined);
    damage.add({ left: 55, top: 35, right: 60, bottom: 40 }, undefined);
    expect(damage.take()).toEqual([
      { left: 0, top: 0, right: 30, bottom: 10 },
      { left: 55, top: 35, right: 60, bottom: 40 },
    ]);
  });
});
