import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { Brush, DrawBase, DrawOperation, Glyph, Mask, Point, Rect, Transform } from "../display/draw-types.ts";
import { drawOn } from "./draw-on.ts";
import { noisePicture } from "./fixtures/noise-picture.ts";
import { narrowColour, type Surface, type SurfaceFormat } from "./surface.ts";

/** What a server may say and no sane one does: numbers near the picture, at the ends of 32 bits, and anything between. */
const number = fc.oneof(
  fc.integer({ min: -20, max: 40 }),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  fc.constantFrom(-0x8000_0000, 0x7fff_ffff, 0),
);
const rectangle: fc.Arbitrary<Rect> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(10), fc.nat(8), fc.nat(20), fc.nat(20))
      .map(([left, top, width, height]) => ({ left, top, right: left + width, bottom: top + height })),
  },
  { weight: 1, arbitrary: fc.record({ left: number, top: number, right: number, bottom: number }) },
);
const point: fc.Arbitrary<Point> = fc.record({ x: number, y: number });
const clip = fc.option(fc.array(rectangle, { maxLength: 4 }), { nil: undefined });
const base: fc.Arbitrary<DrawBase> = fc.record({ surfaceId: fc.constant(0), box: rectangle, clip });
const format = fc.constantFrom<SurfaceFormat>("32_xRGB", "32_ARGB", "16_555", "16_565", "8_A", "1_A");
const image: fc.Arbitrary<Surface> = fc
  .tuple(fc.nat(0xffff), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 9 }), format)
  .map((parts) => noisePicture(...parts));
const brush: fc.Arbitrary<Brush> = fc.oneof(
  fc.constant({ kind: "none" } as const),
  number.map((colour) => ({ kind: "solid", colour: colour >>> 0 }) as const),
  fc.record({ kind: fc.constant("pattern" as const), image, origin: point }),
);
const mask: fc.Arbitrary<Mask> = fc.option(fc.record({ image, origin: point, isInverted: fc.boolean() }), {
  nil: undefined,
});
const rop = fc.nat(0xffff);
const scaleMode = fc.constantFrom("interpolate" as const, "nearest" as const);
const transform: fc.Arbitrary<Transform | undefined> = fc.option(
  fc.tuple(number, number, number, number, number, number),
  {
    nil: undefined,
  },
);
const glyph: fc.Arbitrary<Glyph> = fc
  .record({ renderX: number, renderY: number, originX: number, originY: number, width: fc.nat(5), height: fc.nat(5) })
  .map((place) => ({ ...place, coverage: new Uint8Array(place.width * place.height).fill(0x9c) }));
const path = fc.array(
  fc.record({
    flags: fc.nat(31),
    points: fc.array(number, { maxLength: 14 }).map((values) => Int32Array.from(values)),
  }),
  { maxLength: 3 },
);
const sourced = { base, source: image, sourceArea: rectangle };

const operation: fc.Arbitrary<DrawOperation> = fc.oneof(
  fc.record({ op: fc.constant("fill" as const), base, brush, rop, mask }),
  fc.record({ op: fc.constant("opaque" as const), ...sourced, brush, rop, scaleMode, mask }),
  fc.record({ op: fc.constantFrom("copy" as const, "blend" as const), ...sourced, rop, scaleMode, mask }),
  fc.record({ op: fc.constantFrom("blackness" as const, "whiteness" as const, "invers" as const), base, mask }),
  fc.record({ op: fc.constant("rop3" as const), ...sourced, brush, rop3: fc.nat(255), scaleMode, mask }),
  fc.record({
    op: fc.constant("stroke" as const),
    base,
    path,
    style: fc.record({ dashes: fc.array(number, { maxLength: 4 }), startsWithGap: fc.boolean() }),
    brush,
    foreMode: rop,
    backMode: rop,
  }),
  fc.record({
    op: fc.constant("text" as const),
    base,
    glyphs: fc.array(glyph, { maxLength: 4 }),
    stringFlags: fc.nat(15),
    backArea: rectangle,
    foreBrush: brush,
    backBrush: brush,
    foreMode: fc.oneof(fc.constant(8), rop),
    backMode: rop,
  }),
  fc.record({ op: fc.constant("transparent" as const), ...sourced, transparentColour: fc.nat(0xff_ffff) }),
  fc.record({ op: fc.constant("alphaBlend" as const), ...sourced, alpha: fc.nat(255), alphaFlags: fc.nat(3) }),
  fc.record({
    op: fc.constant("composite" as const),
    base,
    flags: fc.oneof(
      fc.nat(0x1ff_ffff),
      fc.tuple(fc.nat(13), fc.nat(0xffff)).map(([code, rest]) => code | (rest << 8)),
    ),
    source: image,
    mask: fc.option(image, { nil: undefined }),
    sourceTransform: transform,
    maskTransform: transform,
    sourceOrigin: point,
    maskOrigin: point,
  }),
  fc.record({ op: fc.constant("copyBits" as const), base, sourcePosition: point }),
);

/** The surface's invariant: see Surface. */
function isInForm({ format: kind, pixels }: Surface): boolean {
  return pixels.every((pixel) => {
    if (kind === "32_ARGB") return true;
    if (kind === "8_A") return (pixel & 0xff_ffff) === 0;
    if (kind === "1_A") return pixel === 0 || pixel === 0xff00_0000;
    return pixel >>> 24 === 0xff && narrowColour(kind, pixel) >>> 0 === pixel;
  });
}

/** All pictures an operation reads. */
function picturesOf(value: unknown): Surface[] {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  if ("pixels" in value) return [value as Surface];
  return Object.values(value).flatMap(picturesOf);
}

describe("drawOn, whatever a server says", () => {
  it("ends in a picture of the same form or a ProtocolError, within the box, and changes no other picture", () => {
    fc.assert(
      fc.property(fc.nat(0xffff), format, operation, (seed, kind, chosen) => {
        const surface = noisePicture(seed, 14, 10, kind);
        const before = surface.pixels.slice();
        const others = picturesOf(chosen).map((other) => ({ other, pixels: other.pixels.slice() }));
        try {
          drawOn(surface, chosen);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
        }
        expect(isInForm(surface)).toBe(true);
        expect(others.every(({ other, pixels }) => isDeepStrictEqual(other.pixels, pixels))).toBe(true);
        const { left, top, right, bottom } = chosen.base.box;
        const isOutside = (x: number, y: number) => x < left || x >= right || y < top || y >= bottom;
        const strayAt = surface.pixels.findIndex(
          (pixel, i) => pixel !== before[i] && isOutside(i % 14, Math.floor(i / 14)),
        );
        expect(strayAt).toBe(-1);
      }),
      { numRuns: 2000 },
    );
  });

  it("does so with the surface as its own source, pattern and mask", () => {
    fc.assert(
      fc.property(fc.nat(0xffff), format, operation, (seed, kind, chosen) => {
        const surface = noisePicture(seed, 14, 10, kind);
        const own = replacePictures(chosen, surface) as DrawOperation;
        try {
          drawOn(surface, own);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
        }
        expect(isInForm(surface)).toBe(true);
      }),
      { numRuns: 700 },
    );
  });
});

function replacePictures(value: unknown, by: Surface): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if ("pixels" in value) return by;
  if (Array.isArray(value)) return value.map((item) => replacePictures(item, by));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replacePictures(item, by)]));
}
