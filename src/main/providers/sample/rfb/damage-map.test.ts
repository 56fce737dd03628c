import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rect } from "../drawing/geometry.ts";
import { DamageMap } from "./damage-map.ts";

const WIDTH = 200;
const HEIGHT = 130;
const anyRect = fc.record({
  x: fc.integer({ min: -20, max: WIDTH }),
  y: fc.integer({ min: -20, max: HEIGHT }),
  width: fc.integer({ min: 0, max: WIDTH }),
  height: fc.integer({ min: 0, max: HEIGHT }),
});

const holds = (rect: Rect, x: number, y: number): boolean =>
  x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;

describe("damage map", () => {
  it("gives every damaged pixel back exactly once, within the picture", () => {
    fc.assert(
      fc.property(fc.array(anyRect, { maxLength: 6 }), (rects) => {
        const map = new DamageMap(WIDTH, HEIGHT);
        for (const rect of rects) map.add(rect);
        const taken = map.take();
        for (let y = 0; y < HEIGHT; y += 3) {
          for (let x = 0; x < WIDTH; x += 3) {
            const count = taken.filter((rect) => holds(rect, x, y)).length;
            expect(count).toBeLessThanOrEqual(1);
            if (rects.some((rect) => holds(rect, x, y))) expect(count).toBe(1);
          }
        }
        expect(taken.every((rect) => rect.x + rect.width <= WIDTH && rect.y + rect.height <= HEIGHT)).toBe(true);
        expect(map.take()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
