import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actualScale, fitScale, guestSizeFor } from "./scaling.ts";

describe("fitScale", () => {
  it("fills one direction and overflows none", () => {
    const side = fc.integer({ min: 1, max: 8000 });
    fc.assert(
      fc.property(side, side, side, side, (widthPx, heightPx, roomWidthPx, roomHeightPx) => {
        const fitted = fitScale({ widthPx, heightPx }, { widthPx: roomWidthPx, heightPx: roomHeightPx }, 1);
        const scale = fitted?.scale ?? 0;
        const fill = Math.max((widthPx * scale) / roomWidthPx, (heightPx * scale) / roomHeightPx);
        expect(fill).toBeCloseTo(1, 6);
      }),
    );
  });

  it("says nothing where there is no room or no picture", () => {
    expect(fitScale({ widthPx: 0, heightPx: 0 }, { widthPx: 10, heightPx: 10 }, 1)).toBeUndefined();
    expect(fitScale({ widthPx: 10, heightPx: 10 }, { widthPx: 0, heightPx: 10 }, 1)).toBeUndefined();
  });

  it("knows when each guest pixel is whole pixels of the screen", () => {
    const picture = { widthPx: 800, heightPx: 600 };
    expect(fitScale(picture, { widthPx: 1600, heightPx: 1200 }, 1)?.isPixelExact).toBe(true);
    expect(fitScale(picture, { widthPx: 1000, heightPx: 750 }, 1)?.isPixelExact).toBe(false);
    expect(fitScale(picture, { widthPx: 640, heightPx: 480 }, 1.25)?.isPixelExact).toBe(true);
    expect(fitScale(picture, { widthPx: 400, heightPx: 300 }, 1)?.isPixelExact).toBe(false);
  });
});

describe("actualScale", () => {
  it.each([
    [1, 1],
    [1.25, 0.8],
    [1.5, 1 / 1.5],
    [2, 1],
    [3, 1],
  ])("at a pixel ratio of %d is %d CSS pixels a guest pixel, always exact", (ratio, scale) => {
    expect(actualScale(ratio)).toEqual({ scale, isPixelExact: true });
  });
});

describe("guestSizeFor", () => {
  it("asks for as many guest pixels as fill the room", () => {
    expect(guestSizeFor({ widthPx: 1000.6, heightPx: 700 }, 1)).toEqual({ widthPx: 1000, heightPx: 700 });
    expect(guestSizeFor({ widthPx: 1000, heightPx: 700 }, 1.25)).toEqual({ widthPx: 1250, heightPx: 875 });
    expect(guestSizeFor({ widthPx: 1000, heightPx: 700 }, 2)).toEqual({ widthPx: 1000, heightPx: 700 });
  });
});
