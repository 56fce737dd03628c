import type { DrawOperation, Glyph } from "../../src/protocols/spice/display/draw-types.ts";
import { drawOn } from "../../src/protocols/spice/canvas/draw-on.ts";
import { createSurface, type SurfaceFormat } from "../../src/protocols/spice/canvas/surface.ts";
import { drawPicture } from "../../src/testing/spice-pictures.ts";
import { type Findings } from "../findings.ts";
import { sampleOf } from "../statistics.ts";

const WIDTH = 1920;
const HEIGHT = 1080;
const PIXELS = WIDTH * HEIGHT;
const ROUNDS = 9;
/** Before it counts, so that the engine has compiled both. */
const WARM_UP_ROUNDS = 4;
/** One round of one operation; shorter ones are repeated, since clocks are coarse. */
const ROUND_MS = 30;

const GLYPH = { width: 8, height: 16 } as const;
const COVERAGE = Uint8Array.from({ length: GLYPH.width * GLYPH.height }, (_, i) => (i % 3) * 0x70);

const box = { left: 0, top: 0, right: WIDTH, bottom: HEIGHT };
const base = { surfaceId: 0, box, clip: undefined };
const here = { x: 0, y: 0 };

/** Drawn pixels a second, as their bytes, beside copying a picture of the same size in one go. */
export function measureCanvas(findings: Findings): Promise<void> {
  const surface = picture(WIDTH, HEIGHT, "32_xRGB");
  const yardstick = surface.pixels.slice();
  for (const [id, what, operation, pixels] of operations()) {
    const ours: number[] = [];
    const copy: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      const drawn = speedOf(pixels, () => {
        drawOn(surface, operation);
      });
      const copied = speedOf(PIXELS, () => {
        surface.pixels.set(yardstick);
      });
      if (round < WARM_UP_ROUNDS) continue;
      ours.push(drawn);
      copy.push(copied);
    }
    findings.measured(`canvas/${id}`, sampleOf(ours), {
      what,
      unit: "MB/s",
      peer: { name: "a plain copy", value: sampleOf(copy) },
      compare: "ratio",
      better: "higher",
    });
  }
  return Promise.resolve();
}

function operations(): readonly (readonly [id: string, what: string, operation: DrawOperation, pixels: number])[] {
  const source = picture(WIDTH, HEIGHT, "32_xRGB");
  const translucent = picture(WIDTH, HEIGHT, "32_ARGB");
  const half = picture(WIDTH / 2, HEIGHT / 2, "32_xRGB");
  const halfArea = { left: 0, top: 0, right: WIDTH / 2, bottom: HEIGHT / 2 };
  const copy = { op: "copy", base, sourceArea: box, rop: 8, scaleMode: "interpolate", mask: undefined } as const;
  const scrolled = { ...base, box: { ...box, bottom: HEIGHT - GLYPH.height } };
  const glyphs = Array.from({ length: WIDTH / GLYPH.width }, (_, i): Glyph => {
    return { ...GLYPH, renderX: i * GLYPH.width, renderY: 0, originX: 0, originY: 0, coverage: COVERAGE };
  });
  const text: DrawOperation = {
    op: "text",
    base,
    glyphs,
    stringFlags: 4,
    backArea: { left: 0, top: 0, right: 0, bottom: 0 },
    foreBrush: { kind: "solid", colour: 0x2040a0 },
    backBrush: { kind: "none" },
    foreMode: 8,
    backMode: 8,
  };
  const fill = { op: "fill", base, brush: { kind: "solid", colour: 0x123456 }, rop: 8, mask: undefined } as const;
  const scroll = { op: "copyBits", base: scrolled, sourcePosition: { x: 0, y: GLYPH.height } } as const;
  const blend = { op: "alphaBlend", base, source: translucent, sourceArea: box, alpha: 200, alphaFlags: 0 } as const;
  const over: DrawOperation = {
    op: "composite",
    base,
    flags: 3,
    source: translucent,
    mask: undefined,
    sourceTransform: undefined,
    maskTransform: undefined,
    sourceOrigin: here,
    maskOrigin: here,
  };
  return [
    ["fill", "FILL with one colour", fill, PIXELS],
    ["copy", "COPY of a picture", { ...copy, source }, PIXELS],
    ["copy-argb", "COPY of a picture with alpha", { ...copy, source: translucent }, PIXELS],
    ["copy-xor", "COPY by XOR", { ...copy, source, rop: 64 }, PIXELS],
    ["copy-scaled", "COPY to twice the size, interpolated", { ...copy, source: half, sourceArea: halfArea }, PIXELS],
    ["copy-bits", "COPY_BITS, a screen scrolled", scroll, WIDTH * (HEIGHT - GLYPH.height)],
    ["alpha-blend", "ALPHA_BLEND", blend, PIXELS],
    ["composite", "COMPOSITE, over", over, PIXELS],
    ["text", "TEXT, a line of 240 glyphs", text, WIDTH * GLYPH.height],
  ];
}

function picture(width: number, height: number, format: SurfaceFormat) {
  const surface = createSurface(1, width, height, format);
  const drawn = new Uint32Array(drawPicture("desktop", width, height).bgra.buffer);
  surface.pixels.set(format === "32_ARGB" ? drawn : drawn.map((pixel) => (pixel | 0xff00_0000) >>> 0));
  return surface;
}

/** MB/s. */
function speedOf(pixels: number, draw: () => void): number {
  const startedMs = performance.now();
  let times = 0;
  let ms: number;
  do {
    draw();
    times += 1;
    ms = performance.now() - startedMs;
  } while (ms < ROUND_MS);
  return (pixels * 4 * times) / ms / 1000;
}
