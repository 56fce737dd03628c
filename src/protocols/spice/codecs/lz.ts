import { ProtocolError } from "../../bytes/protocol-error.ts";
import { BitmapFormat, decodeBitmap } from "./bitmap.ts";
import { ByteCopier, copyOverlapping } from "./byte-copier.ts";
import { checkImageSize, endsTooEarly } from "./image-limits.ts";
import { LONG_MATCH_PX, LZ_MAGIC, LZ_VERSION, LzImageType, MAX_COPY } from "./lz-types.ts";
import { flipRows, pixelOf555 } from "./pixel-conversion.ts";
import { OPAQUE_ALPHA, type PixelImage } from "./pixel-image.ts";

/**
 * SPICE's LZ (SPICE_IMAGE_TYPE_LZ_PLT, LZ_RGB and the alpha of JPEG_ALPHA). A header of seven big-endian u32, then units: a control
 * byte below 32 is followed by that many plus one literal pixels, any other is a match: three bits of length and five of distance,
 * continued in the next bytes. Lengths and distances count pixels; in palette pictures they count bytes of packed pixels.
 */

const HEADER_BYTES = 28;
/** Distances from here on are written as 16 bits. */
const FAR_DISTANCE = 8191;
/** The control byte's distance bits and the byte after them, all set: a far distance follows. */
const FAR_MARK = 0x1fff;

interface LzHeader {
  readonly type: number;
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly isTopDown: boolean;
}

/**
 * Decodes one picture. `palette` (0x00RRGGBB) is needed by palette pictures only. Alpha is "mask" for XXXA and A8,
 * "premultiplied" for RGBA, else "opaque". Throws ProtocolError on a foreign header, a size beyond the limits, a match that
 * leaves the picture and data that is too short or too long.
 */
export function decodeLz(data: Uint8Array, palette?: Uint32Array): PixelImage {
  const header = parseHeader(data);
  const { type, width, height, isTopDown } = header;
  if (type <= LzImageType.plt8) return decodePalettePicture(data, header, palette);
  const pixels = new Uint32Array(width * height);
  let end: number;
  switch (type) {
    case LzImageType.rgb16:
      end = decodeRgb16(data, HEADER_BYTES, pixels);
      break;
    case LzImageType.rgba:
      end = decodeAlpha(data, decodeRgb(data, HEADER_BYTES, pixels), pixels);
      break;
    case LzImageType.xxxa:
    case LzImageType.a8:
      end = decodeAlpha(data, HEADER_BYTES, pixels);
      break;
    default:
      end = decodeRgb(data, HEADER_BYTES, pixels);
  }
  checkWholeRead(data, end);
  if (!isTopDown) flipRows(pixels, width, height);
  const alpha = type === LzImageType.rgba ? "premultiplied" : type >= LzImageType.xxxa ? "mask" : "opaque";
  return { width, height, pixels, alpha };
}

function parseHeader(data: Uint8Array): LzHeader {
  if (data.length < HEADER_BYTES) throw endsTooEarly("LZ");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0) !== LZ_MAGIC || view.getUint32(4) !== LZ_VERSION) {
    throw new ProtocolError("mismatch", "LZ: data does not begin with LZ 1.1's mark");
  }
  const type = view.getUint32(8);
  if (type < LzImageType.plt1Le || type > LzImageType.a8) {
    throw new ProtocolError("malformed", `LZ: picture type ${type} is not known`);
  }
  const width = view.getUint32(12);
  const height = view.getUint32(16);
  checkImageSize("LZ", width, height);
  const stride = view.getUint32(20);
  if (stride !== rowUnits(type, width)) {
    throw new ProtocolError("malformed", `LZ: stride ${stride} does not fit to ${width} pixels of type ${type}`);
  }
  return { type, width, height, stride, isTopDown: view.getUint32(24) !== 0 };
}

/** Bytes of a row as the header's stride counts them. */
function rowUnits(type: number, width: number): number {
  switch (type) {
    case LzImageType.plt1Le:
    case LzImageType.plt1Be:
      return Math.ceil(width / 8);
    case LzImageType.plt4Le:
    case LzImageType.plt4Be:
      return Math.ceil(width / 2);
    case LzImageType.plt8:
    case LzImageType.a8:
      return width;
    case LzImageType.rgb16:
      return width * 2;
    case LzImageType.rgb24:
      return width * 3;
    default:
      return width * 4;
  }
}

const FORMAT_OF_PALETTE_TYPE = [
  0,
  BitmapFormat.oneBitLe,
  BitmapFormat.oneBitBe,
  BitmapFormat.fourBitLe,
  BitmapFormat.fourBitBe,
  BitmapFormat.eightBit,
] as const;

/** Palette pictures are packed bytes first; a row ends with a whole byte. */
function decodePalettePicture(data: Uint8Array, header: LzHeader, palette: Uint32Array | undefined): PixelImage {
  const { type, width, height, stride, isTopDown } = header;
  if (palette === undefined) throw new ProtocolError("malformed", "LZ: palette picture without a palette");
  const packed = new Uint8Array(stride * height);
  checkWholeRead(data, decodeBytes(data, HEADER_BYTES, packed));
  const format = FORMAT_OF_PALETTE_TYPE[type] ?? 0;
  const isFourBit = type === LzImageType.plt4Le || type === LzImageType.plt4Be;
  const colours = isFourBit ? repeated(palette, 16) : palette;
  return decodeBitmap({ format, width, height, stride, isTopDown, palette: colours, data: packed });
}

/** In LZ's 4-bit pictures a value beyond the palette begins anew at its start; spice-common divides by the entry count. */
function repeated(palette: Uint32Array, count: number): Uint32Array {
  if (palette.length >= count || palette.length === 0) return palette;
  return Uint32Array.from({ length: count }, (_, i) => palette[i % palette.length] ?? 0);
}

function checkWholeRead(data: Uint8Array, end: number): void {
  if (end > data.length) throw endsTooEarly("LZ");
  if (end < data.length) throw new ProtocolError("malformed", `LZ: ${data.length - end} bytes after the picture`);
}

function leavesPicture(): ProtocolError {
  return new ProtocolError("malformed", "LZ: a match or a copy leaves the picture");
}

/** Reads the units of LZ data; a decoder keeps the place in the picture. */
class UnitReader {
  /** Pixels (bytes in palette pictures) of the match read last. */
  length = 0;
  /** How far back the match read last begins; at least 1. */
  distance = 0;
  readonly #data: Uint8Array;
  #at: number;

  constructor(data: Uint8Array, start: number) {
    this.#data = data;
    this.#at = start;
  }

  /** Where the next unit begins. */
  get position(): number {
    return this.#at;
  }

  byte(): number {
    if (this.#at >= this.#data.length) throw endsTooEarly("LZ");
    return this.#data[this.#at++] as number;
  }

  /** Where `count` literal bytes stand. */
  literals(count: number): number {
    const at = this.#at;
    if (count > this.#data.length - at) throw endsTooEarly("LZ");
    this.#at = at + count;
    return at;
  }

  /** `shortest`: length of the shortest match that the picture's type can have. */
  match(control: number, shortest: number): void {
    let length = (control >>> 5) - 1 + shortest;
    if (control >= 7 << 5) {
      let more: number;
      do {
        more = this.byte();
        length += more;
      } while (more === 255);
    }
    let distance = ((control & 31) << 8) | this.byte();
    if (distance === FAR_MARK) distance = ((this.byte() << 8) | this.byte()) + FAR_DISTANCE;
    this.length = length;
    this.distance = distance + 1;
  }
}

/*
 * The four decoders differ only in what a pixel is; each is written out, as a function call a pixel costs more than the decoding.
 * They answer where the next byte of data stands. INVARIANT: a unit's reads and writes are checked before the first of them.
 */

function decodeRgb(data: Uint8Array, start: number, pixels: Uint32Array): number {
  const units = new UnitReader(data, start);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const size = pixels.length;
  let to = 0;
  while (to < size) {
    const control = units.byte();
    if (control < MAX_COPY) {
      const stop = to + control + 1;
      if (stop > size) throw leavesPicture();
      // A big-endian read that begins a byte early: the byte before the three lies where alpha goes.
      let at = units.literals((control + 1) * 3) - 1;
      for (; to < stop; at += 3) pixels[to++] = view.getInt32(at) | OPAQUE_ALPHA;
    } else {
      units.match(control, 1);
      to = copyMatch(pixels, to, units);
    }
  }
  return units.position;
}

function decodeRgb16(data: Uint8Array, start: number, pixels: Uint32Array): number {
  const units = new UnitReader(data, start);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const size = pixels.length;
  let to = 0;
  while (to < size) {
    const control = units.byte();
    if (control < MAX_COPY) {
      const stop = to + control + 1;
      if (stop > size) throw leavesPicture();
      let at = units.literals((control + 1) * 2);
      for (; to < stop; at += 2) pixels[to++] = pixelOf555(view.getUint16(at));
    } else {
      units.match(control, 2);
      to = copyMatch(pixels, to, units);
    }
  }
  return units.position;
}

/** Sets the alpha of pixels whose colours are there already, or are none. */
function decodeAlpha(data: Uint8Array, start: number, pixels: Uint32Array): number {
  const units = new UnitReader(data, start);
  const size = pixels.length;
  let to = 0;
  while (to < size) {
    const control = units.byte();
    if (control < MAX_COPY) {
      const stop = to + control + 1;
      if (stop > size) throw leavesPicture();
      let at = units.literals(control + 1);
      for (; to < stop; to += 1) pixels[to] = ((pixels[to] as number) & 0xff_ffff) | ((data[at++] as number) << 24);
    } else {
      units.match(control, 3);
      const stop = to + units.length;
      let from = to - units.distance;
      if (from < 0 || stop > size) throw leavesPicture();
      for (; to < stop; to += 1) {
        pixels[to] = ((pixels[to] as number) & 0xff_ffff) | ((pixels[from++] as number) & OPAQUE_ALPHA);
      }
    }
  }
  return units.position;
}

function decodeBytes(data: Uint8Array, start: number, bytes: Uint8Array): number {
  const units = new UnitReader(data, start);
  const copier = new ByteCopier(bytes);
  const size = bytes.length;
  let to = 0;
  while (to < size) {
    const control = units.byte();
    if (control < MAX_COPY) {
      const stop = to + control + 1;
      if (stop > size) throw leavesPicture();
      copier.copyFrom(data, units.literals(control + 1), to, control + 1);
      to = stop;
    } else {
      units.match(control, 3);
      if (units.distance > to || units.length > size - to) throw leavesPicture();
      copier.repeat(units.distance, to, units.length);
      to += units.length;
    }
  }
  return units.position;
}

/** Answers where the match ends. Pixels and bytes have a function each: one for both would be slow for both. */
function copyMatch(pixels: Uint32Array, to: number, { length, distance }: UnitReader): number {
  const stop = to + length;
  let from = to - distance;
  if (from < 0 || stop > pixels.length) throw leavesPicture();
  if (length < LONG_MATCH_PX) {
    while (to < stop) pixels[to++] = pixels[from++] as number;
  } else if (distance === 1) {
    pixels.fill(pixels[from] as number, to, stop);
  } else {
    copyOverlapping(pixels, from, to, length);
  }
  return stop;
}
