import type { SpiceReader } from "../../wire/spice-reader.ts";
import { MAX_GLYPH_PIXELS, MAX_PATH_POINTS } from "../display-limits.ts";
import type { Glyph, LineStyle, PathSegment } from "../draw-types.ts";
import { expectBytes, malformed, overLimit, parseNeededPointer } from "./geometry.ts";

/** spice.proto "string_flags": exactly one of the first three is set. */
const STRING_FLAG = { rasterA1: 1, rasterA4: 2, rasterA8: 4, rasterTopDown: 8 } as const;

/** spice.proto "line_flags". */
const LINE_FLAG = { startWithGap: 4, styled: 8 } as const;

const SEGMENT_HEAD_BYTES = 5;
const POINT_BYTES = 8;
const GLYPH_HEAD_BYTES = 20;

/** spice.proto "Path": segments follow each other. */
export function parsePath(reader: SpiceReader): readonly PathSegment[] {
  const count = reader.u32();
  expectBytes(reader, count * SEGMENT_HEAD_BYTES);
  let pointCount = 0;
  return Array.from({ length: count }, () => {
    const flags = reader.u8();
    const points = reader.u32();
    pointCount += points;
    if (pointCount > MAX_PATH_POINTS) throw overLimit(`path of ${String(pointCount)} points`);
    expectBytes(reader, points * POINT_BYTES);
    return { flags, points: Int32Array.from({ length: points * 2 }, () => reader.i32()) };
  });
}

/** spice.proto "LineAttr". */
export function parseLineStyle(reader: SpiceReader): LineStyle {
  const flags = reader.u8();
  const startsWithGap = (flags & LINE_FLAG.startWithGap) !== 0;
  if ((flags & LINE_FLAG.styled) === 0) return { dashes: [], startsWithGap };
  const count = reader.u8();
  const target = count === 0 ? reader.at(reader.u32()) : parseNeededPointer(reader, "dashes of a styled line");
  expectBytes(target, count * 4);
  return { dashes: Array.from({ length: count }, () => target.i32()), startsWithGap };
}

/** spice.proto "String": glyphs follow each other. */
export function parseString(reader: SpiceReader): { glyphs: readonly Glyph[]; stringFlags: number } {
  const count = reader.u16();
  const stringFlags = reader.u8();
  const depth = depthOf(stringFlags);
  if (depth === undefined) {
    if (count > 0) throw malformed("text without a glyph format");
    return { glyphs: [], stringFlags };
  }
  expectBytes(reader, count * GLYPH_HEAD_BYTES);
  const isTopDown = (stringFlags & STRING_FLAG.rasterTopDown) !== 0;
  let pixels = 0;
  const glyphs = Array.from({ length: count }, (): Glyph => {
    const renderX = reader.i32();
    const renderY = reader.i32();
    const originX = reader.i32();
    const originY = reader.i32();
    const width = reader.u16();
    const height = reader.u16();
    pixels += width * height;
    if (pixels > MAX_GLYPH_PIXELS) throw overLimit(`text of ${String(pixels)} pixels`);
    const rowBytes = Math.ceil((width * depth) / 8);
    const coverage = unpackCoverage(reader.bytes(rowBytes * height), { width, height, depth, rowBytes, isTopDown });
    return { renderX, renderY, originX, originY, width, height, coverage };
  });
  return { glyphs, stringFlags };
}

function depthOf(flags: number): 1 | 4 | 8 | undefined {
  if ((flags & STRING_FLAG.rasterA1) !== 0) return 1;
  if ((flags & STRING_FLAG.rasterA4) !== 0) return 4;
  return (flags & STRING_FLAG.rasterA8) !== 0 ? 8 : undefined;
}

interface GlyphForm {
  readonly width: number;
  readonly height: number;
  readonly depth: 1 | 4 | 8;
  readonly rowBytes: number;
  readonly isTopDown: boolean;
}

/**
 * One byte a pixel, rows top down. The leftmost pixel stands in the highest bits; 4 bits become the high half of the byte
 * (0x00 to 0xf0), as the reference client has it.
 */
function unpackCoverage(data: Uint8Array, form: GlyphForm): Uint8Array {
  const { width, height, depth, rowBytes, isTopDown } = form;
  const coverage = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const from = (isTopDown ? y : height - 1 - y) * rowBytes;
    const to = y * width;
    for (let x = 0; x < width; x += 1) coverage[to + x] = coverageAt(data, from, x, depth);
  }
  return coverage;
}

function coverageAt(data: Uint8Array, rowAt: number, x: number, depth: 1 | 4 | 8): number {
  if (depth === 8) return data[rowAt + x] ?? 0;
  if (depth === 4) {
    const pair = data[rowAt + (x >> 1)] ?? 0;
    return x % 2 === 0 ? pair & 0xf0 : (pair << 4) & 0xf0;
  }
  return (((data[rowAt + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) * 0xff;
}
