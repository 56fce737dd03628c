import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PixelImage } from "../codecs/pixel-image.ts";
import type { Brush, Clip, DrawOperation, Mask, Rect } from "../display/draw-types.ts";
import { drawOn } from "./draw-on.ts";
import { noisePicture } from "./fixtures/noise-picture.ts";
import { ropOf } from "./rop.ts";
import { colourOn, formMasks, type Surface } from "./surface.ts";

const WIDTH = 13;
const HEIGHT = 9;
const coordinate = fc.integer({ min: -4, max: 14 });
const rectangle = fc
  .tuple(coordinate, coordinate, fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 10 }))
  .map(([left, top, width, height]): Rect => ({ left, top, right: left + width, bottom: top + height }));
const clip: fc.Arbitrary<Clip> = fc.option(fc.array(rectangle, { maxLength: 5 }), { nil: undefined });
const base = fc.record({ surfaceId: fc.constant(0), box: rectangle, clip });
const origin = fc.record({ x: coordinate, y: coordinate });
const seed = fc.nat(0xffff);
const format = fc.constantFrom("32_xRGB", "32_ARGB", "16_555", "16_565", "8_A" as const);
const descriptor = fc.oneof(fc.constant(8), fc.nat(0x7ff));
const mask: fc.Arbitrary<Mask> = fc.option(
  fc.record({ image: seed.map((value) => noisePicture(value, 11, 8, "1_A")), origin, isInverted: fc.boolean() }),
  { nil: undefined },
);

/** A brush and a source in the form that the surface has, and the surface. */
const scene = fc.tuple(seed, format).chain(([value, kind]) => {
  const brush: fc.Arbitrary<Brush> = fc.oneof(
    fc.constant({ kind: "none" } as const),
    fc.nat().map((colour) => ({ kind: "solid", colour }) as const),
    origin.map((at) => ({ kind: "pattern", image: noisePicture(value + 1, 5, 3, kind), origin: at }) as const),
  );
  return fc.record({
    surface: fc.constant(noisePicture(value, WIDTH, HEIGHT, kind)),
    source: fc.constant(noisePicture(value + 2, 16, 12, kind)),
    brush,
  });
});

function contains({ left, top, right, bottom }: Rect, x: number, y: number): boolean {
  return x >= left && x < right && y >= top && y < bottom;
}

function pixelAt(image: PixelImage, x: number, y: number): number | undefined {
  const isInside = x >= 0 && y >= 0 && x < image.width && y < image.height;
  return isInside ? image.pixels[y * image.width + x] : undefined;
}

function maskAllows(chosen: Mask, box: Rect, x: number, y: number): boolean {
  if (chosen === undefined) return true;
  const pixel = pixelAt(chosen.image, x - box.left + chosen.origin.x, y - box.top + chosen.origin.y);
  return pixel !== undefined && pixel >>> 31 === (chosen.isInverted ? 0 : 1);
}

function brushPixel(surface: Surface, brush: Brush, x: number, y: number): number {
  if (brush.kind !== "pattern") return colourOn(surface.format, brush.kind === "solid" ? brush.colour : 0);
  const { image } = brush;
  // Far enough to the right and down that the rest of the division is not negative.
  const tileX = (x - brush.origin.x + 100 * image.width) % image.width;
  const tileY = (y - brush.origin.y + 100 * image.height) % image.height;
  return pixelAt(image, tileX, tileY) ?? 0;
}

function combineBits(rop: number, inputs: number, ...values: readonly number[]): number {
  let result = 0;
  for (let bit = 0; bit < 32; bit++) {
    let index = 0;
    for (let i = 0; i < inputs; i++) index = index * 2 + (((values[i] ?? 0) >>> bit) & 1);
    result |= ((rop >> index) & 1) << bit;
  }
  return result;
}

/** `rop`'s bits count down from "both are 1", rop3's count up from "all are 0". */
function rop2(rop: number, source: number, dest: number): number {
  return combineBits(rop, 2, ~source, ~dest);
}

/** What an operation makes of a pixel, or undefined where it leaves it; only where box, clip and mask let it. */
type PixelRule = (x: number, y: number, dest: number) => number | undefined;

function expected(surface: Surface, box: Rect, chosenClip: Clip, chosenMask: Mask, rule: PixelRule): number[] {
  const { keep, set } = formMasks(surface.alpha);
  return Array.from(surface.pixels, (dest, i) => {
    const x = i % WIDTH;
    const y = Math.floor(i / WIDTH);
    const isVisible = contains(box, x, y) && (chosenClip?.some((rect) => contains(rect, x, y)) ?? true);
    const drawn = isVisible && maskAllows(chosenMask, box, x, y) ? rule(x, y, dest) : undefined;
    return drawn === undefined ? dest : ((drawn & keep) | set) >>> 0;
  });
}

function check(surface: Surface, operation: DrawOperation, chosenMask: Mask, rule: PixelRule): void {
  const wanted = expected(surface, operation.base.box, operation.base.clip, chosenMask, rule);
  drawOn(surface, operation);
  expect([...surface.pixels]).toEqual(wanted);
}

describe("drawOn, against a rule for each pixel", () => {
  it("fills with colours and patterns by any raster operation", () => {
    fc.assert(
      fc.property(scene, base, descriptor, mask, ({ surface, brush }, where, rop, chosenMask) => {
        check(surface, { op: "fill", base: where, brush, rop, mask: chosenMask }, chosenMask, (x, y, dest) =>
          rop2(ropOf(rop, "brush"), brushPixel(surface, brush, x, y), dest),
        );
      }),
    );
  });

  it("makes black, white and the inverse", () => {
    const op = fc.constantFrom("blackness", "whiteness", "invers" as const);
    fc.assert(
      fc.property(scene, base, op, mask, ({ surface }, where, chosen, chosenMask) => {
        check(surface, { op: chosen, base: where, mask: chosenMask }, chosenMask, (_x, _y, dest) =>
          chosen === "invers" ? ~dest : chosen === "blackness" ? 0 : -1,
        );
      }),
    );
  });

  it("copies a part of a picture, as far as the picture goes", () => {
    fc.assert(
      fc.property(scene, base, origin, descriptor, mask, ({ surface, source }, where, from, rop, chosenMask) => {
        const { box } = where;
        const sourceArea = areaOf(box, from);
        const operation = { op: "copy", base: where, source, sourceArea, rop, scaleMode: "nearest" } as const;
        check(surface, { ...operation, mask: chosenMask }, chosenMask, (x, y, dest) => {
          const s = pixelAt(source, x - box.left + from.x, y - box.top + from.y);
          return s === undefined ? undefined : rop2(ropOf(rop, "source"), s, dest);
        });
      }),
    );
  });

  it("draws a source and a brush over it", () => {
    fc.assert(
      fc.property(scene, base, descriptor, mask, ({ surface, source, brush }, where, rop, chosenMask) => {
        const { box } = where;
        const from = { x: 1, y: 0 };
        const operation = { op: "opaque", base: where, source, sourceArea: areaOf(box, from), brush, rop } as const;
        const code = ropOf(rop, "brush", "source");
        const rule: PixelRule = (x, y, dest) => {
          const below = pixelAt(source, x - box.left + from.x, y - box.top + from.y) ?? dest;
          return code === 5 ? undefined : rop2(code, brushPixel(surface, brush, x, y), below);
        };
        check(surface, { ...operation, scaleMode: "nearest", mask: chosenMask }, chosenMask, rule);
      }),
    );
  });

  it("combines pattern, source and surface by all 256 codes of rop3", () => {
    const code = fc.nat(255);
    fc.assert(
      fc.property(scene, base, code, mask, ({ surface, source, brush }, where, rop3, chosenMask) => {
        const { box } = where;
        const sourceArea = areaOf(box, { x: 0, y: 0 });
        const operation = { op: "rop3", base: where, source, sourceArea, brush, rop3, scaleMode: "nearest" } as const;
        check(surface, { ...operation, mask: chosenMask }, chosenMask, (x, y, dest) => {
          const s = pixelAt(source, x - box.left, y - box.top) ?? 0;
          return combineBits(rop3, 3, brushPixel(surface, brush, x, y), s, dest);
        });
      }),
      { numRuns: 400 },
    );
  });

  it("leaves out the pixels of one colour", () => {
    fc.assert(
      fc.property(scene, base, fc.nat(191), ({ surface, source }, where, index) => {
        const { box } = where;
        const keyPixel = source.pixels[index] ?? 0;
        const [red, green, blue] = [keyPixel & 0xff, (keyPixel >> 8) & 0xff, (keyPixel >> 16) & 0xff];
        const transparentColour = (red << 16) | (green << 8) | blue;
        const operation = { op: "transparent", base: where, source, transparentColour } as const;
        const compared = surface.alpha === "mask" ? 0xff00_0000 : 0xff_ffff;
        const key = surface.alpha === "mask" ? 0 : keyPixel & compared;
        check(surface, { ...operation, sourceArea: areaOf(box, { x: 2, y: 1 }) }, undefined, (x, y) => {
          const s = pixelAt(source, x - box.left + 2, y - box.top + 1);
          return s === undefined || (s & compared) === key ? undefined : s;
        });
      }),
    );
  });

  it("moves a part of the surface, in whichever direction it overlaps itself", () => {
    fc.assert(
      fc.property(scene, base, origin, ({ surface }, where, sourcePosition) => {
        const before = { ...surface, pixels: surface.pixels.slice() };
        const { box } = where;
        check(surface, { op: "copyBits", base: where, sourcePosition }, undefined, (x, y) =>
          pixelAt(before, x - box.left + sourcePosition.x, y - box.top + sourcePosition.y),
        );
      }),
      { numRuns: 300 },
    );
  });
});

function areaOf(box: Rect, from: { readonly x: number; readonly y: number }): Rect {
  const { left, top, right, bottom } = box;
  return { left: from.x, top: from.y, right: from.x + right - left, bottom: from.y + bottom - top };
}

describe("drawOn, with the surface as its own source", () => {
  const box = { left: 1, top: 1, right: 13, bottom: 9 };
  const where = { surfaceId: 0, box, clip: undefined };

  it("reads what was there before it began", () => {
    const surface = noisePicture(3, WIDTH, HEIGHT, "32_xRGB");
    const before = { ...surface, pixels: surface.pixels.slice() };
    const operation = { op: "copy", base: where, source: surface, sourceArea: areaOf(box, { x: 0, y: 0 }) } as const;
    check(surface, { ...operation, rop: 8, scaleMode: "nearest", mask: undefined }, undefined, (x, y) =>
      pixelAt(before, x - 1, y - 1),
    );
  });

  it("equals the same with a copy, whatever is done", () => {
    const sourceArea = { left: 0, top: 0, right: 5, bottom: 4 };
    const rest = { rop: 8, scaleMode: "interpolate", mask: undefined } as const;
    const pattern = (image: PixelImage) => ({ kind: "pattern", image, origin: { x: 2, y: 1 } }) as const;
    const makers: ((source: PixelImage) => DrawOperation)[] = [
      (source) => ({ op: "copy", base: where, source, sourceArea, ...rest }),
      (source) => ({ op: "fill", base: where, brush: pattern(source), rop: 64, mask: undefined }),
      (source) => ({ op: "rop3", base: where, source, sourceArea, brush: pattern(source), rop3: 0x96, ...rest }),
      (source) => ({ op: "transparent", base: where, source, sourceArea, transparentColour: 0 }),
      (source) => ({ op: "alphaBlend", base: where, source, sourceArea, alpha: 99, alphaFlags: 0 }),
      (source) => ({
        op: "composite",
        base: where,
        flags: 3 | (1 << 14) | (1 << 16),
        source,
        mask: source,
        sourceTransform: undefined,
        maskTransform: undefined,
        sourceOrigin: { x: 3, y: 2 },
        maskOrigin: { x: 0, y: 1 },
      }),
    ];
    for (const make of makers) {
      const surface = noisePicture(5, WIDTH, HEIGHT, "32_ARGB");
      const other = noisePicture(5, WIDTH, HEIGHT, "32_ARGB");
      drawOn(other, make(noisePicture(5, WIDTH, HEIGHT, "32_ARGB")));
      drawOn(surface, make(surface));
      expect(surface.pixels).toEqual(other.pixels);
    }
  });
});

describe("drawOn refuses", () => {
  const where = { surfaceId: 0, box: { left: 0, top: 0, right: 8, bottom: 8 }, clip: undefined };
  const area = where.box;
  const rest = { rop: 8, scaleMode: "nearest", mask: undefined } as const;
  const colours = noisePicture(1, 8, 8, "32_ARGB");
  const alphaOnly = noisePicture(1, 8, 8, "8_A");
  const nothing: PixelImage = { width: 0, height: 0, pixels: new Uint32Array(0), alpha: "opaque" };

  it.each<[string, Surface, DrawOperation]>([
    ["a mask as colours", colours, { op: "copy", base: where, source: alphaOnly, sourceArea: area, ...rest }],
    ["colours on a mask", alphaOnly, { op: "copy", base: where, source: colours, sourceArea: area, ...rest }],
    [
      "a mask with colours",
      colours,
      { op: "invers", base: where, mask: { image: colours, origin: { x: 0, y: 0 }, isInverted: false } },
    ],
    [
      "a pattern without pixels",
      noisePicture(1, 8, 8, "32_xRGB"),
      {
        op: "fill",
        base: where,
        brush: { kind: "pattern", image: nothing, origin: { x: 0, y: 0 } },
        rop: 8,
        mask: undefined,
      },
    ],
    [
      "rop3 with a source that is too small",
      colours,
      {
        op: "rop3",
        base: where,
        source: noisePicture(1, 7, 8, "32_ARGB"),
        sourceArea: area,
        brush: { kind: "none" },
        rop3: 0x66,
        scaleMode: "nearest",
        mask: undefined,
      },
    ],
  ])("%s", (_name, surface, operation) => {
    const before = surface.pixels.slice();
    expect(() => {
      drawOn(surface, operation);
    }).toThrow(expect.objectContaining({ name: "ProtocolError", reason: "malformed" }));
    expect(surface.pixels).toEqual(before);
  });
});
