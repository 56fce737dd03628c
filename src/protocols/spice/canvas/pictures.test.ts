import { describe, expect, it } from "vitest";
import type { PixelImage } from "../codecs/pixel-image.ts";
import type { DrawOperation, Glyph, LineStyle, PathSegment, Rect } from "../display/draw-types.ts";
import { drawOn } from "./draw-on.ts";
import { createSurface, type Surface, type SurfaceFormat } from "./surface.ts";

const COLOURS: Readonly<Record<string, number>> = {
  ".": 0xff00_0000,
  "#": 0xffff_ffff,
  r: 0xff00_00ff,
  b: 0xffff_0000,
};

/** A row of letters for each row of pixels. */
function picture(...rows: readonly string[]): PixelImage {
  const pixels = Uint32Array.from(Array.from(rows.join(""), (letter) => COLOURS[letter] ?? 0));
  return { width: rows[0]?.length ?? 0, height: rows.length, pixels, alpha: "opaque" };
}

function letters({ width, pixels }: Surface): string[] {
  const all = Array.from(pixels, (pixel) => Object.keys(COLOURS).find((key) => COLOURS[key] === pixel) ?? "?");
  const rows: string[] = [];
  for (let i = 0; i < all.length; i += width) rows.push(all.slice(i, i + width).join(""));
  return rows;
}

function hex({ pixels }: Surface): string[] {
  return Array.from(pixels, (pixel) => pixel.toString(16).padStart(8, "0"));
}

function at(left: number, top: number, right: number, bottom: number): { base: DrawOperation["base"]; box: Rect } {
  const box = { left, top, right, bottom };
  return { base: { surfaceId: 0, box, clip: undefined }, box };
}

function surfaceOf(width: number, height: number, format: SurfaceFormat, ...pixels: readonly number[]): Surface {
  const surface = createSurface(0, width, height, format);
  surface.pixels.set(pixels);
  return surface;
}

type Composite = Extract<DrawOperation, { op: "composite" }>;

const PUT = 8;
const XOR = 64;
const solid = (colour: number) => ({ kind: "solid", colour }) as const;

describe("COPY_BITS", () => {
  it.each([
    ["right", 0, "ababedeh"],
    ["left", 4, "abefehgh"],
  ])("moves two pieces beside each other to the %s before either is read as the other", (_name, x, wanted) => {
    const code = "abcdefgh";
    const surface = surfaceOf(8, 1, "32_ARGB", ...Array.from(code, (letter) => letter.charCodeAt(0)));
    const box = { left: 2, top: 0, right: 7, bottom: 1 };
    const clip = [
      { left: 2, top: 0, right: 4, bottom: 1 },
      { left: 5, top: 0, right: 7, bottom: 1 },
    ];
    drawOn(surface, { op: "copyBits", base: { surfaceId: 0, box, clip }, sourcePosition: { x, y: 0 } });
    expect(String.fromCharCode(...surface.pixels)).toBe(wanted);
  });
});

describe("scaled copies", () => {
  it("take the pixel in whose area the middle falls", () => {
    const surface = createSurface(0, 6, 2, "32_xRGB");
    const { base } = at(0, 0, 6, 2);
    const rest = { rop: PUT, scaleMode: "nearest", mask: undefined } as const;
    const source = picture("#r", "b.");
    drawOn(surface, { op: "copy", base, source, sourceArea: { left: 0, top: 0, right: 2, bottom: 2 }, ...rest });
    expect(letters(surface)).toEqual(["###rrr", "bbb..."]);
  });

  it("mix neighbours by distance, and black from beyond the edges", () => {
    const surface = createSurface(0, 4, 2, "32_xRGB");
    const { base } = at(0, 0, 4, 2);
    const source = surfaceOf(2, 2, "32_xRGB", 0xff00_0000, 0xff00_0080, 0xff00_0000, 0xff00_0080);
    const sourceArea = { left: 0, top: 0, right: 2, bottom: 2 };
    drawOn(surface, { op: "copy", base, source, sourceArea, rop: PUT, scaleMode: "interpolate", mask: undefined });
    // The middles lie at -0.25, 0.25, 0.75 and 1.25 between the source's: the last is three quarters of 0x80 and one of nothing.
    expect(hex(surface).slice(0, 4)).toEqual(["ff000000", "ff000020", "ff000060", "ff000060"]);
  });

  it("draw only a part of the source, where the clip lets them", () => {
    const surface = createSurface(0, 4, 4, "32_xRGB");
    const box = { left: 0, top: 0, right: 4, bottom: 4 };
    const clip = [{ left: 1, top: 1, right: 4, bottom: 4 }];
    const source = picture("....", ".#r.", ".rb.", "....");
    const sourceArea = { left: 1, top: 1, right: 3, bottom: 3 };
    const rest = { rop: PUT, scaleMode: "nearest", mask: undefined } as const;
    drawOn(surface, { op: "copy", base: { surfaceId: 0, box, clip }, source, sourceArea, ...rest });
    expect(letters(surface)).toEqual(["....", ".#rr", ".rbb", ".rbb"]);
  });
});

describe("ALPHA_BLEND", () => {
  it("rounds products to the nearest of 255, and leaves alone what the source does not reach", () => {
    const surface = surfaceOf(3, 1, "32_xRGB", 0xff0a_141e, 0xff0a_141e, 0xff0a_141e);
    const { base } = at(0, 0, 3, 1);
    const source = surfaceOf(2, 1, "32_ARGB", 0x8040_2010, 0);
    const sourceArea = { left: 0, top: 0, right: 3, bottom: 1 };
    drawOn(surface, { op: "alphaBlend", base, source, sourceArea, alpha: 128, alphaFlags: 0 });
    // 0x80, 0x40, 0x20, 0x10 times 128/255 are 64, 32, 16, 8; the rest of 191/255 of 0x0a, 0x14, 0x1e is 7, 15, 22.
    expect(hex(surface)).toEqual(["ff271f1e", "ff0a141e", "ff0a141e"]);
  });
});

describe("COMPOSITE", () => {
  const operation = (flags: number, source: PixelImage, mask?: PixelImage): Composite => ({
    op: "composite",
    base: at(0, 0, 1, 1).base,
    flags,
    source,
    mask,
    sourceTransform: undefined,
    maskTransform: undefined,
    sourceOrigin: { x: 0, y: 0 },
    maskOrigin: { x: 0, y: 0 },
  });
  const source = surfaceOf(1, 1, "32_ARGB", 0x8000_0040);

  it.each([
    ["clear", 0, "00000000"],
    ["source", 1, "80000040"],
    ["dest", 2, "40200000"],
    ["over", 3, "a0100040"],
    ["over reverse", 4, "a0200030"],
    ["in", 5, "20000010"],
    ["in reverse", 6, "20100000"],
    ["out", 7, "60000030"],
    ["out reverse", 8, "20100000"],
    ["atop", 9, "40100010"],
    ["atop reverse", 10, "80100030"],
    ["xor", 11, "80100030"],
    ["add", 12, "c0200040"],
  ])("%s", (_name, code, wanted) => {
    const surface = surfaceOf(1, 1, "32_ARGB", 0x4020_0000);
    drawOn(surface, operation(code, source));
    expect(hex(surface)).toEqual([wanted]);
  });

  it("multiplies the source by the mask's alpha, or each channel for itself", () => {
    const mask = surfaceOf(1, 1, "32_ARGB", 0x80ff_8000);
    const byAlpha = surfaceOf(1, 1, "32_xRGB", 0xff00_0000);
    drawOn(byAlpha, operation(3, surfaceOf(1, 1, "32_xRGB", 0xffff_ffff), mask));
    const byComponent = surfaceOf(1, 1, "32_xRGB", 0xff00_0000);
    drawOn(byComponent, operation(3 | (1 << 18), surfaceOf(1, 1, "32_xRGB", 0xffff_ffff), mask));
    expect([hex(byAlpha), hex(byComponent)]).toEqual([["ff808080"], ["ffff8000"]]);
  });

  it("keeps only alpha on a surface that has only that", () => {
    const surfaces = [undefined, surfaceOf(1, 1, "8_A", 0x8000_0000)].map((mask) => {
      const surface = surfaceOf(1, 1, "8_A", 0x4000_0000);
      drawOn(surface, operation(3, source, mask));
      return hex(surface);
    });
    expect(surfaces).toEqual([["a0000000"], ["70000000"]]);
  });

  it.each([
    ["none", 0, "??.#r??"],
    ["normal", 1, "#r.#r.#"],
    ["pad", 2, "...#rrr"],
    ["reflect", 3, "#..#rr#"],
  ])("repeats a picture: %s", (_name, repeat, wanted) => {
    const surface = createSurface(0, 7, 1, "32_ARGB");
    const { base } = at(0, 0, 7, 1);
    const origin = { sourceOrigin: { x: -2, y: 0 } };
    drawOn(surface, { ...operation(1 | (repeat << 14), picture(".#r")), ...origin, base });
    expect(letters(surface)).toEqual([wanted]);
  });

  it("turns a picture by its transform", () => {
    const surface = createSurface(0, 2, 3, "32_ARGB");
    const { base } = at(0, 0, 2, 3);
    // x' = y, y' = 2 - x: a quarter turn clockwise.
    const sourceTransform = [0, 65_536, 0, -65_536, 0, 2 * 65_536] as const;
    drawOn(surface, { ...operation(1, picture(".#r", "b#b")), sourceTransform, base });
    expect(letters(surface)).toEqual(["b.", "##", "br"]);
  });

  it("does saturate, and refuses operators and filters that are none", () => {
    const surface = surfaceOf(1, 1, "32_ARGB", 0x8000_0080);
    drawOn(surface, operation(13, surfaceOf(1, 1, "32_ARGB", 0xff00_00ff)));
    expect(hex(surface)).toEqual(["ff0000ff"]);
    for (const flags of [14, 0x1c, 0x2c, 0x30, 0xff, 1 | (5 << 8)]) {
      expect(() => {
        drawOn(surface, operation(flags, source));
      }).toThrow(expect.objectContaining({ name: "ProtocolError", reason: "malformed" }));
    }
  });
});

describe("STROKE", () => {
  const stroke = (path: readonly PathSegment[], rest: Partial<{ style: LineStyle; foreMode: number }> = {}) =>
    ({
      op: "stroke",
      path,
      style: { dashes: [], startsWithGap: false },
      brush: solid(0xffffff),
      foreMode: PUT,
      backMode: PUT,
      ...rest,
    }) as const;
  const BEGIN_END = 3;
  const CLOSE = 8;
  const BEZIER = 16;
  const line = (flags: number, ...pixels: readonly number[]): PathSegment => ({
    flags,
    points: Int32Array.from(pixels, (pixel) => pixel * 16),
  });

  it("leaves out each line's last pixel, and takes the same way forth and back", () => {
    const surface = createSurface(0, 7, 3, "32_xRGB");
    drawOn(surface, { ...stroke([line(BEGIN_END, 0, 0, 6, 2)]), base: at(0, 0, 7, 3).base });
    expect(letters(surface)).toEqual(["##.....", "..###..", ".....#."]);
    const back = createSurface(0, 7, 3, "32_xRGB");
    drawOn(back, { ...stroke([line(BEGIN_END, 6, 2, 0, 0)]), base: at(0, 0, 7, 3).base });
    expect(letters(back)).toEqual([".#.....", "..###..", ".....##"]);
  });

  it("closes a path, and meets each corner of it once", () => {
    const surface = createSurface(0, 5, 4, "32_xRGB");
    const path = [line(BEGIN_END | CLOSE, 0, 0, 4, 0, 4, 3, 0, 3)];
    drawOn(surface, { ...stroke(path, { foreMode: XOR }), base: at(0, 0, 5, 4).base });
    expect(letters(surface)).toEqual(["#####", "#...#", "#...#", "#####"]);
  });

  it("draws dashes and gaps, from a gap on if it must", () => {
    const dashes = [2 * 16, 1 * 16];
    const rows = [false, true].flatMap((startsWithGap) => {
      const surface = createSurface(0, 9, 1, "32_xRGB");
      const path = [line(BEGIN_END, 0, 0, 9, 0)];
      drawOn(surface, { ...stroke(path, { style: { dashes, startsWithGap } }), base: at(0, 0, 9, 1).base });
      return letters(surface);
    });
    expect(rows).toEqual(["##.##.##.", "..#..#..#"]);
  });

  it("takes a dash's length of the low 8 bits only", () => {
    const surface = createSurface(0, 9, 1, "32_xRGB");
    const style = { dashes: [258 * 16, 3 * 16], startsWithGap: false };
    drawOn(surface, { ...stroke([line(BEGIN_END, 0, 0, 9, 0)], { style }), base: at(0, 0, 9, 1).base });
    expect(letters(surface)).toEqual(["##...##.."]);
  });

  it("cuts a curve into lines", () => {
    const surface = createSurface(0, 9, 4, "32_xRGB");
    const path = [line(1, 0, 3), line(2 | BEZIER, 0, -1, 8, -1, 8, 3)];
    drawOn(surface, { ...stroke(path), base: at(0, 0, 9, 4).base });
    expect(letters(surface)).toEqual(["...###...", ".##...##.", "#.......#", "#........"]);
  });

  it("refuses a curve without a start, dashes without length, and curves without end", () => {
    const surface = createSurface(0, 9, 4, "32_xRGB");
    const { base } = at(0, 0, 9, 4);
    const dashes = { style: { dashes: [0, 3], startsWithGap: false } };
    const cases = [stroke([line(BEZIER, 0, 0, 1, 1, 2, 2)]), stroke([line(BEGIN_END, 0, 0, 4, 4)], dashes)];
    for (const one of [...cases, stroke([line(BEGIN_END | BEZIER, 0, 0, 1, 1)])]) {
      expect(() => {
        drawOn(surface, { ...one, base });
      }).toThrow(expect.objectContaining({ name: "ProtocolError", reason: "malformed" }));
    }
    const loop = [0x7fff_ffff, -0x7fff_ffff, -0x7fff_ffff, -0x7fff_ffff, 0, 0];
    const wild = Int32Array.from([0, 0, ...Array.from({ length: 64 }, () => loop).flat()]);
    expect(() => {
      drawOn(surface, { ...stroke([{ flags: BEGIN_END | BEZIER, points: wild }]), base });
    }).toThrow(expect.objectContaining({ name: "ProtocolError", reason: "limit" }));
  });

  it("walks lines of any length without walking what is not seen", () => {
    const surface = createSurface(0, 9, 1, "32_xRGB");
    const far = 0x7ff_ffff;
    const path = [line(BEGIN_END, -far, 0, far, 0)];
    const { base } = at(0, 0, 9, 1);
    drawOn(surface, { ...stroke(path, { style: { dashes: [16, 16], startsWithGap: false } }), base });
    const dashed = letters(surface);
    drawOn(surface, { ...stroke(path), base });
    expect([dashed, letters(surface)]).toEqual([[".#.#.#.#."], ["#########"]]);
  });
});

describe("TEXT", () => {
  const glyph = (renderX: number, width: number, ...coverage: readonly number[]): Glyph => ({
    renderX,
    renderY: 1,
    originX: 0,
    originY: -1,
    width,
    height: coverage.length / width,
    coverage: Uint8Array.from(coverage),
  });
  const text = (glyphs: readonly Glyph[], backArea: Rect, foreMode = PUT) =>
    ({
      op: "text",
      glyphs,
      stringFlags: 4,
      backArea,
      foreBrush: solid(0xffffff),
      backBrush: solid(0x0000ff),
      foreMode,
      backMode: PUT,
    }) as const;
  const NOWHERE = { left: 0, top: 0, right: 0, bottom: 0 };

  it("paints the back area, and the fore brush where there is coverage", () => {
    const surface = createSurface(0, 6, 2, "32_xRGB");
    const back = { left: 1, top: 0, right: 5, bottom: 2 };
    drawOn(surface, { ...text([glyph(2, 2, 255, 0, 0, 255)], back), base: at(0, 0, 6, 2).base });
    expect(letters(surface)).toEqual([".b#bb.", ".bb#b."]);
  });

  it("takes the larger coverage where glyphs overlap, once", () => {
    const surface = createSurface(0, 3, 1, "32_xRGB");
    drawOn(surface, {
      ...text([glyph(0, 2, 0x40, 0x80), glyph(1, 2, 0x60, 0x20)], NOWHERE),
      base: at(0, 0, 3, 1).base,
    });
    expect(hex(surface)).toEqual(["ff404040", "ff808080", "ff202020"]);
  });

  it("does nothing with a back area unless it is a plain put, nor with outlines", () => {
    const surface = createSurface(0, 3, 1, "32_xRGB");
    const { base, box } = at(0, 0, 3, 1);
    drawOn(surface, { ...text([glyph(0, 1, 255)], box, XOR), base });
    drawOn(surface, { ...text([glyph(0, 1, 255)], NOWHERE), stringFlags: 0, base });
    drawOn(surface, { ...text([glyph(0x7fff_fff0, 1, 255), glyph(-0x7fff_fff0, 1, 255)], NOWHERE), base });
    expect(letters(surface)).toEqual(["..."]);
  });

  it("paints text on a surface of alpha only, and a pattern from the string's corner on", () => {
    const alphaOnly = createSurface(0, 2, 1, "8_A");
    drawOn(alphaOnly, { ...text([glyph(0, 2, 0x40, 0xff)], NOWHERE), base: at(0, 0, 2, 1).base });
    expect(hex(alphaOnly)).toEqual(["40000000", "ff000000"]);
    const surface = createSurface(0, 5, 1, "32_xRGB");
    const foreBrush = { kind: "pattern", image: picture("r#b"), origin: { x: 0, y: 0 } } as const;
    drawOn(surface, { ...text([glyph(1, 3, 255, 255, 255)], NOWHERE), foreBrush, base: at(0, 0, 5, 1).base });
    expect(letters(surface)).toEqual([".r#b."]);
  });
});
