import type { PixelWriter } from "./pixel-format.ts";

/** The pointer of the sample screens: # outline, . inside. Its hot spot is the top left corner. */
const ARROW = [
  "#          ",
  "##         ",
  "#.#        ",
  "#..#       ",
  "#...#      ",
  "#....#     ",
  "#.....#    ",
  "#......#   ",
  "#.......#  ",
  "#........# ",
  "#.....#### ",
  "#..#..#    ",
  "#.# #..#   ",
  "##  #..#   ",
  "#    #..#  ",
  "     #..#  ",
  "      ##   ",
];
const OUTLINE_COLOUR = 0x101215;
const INSIDE_COLOUR = 0xffffff;

export const CURSOR_WIDTH = 11;
export const CURSOR_HEIGHT = ARROW.length;

/** RFC 6143, 7.8.1 "Cursor Pseudo-Encoding": pixels, then a bit mask of those that are shown. */
export function encodeCursor(writer: PixelWriter): Uint8Array {
  const maskRowBytes = Math.ceil(CURSOR_WIDTH / 8);
  const pixels = new Uint8Array(CURSOR_WIDTH * CURSOR_HEIGHT * writer.bytesPerPixel);
  const mask = new Uint8Array(maskRowBytes * CURSOR_HEIGHT);
  ARROW.forEach((line, y) => {
    for (let x = 0; x < CURSOR_WIDTH; x += 1) {
      const dot = line[x];
      if (dot !== "#" && dot !== ".") continue;
      writer.write(pixels, (y * CURSOR_WIDTH + x) * writer.bytesPerPixel, dot === "#" ? OUTLINE_COLOUR : INSIDE_COLOUR);
      const at = y * maskRowBytes + (x >> 3);
      mask[at] = (mask[at] ?? 0) | (0x80 >> (x & 7));
    }
  });
  return Buffer.concat([pixels, mask]);
}
