import { SpiceWriter } from "../../protocols/spice/wire/spice-writer.ts";

/** Bodies of a display channel's messages as a server sends them (spice.proto), for tests. */

export type Edges = readonly [left: number, top: number, right: number, bottom: number];

/** Something that stands behind a message's fixed part, at an offset that it is told. */
export type Placed = (offset: number) => Uint8Array;

/** Writes a message body: numbers in place, what pointers point to behind them. */
export class DisplayBody {
  readonly #parts: (Uint8Array | Placed | 0)[] = [];

  number(write: (writer: SpiceWriter) => void): this {
    const writer = new SpiceWriter();
    write(writer);
    this.#parts.push(writer.finish());
    return this;
  }

  u8(...values: number[]): this {
    return this.number((writer) => values.forEach((value) => writer.u8(value)));
  }

  u16(...values: number[]): this {
    return this.number((writer) => values.forEach((value) => writer.u16(value)));
  }

  u32(...values: number[]): this {
    return this.number((writer) => values.forEach((value) => writer.u32(value)));
  }

  i32(...values: number[]): this {
    return this.number((writer) => values.forEach((value) => writer.i32(value)));
  }

  u64(value: bigint): this {
    return this.number((writer) => writer.u64(value));
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  /** spice.proto "Rect". */
  rect([left, top, right, bottom]: Edges): this {
    return this.i32(top, left, bottom, right);
  }

  /** spice.proto "Clip". */
  clip(rects?: readonly Edges[]): this {
    if (rects === undefined) return this.u8(0);
    this.u8(1).u32(rects.length);
    for (const rect of rects) this.rect(rect);
    return this;
  }

  /** spice.proto "DisplayBase". */
  base(surfaceId: number, box: Edges, clip?: readonly Edges[]): this {
    return this.u32(surfaceId).rect(box).clip(clip);
  }

  /** A u32 offset to what is placed behind; 0 for nothing. */
  pointer(target: Placed | undefined): this {
    this.#parts.push(target ?? 0);
    return this;
  }

  /** spice.proto "QMask". */
  mask(image?: Placed, options: { isInverted?: boolean; x?: number; y?: number } = {}): this {
    return this.u8(options.isInverted === true ? 1 : 0)
      .i32(options.x ?? 0, options.y ?? 0)
      .pointer(image);
  }

  /** spice.proto "Brush", solid. */
  solid(colour: number): this {
    return this.u8(1).u32(colour);
  }

  pattern(image: Placed, x = 0, y = 0): this {
    return this.u8(2).pointer(image).i32(x, y);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.place(0);
  }

  /** The same as something that stands at an offset of another message. */
  place(offset: number): Uint8Array<ArrayBuffer> {
    const headBytes = this.#parts.reduce<number>(
      (sum, part) => sum + (part instanceof Uint8Array ? part.length : 4),
      0,
    );
    const head = new SpiceWriter();
    const tail = new SpiceWriter();
    for (const part of this.#parts) {
      if (part instanceof Uint8Array) head.bytes(part);
      else if (part === 0) head.u32(0);
      else {
        const at = offset + headBytes + tail.length;
        head.u32(at);
        tail.bytes(part(at));
      }
    }
    return head.bytes(tail.finish()).finish();
  }
}

export function body(): DisplayBody {
  return new DisplayBody();
}

export const IMAGE_TYPE = {
  bitmap: 0,
  quic: 1,
  lzPlt: 100,
  lzRgb: 101,
  glzRgb: 102,
  fromCache: 103,
  surface: 104,
  jpeg: 105,
  fromCacheLossless: 106,
  zlibGlzRgb: 107,
  jpegAlpha: 108,
  lz4: 109,
} as const;

export const IMAGE_FLAG = { cacheMe: 1, highBitsSet: 2, cacheReplaceMe: 4 } as const;

export interface ImageForm {
  readonly id?: bigint;
  readonly flags?: number;
  readonly width: number;
  readonly height: number;
}

/** spice.proto "Image" with the descriptor's fields. */
export function image(type: number, form: ImageForm, rest: DisplayBody = body()): Placed {
  const { id = 1n, flags = 0, width, height } = form;
  return (offset) => {
    const head = body().u64(id).u8(type, flags).u32(width, height).finish();
    return new SpiceWriter()
      .bytes(head)
      .bytes(rest.place(offset + head.length))
      .finish();
  };
}

/** A picture of one colour, 32 bits a pixel, top down. */
export function plainImage(colour: number, form: ImageForm): Placed {
  const pixels = body();
  for (let pixel = 0; pixel < form.width * form.height; pixel += 1) pixels.u32(colour);
  return bitmapImage(8, form, pixels.finish());
}

const STRIDE_BITS: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 4,
  4: 4,
  5: 8,
  6: 16,
  7: 24,
  8: 32,
  9: 32,
  10: 8,
};

/** spice.proto "BitmapData", top down. `flags`: 1 = keep the palette, 2 = palette of that id from the cache. */
export function bitmapImage(
  format: number,
  form: ImageForm,
  data: Uint8Array,
  palette?: { id: bigint; colours?: readonly number[]; shouldCache?: boolean },
): Placed {
  const stride = Math.ceil((form.width * (STRIDE_BITS[format] ?? 32)) / 8);
  const flags = 4 | (palette?.shouldCache === true ? 1 : 0) | (palette !== undefined && !palette.colours ? 2 : 0);
  const rest = body().u8(format, flags).u32(form.width, form.height, stride);
  if (palette === undefined) rest.pointer(undefined);
  else if (palette.colours === undefined) rest.u64(palette.id);
  else {
    const { id, colours } = palette;
    // The palette stands behind the data.
    const whole = body()
      .u64(id)
      .u16(colours.length)
      .u32(...colours);
    rest.pointer((offset) => whole.place(offset));
  }
  return image(0, form, rest.raw(data));
}

/** spice.proto "BinaryData" of any of the packed types. */
export function packedImage(type: number, form: ImageForm, data: Uint8Array): Placed {
  return image(type, form, body().u32(data.length).raw(data));
}

export function cachedImage(
  id: bigint,
  form: { width: number; height: number },
  type: number = IMAGE_TYPE.fromCache,
): Placed {
  return image(type, { ...form, id });
}

export function surfaceImage(surfaceId: number, form: { width: number; height: number }): Placed {
  return image(IMAGE_TYPE.surface, form, body().u32(surfaceId));
}

export const ROP_PUT = 8;

export function surfaceCreate(
  surfaceId: number,
  width: number,
  height: number,
  options: { format?: number; isPrimary?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const { format = 32, isPrimary = surfaceId === 0 } = options;
  return body()
    .u32(surfaceId, width, height, format, isPrimary ? 1 : 0)
    .finish();
}

export function drawFill(
  surfaceId: number,
  box: Edges,
  colour: number,
  clip?: readonly Edges[],
): Uint8Array<ArrayBuffer> {
  return body().base(surfaceId, box, clip).solid(colour).u16(ROP_PUT).mask().finish();
}

/** The whole picture at the box's corner. */
export function drawCopy(surfaceId: number, box: Edges, source: Placed): Uint8Array<ArrayBuffer> {
  const [left, top, right, bottom] = box;
  return body()
    .base(surfaceId, box)
    .pointer(source)
    .rect([0, 0, right - left, bottom - top])
    .u16(ROP_PUT)
    .u8(0)
    .mask()
    .finish();
}

export interface StreamForm {
  readonly streamId?: number;
  readonly surfaceId?: number;
  readonly isTopDown?: boolean;
  readonly codec?: number;
  readonly width: number;
  readonly height: number;
  readonly destination: Edges;
  readonly clip?: readonly Edges[];
}

export function streamCreate(form: StreamForm): Uint8Array<ArrayBuffer> {
  const { streamId = 1, surfaceId = 0, isTopDown = true, codec = 1, width, height, destination, clip } = form;
  return body()
    .u32(surfaceId, streamId)
    .u8(isTopDown ? 1 : 0, codec)
    .u64(0n)
    .u32(width, height, width, height)
    .rect(destination)
    .clip(clip)
    .finish();
}

export function streamData(streamId: number, mmTime: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  return body().u32(streamId, mmTime, data.length).raw(data).finish();
}
