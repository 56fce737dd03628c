/**
 * Pictures for the tests and the bench of SPICE's codecs, drawn by whole numbers only, so that they are the same everywhere. The
 * fixtures in protocols/spice/codecs/fixtures were encoded from them.
 */
export type PictureName = "text" | "gradient" | "photo" | "noise" | "desktop";

export interface DrawnPicture {
  readonly width: number;
  readonly height: number;
  /** Blue, green, red, alpha; rows top down without gaps: SPICE's ARGB in memory. */
  readonly bgra: Uint8Array;
}

type Painter = (x: number, y: number) => number;

/** A pseudo-random u32 of a place. */
function hash(x: number, y: number): number {
  let value = Math.imul(x + 1, 0x9e37_79b1) ^ Math.imul(y + 1, 0x85eb_ca77);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b_3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a_2d39);
  return (value ^ (value >>> 15)) >>> 0;
}

function rgb(red: number, green: number, blue: number): number {
  return (red << 16) | (green << 8) | blue;
}

/** 0 up to 255 and back, `period` long. */
function wave(at: number, period: number): number {
  const place = ((at % period) + period) % period;
  const half = period >> 1;
  return Math.floor(((place < half ? place : period - place) * 255) / half);
}

/** Lines of letter-like marks of 6x12 pixels with half-covered edges, words apart. */
const text: Painter = (x, y) => {
  const [column, line] = [Math.floor(x / 6), Math.floor(y / 12)];
  const isSpace = hash(column, line + 1000) % 7 === 0 || hash(column >> 4, line + 2000) % 5 === 0;
  const [inX, inY] = [x % 6, y % 12];
  if (isSpace || inX === 5 || inY < 2 || inY > 9) return 0xffffff;
  const letter = hash(column, line) % 52;
  const mark = hash(letter * 8 + inX, inY >> 1) % 5;
  if (mark > 2) return 0xffffff;
  return mark === 2 ? 0x909090 : line % 9 === 0 ? 0x2050c0 : 0x101010;
};

const gradient: Painter = (x, y) => rgb((x + (y >> 1)) & 255, (40 + (y >> 1)) & 255, (x >> 2) & 255);

const photo: Painter = (x, y) => {
  const light = (wave(x * 3 + y, 340) + wave(y * 2 - x, 220) + wave((x * y) >> 5, 410)) / 3;
  const grain = (shift: number): number => (hash(x, y) >>> shift) & 7;
  const level = (gain: number, shift: number): number => Math.min(255, ((light * gain) >> 8) + grain(shift));
  return rgb(level(250, 0), level(200, 3), level(150, 6));
};

const noise: Painter = (x, y) => hash(x, y) & 0xffffff;

/** Wallpaper, a bar below, windows of text, one with a picture, icons. */
const desktop: Painter = (x, y) => {
  if (y >= 736) return x % 160 < 150 && y > 742 && y < 762 ? (y < 752 ? text(x, y - 742) : 0x303844) : 0x20242c;
  const windows = [
    { left: 60, top: 40, right: 620, bottom: 520, inside: text },
    { left: 540, top: 300, right: 980, bottom: 690, inside: photo },
  ];
  for (const { left, top, right, bottom, inside } of windows.toReversed()) {
    if (x < left || x >= right || y < top || y >= bottom) continue;
    if (x === left || x === right - 1 || y === top || y === bottom - 1) return 0x5a6270;
    if (y < top + 26) return x > right - 60 && x % 18 < 12 && y > top + 8 && y < top + 18 ? 0xe0e0e0 : 0x3c4452;
    return inside(x - left, y - top);
  }
  return gradient(x, y);
};

const PAINTERS: Readonly<Record<PictureName, Painter>> = { text, gradient, photo, noise, desktop };

/** Alpha is opaque above, fades in steps and is noise in a corner. */
function alphaOf(x: number, y: number): number {
  if (y < 16) return 255;
  return x < 24 && y < 28 ? hash(x, y) & 255 : ((x >> 3) * 11 + y) & 255;
}

export function drawPicture(name: PictureName, width: number, height: number): DrawnPicture {
  const bgra = new Uint8Array(width * height * 4);
  const paint = PAINTERS[name];
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 4) {
      const colour = paint(x, y);
      bgra[at] = colour & 255;
      bgra[at + 1] = (colour >>> 8) & 255;
      bgra[at + 2] = colour >>> 16;
      bgra[at + 3] = alphaOf(x, y);
    }
  }
  return { width, height, bgra };
}

/** Colours of palette pictures: entry i. */
export function paletteColour(i: number): number {
  return (i * 0x07_0d17) & 0xff_ffff;
}

/** How a palette picture of so many bits is made of a drawn one: the upper bits of green. */
export function paletteIndex(green: number, bits: number): number {
  return green >>> (8 - bits);
}
