import type { Rect } from "../drawing/geometry.ts";
import type { PixelCanvas } from "../drawing/pixel-canvas.ts";
import type { PixelWriter } from "./pixel-format.ts";

/** RFC 6143, 7.7.6 "ZRLE Encoding". */
const TILE_PX = 64;
const MAX_PACKED_COLOURS = 16;
/** A palette with runs names a colour in seven bits. */
const MAX_RUN_COLOURS = 127;
const SUBENCODING_RAW = 0;
const SUBENCODING_SOLID = 1;
const SUBENCODING_PALETTE_RUNS = 128;

/** The tiles of an area as ZRLE wants them, before deflate. */
export function encodeZrleTiles(canvas: PixelCanvas, rect: Rect, writer: PixelWriter): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let y = rect.y; y < rect.y + rect.height; y += TILE_PX) {
    for (let x = rect.x; x < rect.x + rect.width; x += TILE_PX) {
      const width = Math.min(TILE_PX, rect.x + rect.width - x);
      const height = Math.min(TILE_PX, rect.y + rect.height - y);
      parts.push(encodeTile(pixelsOf(canvas, { x, y, width, height }), width, writer));
    }
  }
  return Buffer.concat(parts);
}

function pixelsOf(canvas: PixelCanvas, { x, y, width, height }: Rect): Uint32Array {
  const pixels = new Uint32Array(width * height);
  for (let row = 0; row < height; row += 1) {
    const start = (y + row) * canvas.width + x;
    pixels.set(canvas.pixels.subarray(start, start + width), row * width);
  }
  return pixels;
}

function encodeTile(pixels: Uint32Array, width: number, writer: PixelWriter): Uint8Array {
  const indexByColour = new Map<number, number>();
  let runCount = 0;
  let previous = -1;
  for (const colour of pixels) {
    if (colour === previous) continue;
    previous = colour;
    runCount += 1;
    if (indexByColour.size <= MAX_RUN_COLOURS && !indexByColour.has(colour)) {
      indexByColour.set(colour, indexByColour.size);
    }
  }
  if (indexByColour.size === 1) return encodePixels([SUBENCODING_SOLID], pixels.subarray(0, 1), writer);
  if (indexByColour.size > MAX_RUN_COLOURS) return encodePixels([SUBENCODING_RAW], pixels, writer);
  // A run costs up to two bytes; packed indices cost at most half a byte a pixel.
  const isPackable = indexByColour.size <= MAX_PACKED_COLOURS;
  if (isPackable && runCount * 2 > pixels.length / 2) return encodePacked(pixels, width, indexByColour, writer);
  if (runCount * 2 < pixels.length * writer.bytesPerPixel) return encodeRuns(pixels, indexByColour, writer);
  return encodePixels([SUBENCODING_RAW], pixels, writer);
}

function encodePixels(
  head: readonly number[],
  pixels: Iterable<number> & { length: number },
  writer: PixelWriter,
): Uint8Array {
  const bytes = new Uint8Array(head.length + pixels.length * writer.bytesPerPixel);
  bytes.set(head);
  let at = head.length;
  for (const colour of pixels) {
    writer.write(bytes, at, colour);
    at += writer.bytesPerPixel;
  }
  return bytes;
}

function encodePacked(
  pixels: Uint32Array,
  width: number,
  indexByColour: ReadonlyMap<number, number>,
  writer: PixelWriter,
): Uint8Array {
  const bitsPerIndex = indexByColour.size <= 2 ? 1 : indexByColour.size <= 4 ? 2 : 4;
  const rowBytes = Math.ceil((width * bitsPerIndex) / 8);
  const rows = pixels.length / width;
  const packed = new Uint8Array(rowBytes * rows);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const index = indexByColour.get(pixels[row * width + column] ?? 0) ?? 0;
      const bit = column * bitsPerIndex;
      const at = row * rowBytes + (bit >> 3);
      packed[at] = (packed[at] ?? 0) | (index << (8 - bitsPerIndex - (bit & 7)));
    }
  }
  return Buffer.concat([encodePixels([indexByColour.size], [...indexByColour.keys()], writer), packed]);
}

function encodeRuns(pixels: Uint32Array, indexByColour: ReadonlyMap<number, number>, writer: PixelWriter): Uint8Array {
  const palette = encodePixels([SUBENCODING_PALETTE_RUNS + indexByColour.size], [...indexByColour.keys()], writer);
  const runs: number[] = [];
  let start = 0;
  while (start < pixels.length) {
    const colour = pixels[start] ?? 0;
    let end = start + 1;
    while (end < pixels.length && pixels[end] === colour) end += 1;
    const index = indexByColour.get(colour) ?? 0;
    const length = end - start;
    if (length === 1) runs.push(index);
    else {
      runs.push(index | 128);
      let rest = length - 1;
      for (; rest >= 255; rest -= 255) runs.push(255);
      runs.push(rest);
    }
    start = end;
  }
  return Buffer.concat([palette, Uint8Array.from(runs)]);
}
