import { ProtocolError } from "../../bytes/protocol-error.ts";
import { endsTooEarly } from "./image-limits.ts";
import { OPAQUE_ALPHA } from "./pixel-image.ts";
import {
  BUCKET_MASK,
  BUCKETS,
  BUCKET_SHIFT,
  DIFFERENCE_SHIFT,
  LENGTH_MASK,
  type QuicFamily,
  QuicModel,
  quicFamily,
  RUN_BITS,
  TABLE_SHIFT,
} from "./quic-model.ts";

/** Most bits that a pixel can take: four codes of 26 bits, two empty runs of 16 and run bits. Rows are checked when they end. */
const MAX_PIXEL_BITS = 160;
/** Below this many pixels a loop beats the engine's fill. */
const LONG_RUN_PX = 32;
const LAST_RUN_STATE = RUN_BITS.length - 1;
/** A symbol's difference as it stands in blue's place of a pixel. */
const BLUE_DIFFERENCE = 0xff << DIFFERENCE_SHIFT;
/** A place in a row that is never reached. */
const NEVER = 0x7fff_ffff;

/** What must stand behind the data, as zeros: as much as a row can take, and what is read ahead. */
export function maxRowBytes(width: number): number {
  return Math.ceil((width * MAX_PIXEL_BITS) / 32) * 4 + 16;
}

/** The data as one row of bits: little-endian u32 words, the highest bit first. */
export class QuicBits {
  /** INVARIANT: longer than the data by more than a row can take; reads need no check, the place is checked after each row. */
  readonly words: Int32Array;
  readonly #end: number;
  /** Next bit. */
  position: number;

  constructor(data: Uint8Array, headerBytes: number, width: number) {
    const wordCount = data.length >>> 2;
    this.words = new Int32Array(wordCount + maxRowBytes(width) / 4);
    new Uint8Array(this.words.buffer).set(data.subarray(0, wordCount * 4));
    this.#end = wordCount * 32;
    this.position = headerBytes * 8;
  }

  checkEnd(): void {
    if (this.position > this.#end) throw endsTooEarly("QUIC");
  }

  /** Length of a run at `position`, which moves behind it. Throws where it is longer than `limit` pixels. */
  run(model: QuicModel, limit: number): number {
    let length = 0;
    let state = model.runState;
    while (peek(this.words, this.position) < 0) {
      this.position += 1;
      length += 1 << (RUN_BITS[state] as number);
      if (length > limit) throw runTooLong();
      if (state < LAST_RUN_STATE) state += 1;
    }
    this.position += 1;
    const rest = RUN_BITS[state] as number;
    if (rest > 0) length += peek(this.words, this.position) >>> (32 - rest);
    this.position += rest;
    if (length > limit) throw runTooLong();
    model.runState = state > 0 ? state - 1 : 0;
    return length;
  }
}

/** Red, green and blue of a picture, decoded row by row into pixels (5-bit colours are spread out later). */
export class ColourRows {
  readonly #bits: QuicBits;
  readonly #model: QuicModel;
  readonly #pixels: Int32Array;
  readonly #width: number;
  /** Of each place in a row the buckets that its latest decoded pixel's symbols lead to; a run leaves older ones there. */
  readonly #buckets: Uint16Array;
  readonly #family: QuicFamily;

  constructor(bits: QuicBits, pixels: Int32Array, width: number, colourBits: 5 | 8) {
    this.#bits = bits;
    this.#family = quicFamily(colourBits);
    this.#model = new QuicModel(this.#family, 3);
    this.#pixels = pixels;
    this.#width = width;
    this.#buckets = new Uint16Array(width);
  }

  decodeRow(row: number): void {
    const width = this.#width;
    for (let start = 0; start < width;) {
      const end = this.#model.segmentEnd(start, width);
      this.#decodeSegment(row, start, end);
      start = end;
    }
  }

  #decodeSegment(row: number, start: number, end: number): void {
    const bits = this.#bits;
    const { words } = bits;
    const model = this.#model;
    const family = this.#family;
    const { table } = family;
    const { best } = model;
    const pixels = this.#pixels;
    const width = this.#width;
    const allBuckets = this.#buckets;
    const isFirst = row === 0;
    const at = row * width;
    // Red and blue are added up at once, in one number with room between them.
    const last = (1 << family.bits) - 1;
    const redBlueMask = last | (last << 16);
    const greenMask = last << 8;
    // There are no runs in the first row, and none before the fourth pixel.
    const firstRun = isFirst ? NEVER : 3;
    let position = bits.position;
    let wait = model.wait;
    let runStart = 0;
    let left = 0;
    let beforeLeft = 0;
    let aboveLeft = 0;
    let buckets = 0;
    if (start > 0) {
      left = pixels[at + start - 1] as number;
      buckets = allBuckets[start - 1] as number;
      if (start > 1) beforeLeft = pixels[at + start - 2] as number;
      if (!isFirst) aboveLeft = pixels[at + start - 1 - width] as number;
    } else if (!isFirst) {
      // The pixel above is all there is to go by; it is its own mean.
      left = pixels[at - width] as number;
      buckets = allBuckets[0] as number;
    }
    let x = start;
    while (x < end) {
      const above = isFirst ? left : (pixels[at + x - width] as number);
      if (above === aboveLeft && left === beforeLeft && x >= firstRun && x !== runStart) {
        bits.position = position;
        const length = bits.run(model, end - x);
        position = bits.position;
        runStart = x;
        if (length > 0) {
          fillRun(pixels, at + x, length, left);
          x += length;
          buckets = allBuckets[x - 1] as number;
          aboveLeft = pixels[at + x - 1 - width] as number;
        }
        continue;
      }
      let data = peek(words, position);
      const redSlot = buckets & BUCKET_MASK;
      const greenSlot = BUCKETS + ((buckets >>> 3) & BUCKET_MASK);
      const blueSlot = 2 * BUCKETS + (buckets >>> 6);
      // A shift takes the lowest five bits of a number, which are the symbol's length.
      let red = table[(best[redSlot] as number) | (data >>> TABLE_SHIFT)] as number;
      data <<= red;
      let green = table[(best[greenSlot] as number) | (data >>> TABLE_SHIFT)] as number;
      data <<= green;
      let blue = table[(best[blueSlot] as number) | (data >>> TABLE_SHIFT)] as number;
      if ((red | green | blue) >= 0) {
        // Three codes of at most eight bits: their sum fits into five bits, and does not run into what stands above.
        position += (red + green + blue) & LENGTH_MASK;
      } else {
        red = family.decode(best[redSlot] as number, peek(words, position));
        position += red & LENGTH_MASK;
        green = family.decode(best[greenSlot] as number, peek(words, position));
        position += green & LENGTH_MASK;
        blue = family.decode(best[blueSlot] as number, peek(words, position));
        position += blue & LENGTH_MASK;
      }
      buckets =
        ((red >>> BUCKET_SHIFT) & BUCKET_MASK) |
        ((green >>> (BUCKET_SHIFT - 3)) & (BUCKET_MASK << 3)) |
        ((blue << (6 - BUCKET_SHIFT)) & (BUCKET_MASK << 6));
      allBuckets[x] = buckets;
      beforeLeft = left;
      aboveLeft = above;
      const redBlue =
        ((((left & redBlueMask) + (above & redBlueMask)) >>> 1) & redBlueMask) +
        (red >>> DIFFERENCE_SHIFT) +
        (blue & BLUE_DIFFERENCE);
      const green8 = (((left & greenMask) + (above & greenMask)) >>> 1) + (green >>> (DIFFERENCE_SHIFT - 8));
      left = OPAQUE_ALPHA | (redBlue & redBlueMask) | (green8 & greenMask);
      pixels[at + x] = left;
      x += 1;
      wait -= 1;
      if (wait < 0) {
        wait = model.nextWait();
        model.learn(redSlot, red);
        model.learn(greenSlot, green);
        model.learn(blueSlot, blue);
      }
    }
    bits.position = position;
    model.wait = wait;
  }
}

/** One plane of bytes: alpha, or a grey picture. */
export class PlaneRows {
  readonly #bits: QuicBits;
  readonly #model = new QuicModel(quicFamily(8), 1);
  readonly #plane: Uint8Array;
  readonly #width: number;
  readonly #buckets: Uint8Array;

  constructor(bits: QuicBits, plane: Uint8Array, width: number) {
    this.#bits = bits;
    this.#plane = plane;
    this.#width = width;
    this.#buckets = new Uint8Array(width);
  }

  decodeRow(row: number): void {
    const width = this.#width;
    for (let start = 0; start < width;) {
      const end = this.#model.segmentEnd(start, width);
      this.#decodeSegment(row, start, end);
      start = end;
    }
  }

  /** As ColourRows does it, with one colour. */
  #decodeSegment(row: number, start: number, end: number): void {
    const bits = this.#bits;
    const { words } = bits;
    const model = this.#model;
    const { best, family } = model;
    const { table } = family;
    const plane = this.#plane;
    const width = this.#width;
    const allBuckets = this.#buckets;
    const isFirst = row === 0;
    const at = row * width;
    const firstRun = isFirst ? NEVER : 3;
    let position = bits.position;
    let wait = model.wait;
    let runStart = 0;
    let left = 0;
    let beforeLeft = 0;
    let aboveLeft = 0;
    let bucket = 0;
    if (start > 0) {
      left = plane[at + start - 1] as number;
      bucket = allBuckets[start - 1] as number;
      if (start > 1) beforeLeft = plane[at + start - 2] as number;
      if (!isFirst) aboveLeft = plane[at + start - 1 - width] as number;
    } else if (!isFirst) {
      left = plane[at - width] as number;
      bucket = allBuckets[0] as number;
    }
    let x = start;
    while (x < end) {
      const above = isFirst ? left : (plane[at + x - width] as number);
      if (above === aboveLeft && left === beforeLeft && x >= firstRun && x !== runStart) {
        bits.position = position;
        const length = bits.run(model, end - x);
        position = bits.position;
        runStart = x;
        if (length > 0) {
          plane.fill(left, at + x, at + x + length);
          x += length;
          bucket = allBuckets[x - 1] as number;
          aboveLeft = plane[at + x - 1 - width] as number;
        }
        continue;
      }
      const data = peek(words, position);
      const slot = bucket;
      const tabled = table[(best[slot] as number) | (data >>> TABLE_SHIFT)] as number;
      const symbol = tabled < 0 ? family.decode(best[slot] as number, data) : tabled;
      position += symbol & LENGTH_MASK;
      bucket = (symbol >>> BUCKET_SHIFT) & BUCKET_MASK;
      allBuckets[x] = bucket;
      beforeLeft = left;
      aboveLeft = above;
      left = (((left + above) >>> 1) + (symbol >>> DIFFERENCE_SHIFT)) & 255;
      plane[at + x] = left;
      x += 1;
      wait -= 1;
      if (wait < 0) {
        wait = model.nextWait();
        model.learn(slot, symbol);
      }
    }
    bits.position = position;
    model.wait = wait;
  }
}

/** The 32 bits from `position` on. */
function peek(words: Int32Array, position: number): number {
  const index = position >>> 5;
  const used = position & 31;
  // Shifted in two steps, as a shift by 32 is none.
  return ((words[index] as number) << used) | (((words[index + 1] as number) >>> 1) >>> (31 - used));
}

function fillRun(pixels: Int32Array, from: number, length: number, pixel: number): void {
  const stop = from + length;
  if (length >= LONG_RUN_PX) pixels.fill(pixel, from, stop);
  else for (let i = from; i < stop; i += 1) pixels[i] = pixel;
}

function runTooLong(): ProtocolError {
  return new ProtocolError("malformed", "QUIC: a run leaves its row");
}
