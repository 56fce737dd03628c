import { OPAQUE_ALPHA, type PixelImage } from "../codecs/pixel-image.ts";
import type { Transform } from "../display/draw-types.ts";

/** What lies beyond the edges of a picture: nothing (transparent), the picture again, its last pixels, or its mirror image. */
export type Repeat = "none" | "normal" | "pad" | "reflect";

export type Filter = "nearest" | "bilinear";

export interface SamplerOptions {
  readonly image: PixelImage;
  /** From the coordinates that `read` is asked for to the picture's, 16.16 fixed point; undefined: the same. */
  readonly transform: Transform | undefined;
  readonly filter: Filter;
  readonly repeat: Repeat;
  /** Read alpha as 0xff wherever the picture is. */
  readonly isOpaque?: boolean;
  /** The x coordinates that will be asked for: left inside, right outside. */
  readonly left: number;
  readonly right: number;
}

/** Reads rows of a picture as a painter sees it through a transform. Pixels are premultiplied. */
export interface Sampler {
  /** The `count` pixels at x, x + 1, … of row y into `out`. */
  read(x: number, y: number, count: number, out: Uint32Array): void;
}

const ONE = 65_536;

/**
 * Positions are pixman's: the centre of a pixel goes through the transform, rounded to 1/65536; "nearest" takes the pixel it falls in, edges
 * belonging to the pixel before; "bilinear" weighs the four around it by 1/128 of their distance.
 */
export function createSampler(options: SamplerOptions): Sampler {
  const { image, transform, filter } = options;
  if (image.width === 0 || image.height === 0) return { read: (_x, _y, count, out) => void out.fill(0, 0, count) };
  const [xx, xy, , yx, yy] = transform ?? IDENTITY;
  if (xy !== 0 || yx !== 0) return new AffineSampler(options);
  const isWhole =
    xx === ONE && yy === ONE && (transform ?? IDENTITY)[2] % ONE === 0 && (transform ?? IDENTITY)[5] % ONE === 0;
  return filter === "nearest" || isWhole ? new NearestSampler(options) : new BilinearSampler(options);
}

const IDENTITY: Transform = [ONE, 0, 0, 0, ONE, 0];

/** The picture's pixel for a position along one axis; -1: none. */
function place(position: number, size: number, repeat: Repeat): number {
  if (position >= 0 && position < size) return position;
  switch (repeat) {
    case "none":
      return -1;
    case "pad":
      return position < 0 ? 0 : size - 1;
    case "normal":
      return modulo(position, size);
    case "reflect": {
      const at = modulo(position, size * 2);
      return at < size ? at : size * 2 - 1 - at;
    }
  }
}

function modulo(value: number, by: number): number {
  const rest = value % by;
  return rest < 0 ? rest + by : rest;
}

/** The centre of pixel `at` on an axis that only scales, in 1/65536. */
function axisPosition(at: number, scale: number, offset: number): number {
  return scale * at + offset + Math.floor((scale + 1) / 2);
}

function alphaBits(options: SamplerOptions): number {
  return options.isOpaque === true || options.image.alpha === "opaque" ? OPAQUE_ALPHA | 0 : 0;
}

class NearestSampler implements Sampler {
  readonly #image: PixelImage;
  readonly #repeat: Repeat;
  readonly #scaleY: number;
  readonly #offsetY: number;
  readonly #left: number;
  readonly #set: number;
  /** The picture's x for each asked x; undefined when they run side by side from #firstX on. */
  readonly #columns: Int32Array | undefined;
  readonly #firstX: number;

  constructor(options: SamplerOptions) {
    const [xx, , tx, , yy, ty] = options.transform ?? IDENTITY;
    this.#image = options.image;
    this.#repeat = options.repeat;
    this.#scaleY = yy;
    this.#offsetY = ty;
    this.#left = options.left;
    this.#set = alphaBits(options);
    const { width } = options.image;
    const columns = new Int32Array(Math.max(options.right - options.left, 0));
    let isRun = true;
    for (let i = 0; i < columns.length; i++) {
      const x = place(Math.floor((axisPosition(options.left + i, xx, tx) - 1) / ONE), width, options.repeat);
      columns[i] = x;
      isRun &&= x >= 0 && (i === 0 || x === (columns[i - 1] ?? 0) + 1);
    }
    this.#columns = isRun ? undefined : columns;
    this.#firstX = columns[0] ?? 0;
  }

  read(x: number, y: number, count: number, out: Uint32Array): void {
    const { pixels, width, height } = this.#image;
    const sourceY = place(Math.floor((axisPosition(y, this.#scaleY, this.#offsetY) - 1) / ONE), height, this.#repeat);
    if (sourceY < 0) {
      out.fill(0, 0, count);
      return;
    }
    const row = sourceY * width;
    const set = this.#set;
    const columns = this.#columns;
    if (columns === undefined) {
      const from = row + this.#firstX + x - this.#left;
      out.set(pixels.subarray(from, from + count));
      if (set !== 0 && this.#image.alpha !== "opaque") for (let i = 0; i < count; i++) out[i] = (out[i] ?? 0) | set;
      return;
    }
    const first = x - this.#left;
    for (let i = 0; i < count; i++) {
      const column = columns[first + i] ?? 0;
      out[i] = column < 0 ? 0 : (pixels[row + column] ?? 0) | set;
    }
  }
}

/**
 * Interpolates rows of the picture first along x, keeps the last two, and then between them along y, so that a picture that is made larger
 * costs each row once. A row is two u32 a pixel with two 16-bit sums each, so nothing is rounded before the end.
 */
class BilinearSampler implements Sampler {
  readonly #image: PixelImage;
  readonly #repeat: Repeat;
  readonly #scaleY: number;
  readonly #offsetY: number;
  readonly #left: number;
  readonly #set: number;
  readonly #columnsLeft: Int32Array;
  readonly #columnsRight: Int32Array;
  readonly #weights: Uint16Array;
  #upper: SumRow;
  #lower: SumRow;

  constructor(options: SamplerOptions) {
    const [xx, , tx, , yy, ty] = options.transform ?? IDENTITY;
    const count = Math.max(options.right - options.left, 0);
    this.#image = options.image;
    this.#repeat = options.repeat;
    this.#scaleY = yy;
    this.#offsetY = ty;
    this.#left = options.left;
    this.#set = alphaBits(options);
    this.#columnsLeft = new Int32Array(count);
    this.#columnsRight = new Int32Array(count);
    this.#weights = new Uint16Array(count);
    for (let i = 0; i < count; i++) {
      const position = axisPosition(options.left + i, xx, tx) - ONE / 2;
      const column = Math.floor(position / ONE);
      this.#columnsLeft[i] = place(column, options.image.width, options.repeat);
      this.#columnsRight[i] = place(column + 1, options.image.width, options.repeat);
      this.#weights[i] = bilinearWeight(position);
    }
    this.#upper = createSumRow(count);
    this.#lower = createSumRow(count);
  }

  read(x: number, y: number, count: number, out: Uint32Array): void {
    const position = axisPosition(y, this.#scaleY, this.#offsetY) - ONE / 2;
    const row = Math.floor(position / ONE);
    const weight = bilinearWeight(position);
    const upperY = place(row, this.#image.height, this.#repeat);
    const lowerY = place(row + 1, this.#image.height, this.#repeat);
    if (this.#lower.y === upperY || this.#upper.y === lowerY) [this.#upper, this.#lower] = [this.#lower, this.#upper];
    this.#sum(this.#upper, upperY);
    if (weight !== 0) this.#sum(this.#lower, lowerY);
    const first = x - this.#left;
    if (weight === 0) mixRows(this.#upper, this.#upper, 0, first, count, out);
    else mixRows(this.#upper, this.#lower, weight, first, count, out);
  }

  #sum(row: SumRow, y: number): void {
    if (row.y === y) return;
    row.y = y;
    if (y < 0) {
      row.redBlue.fill(0);
      row.greenAlpha.fill(0);
      return;
    }
    const { pixels, width } = this.#image;
    const start = y * width;
    const set = this.#set;
    const columnsLeft = this.#columnsLeft;
    const columnsRight = this.#columnsRight;
    const weights = this.#weights;
    const { redBlue, greenAlpha } = row;
    for (let i = 0; i < weights.length; i++) {
      const columnLeft = columnsLeft[i] ?? 0;
      const columnRight = columnsRight[i] ?? 0;
      const right = weights[i] ?? 0;
      const left = 256 - right;
      const l = columnLeft < 0 ? 0 : (pixels[start + columnLeft] ?? 0) | set;
      const r = columnRight < 0 ? 0 : (pixels[start + columnRight] ?? 0) | set;
      redBlue[i] = Math.imul(l & 0xff00ff, left) + Math.imul(r & 0xff00ff, right);
      greenAlpha[i] = Math.imul((l >>> 8) & 0xff00ff, left) + Math.imul((r >>> 8) & 0xff00ff, right);
    }
  }
}

interface SumRow {
  /** The picture's row; -1: outside; -2: none yet. */
  y: number;
  readonly redBlue: Uint32Array;
  readonly greenAlpha: Uint32Array;
}

function createSumRow(count: number): SumRow {
  return { y: -2, redBlue: new Uint32Array(count), greenAlpha: new Uint32Array(count) };
}

/** 0, 2, … 254: the share of the pixel after the position, of 256. */
function bilinearWeight(position: number): number {
  return Math.floor(modulo(position, ONE) / 512) * 2;
}

function mixRows(upper: SumRow, lower: SumRow, weight: number, first: number, count: number, out: Uint32Array): void {
  const rest = 256 - weight;
  const upperRedBlue = upper.redBlue;
  const upperGreenAlpha = upper.greenAlpha;
  const lowerRedBlue = lower.redBlue;
  const lowerGreenAlpha = lower.greenAlpha;
  for (let i = 0; i < count; i++) {
    const at = first + i;
    const rb = upperRedBlue[at] ?? 0;
    const ga = upperGreenAlpha[at] ?? 0;
    const rb2 = lowerRedBlue[at] ?? 0;
    const ga2 = lowerGreenAlpha[at] ?? 0;
    const red = (Math.imul(rb & 0xffff, rest) + Math.imul(rb2 & 0xffff, weight)) >>> 16;
    const blue = (Math.imul(rb >>> 16, rest) + Math.imul(rb2 >>> 16, weight)) >>> 16;
    const green = (Math.imul(ga & 0xffff, rest) + Math.imul(ga2 & 0xffff, weight)) >>> 16;
    const alpha = (Math.imul(ga >>> 16, rest) + Math.imul(ga2 >>> 16, weight)) >>> 16;
    out[i] = red | (green << 8) | (blue << 16) | (alpha << 24);
  }
}

/** Any transform, a pixel at a time: turned and sheared pictures are rare. */
class AffineSampler implements Sampler {
  readonly #image: PixelImage;
  readonly #repeat: Repeat;
  readonly #filter: Filter;
  readonly #transform: Transform;
  readonly #set: number;

  constructor(options: SamplerOptions) {
    this.#image = options.image;
    this.#repeat = options.repeat;
    this.#filter = options.filter;
    this.#transform = options.transform ?? IDENTITY;
    this.#set = alphaBits(options);
  }

  read(x: number, y: number, count: number, out: Uint32Array): void {
    const [xx, xy, tx, yx, yy, ty] = this.#transform;
    const startX = xx * x + xy * y + tx + Math.floor((xx + xy + 1) / 2);
    const startY = yx * x + yy * y + ty + Math.floor((yx + yy + 1) / 2);
    for (let i = 0; i < count; i++) {
      const atX = startX + xx * i;
      const atY = startY + yx * i;
      out[i] =
        this.#filter === "nearest"
          ? this.#pixel(Math.floor((atX - 1) / ONE), Math.floor((atY - 1) / ONE))
          : this.#between(atX - ONE / 2, atY - ONE / 2);
    }
  }

  #pixel(x: number, y: number): number {
    const { pixels, width, height } = this.#image;
    const column = place(x, width, this.#repeat);
    const row = place(y, height, this.#repeat);
    return column < 0 || row < 0 ? 0 : (pixels[row * width + column] ?? 0) | this.#set;
  }

  #between(x: number, y: number): number {
    const column = Math.floor(x / ONE);
    const row = Math.floor(y / ONE);
    const right = bilinearWeight(x);
    const lower = bilinearWeight(y);
    const topLeft = this.#pixel(column, row);
    const topRight = this.#pixel(column + 1, row);
    const bottomLeft = this.#pixel(column, row + 1);
    const bottomRight = this.#pixel(column + 1, row + 1);
    let result = 0;
    for (let shift = 0; shift < 32; shift += 8) {
      const top = ((topLeft >>> shift) & 0xff) * (256 - right) + ((topRight >>> shift) & 0xff) * right;
      const bottom = ((bottomLeft >>> shift) & 0xff) * (256 - right) + ((bottomRight >>> shift) & 0xff) * right;
      result |= ((top * (256 - lower) + bottom * lower) >>> 16) << shift;
    }
    return result;
  }
}
