import { ProtocolError } from "../../../../protocols/bytes/protocol-error.ts";
import type { ByteReader } from "../../../../protocols/bytes/byte-reader.ts";
import type { ByteWriter } from "../../../../protocols/bytes/byte-writer.ts";

/** RFC 6143, 7.4 "Pixel Format Data Structure". Only true colour: colour maps are not offered. */
export interface PixelFormat {
  readonly bitsPerPixel: 8 | 16 | 32;
  readonly depth: number;
  readonly isBigEndian: boolean;
  readonly redMax: number;
  readonly greenMax: number;
  readonly blueMax: number;
  readonly redShift: number;
  readonly greenShift: number;
  readonly blueShift: number;
}

export const NATIVE_PIXEL_FORMAT: PixelFormat = {
  bitsPerPixel: 32,
  depth: 24,
  isBigEndian: false,
  redMax: 255,
  greenMax: 255,
  blueMax: 255,
  redShift: 16,
  greenShift: 8,
  blueShift: 0,
};

export const PIXEL_FORMAT_BYTES = 16;

export function decodePixelFormat(reader: ByteReader): PixelFormat {
  const bitsPerPixel = reader.u8();
  const depth = reader.u8();
  const isBigEndian = reader.u8() !== 0;
  const isTrueColour = reader.u8() !== 0;
  const [redMax, greenMax, blueMax] = [reader.u16(), reader.u16(), reader.u16()];
  const [redShift, greenShift, blueShift] = [reader.u8(), reader.u8(), reader.u8()];
  reader.skip(3);
  if (bitsPerPixel !== 8 && bitsPerPixel !== 16 && bitsPerPixel !== 32) {
    throw new ProtocolError("malformed", `a pixel of ${bitsPerPixel} bits`);
  }
  if (!isTrueColour) throw new ProtocolError("malformed", "a colour map was asked for and none is offered");
  if (redShift > 31 || greenShift > 31 || blueShift > 31)
    throw new ProtocolError("malformed", "a colour shift above 31");
  return { bitsPerPixel, depth, isBigEndian, redMax, greenMax, blueMax, redShift, greenShift, blueShift };
}

export function encodePixelFormat(writer: ByteWriter, format: PixelFormat): void {
  writer.u8(format.bitsPerPixel).u8(format.depth).u8(Number(format.isBigEndian)).u8(1);
  writer.u16(format.redMax).u16(format.greenMax).u16(format.blueMax);
  writer.u8(format.redShift).u8(format.greenShift).u8(format.blueShift);
  writer.bytes(new Uint8Array(3));
}

/** Writes pixels of one format, given as 0xRRGGBB, into a buffer. */
export class PixelWriter {
  readonly #format: PixelFormat;
  /** Bytes of a pixel that are sent: all, or three of four for ZRLE's CPIXEL. */
  readonly bytesPerPixel: number;
  /** Where those bytes begin within the whole pixel. */
  readonly #firstByte: number;
  readonly #wholeBytes: number;

  constructor(format: PixelFormat, packing: "whole" | "compressed") {
    this.#format = format;
    this.#wholeBytes = format.bitsPerPixel / 8;
    const window = packing === "compressed" ? compressedWindow(format) : undefined;
    this.bytesPerPixel = window === undefined ? this.#wholeBytes : 3;
    this.#firstByte = window ?? 0;
  }

  write(target: Uint8Array, at: number, colour: number): void {
    const { redMax, greenMax, blueMax, redShift, greenShift, blueShift, isBigEndian } = this.#format;
    const red = scaled((colour >> 16) & 255, redMax);
    const green = scaled((colour >> 8) & 255, greenMax);
    const blue = scaled(colour & 255, blueMax);
    const value = ((red << redShift) | (green << greenShift) | (blue << blueShift)) >>> 0;
    for (let index = 0; index < this.bytesPerPixel; index += 1) {
      const byte = index + this.#firstByte;
      const shift = 8 * (isBigEndian ? this.#wholeBytes - 1 - byte : byte);
      target[at + index] = (value >>> shift) & 255;
    }
  }
}

function scaled(value: number, max: number): number {
  return max === 255 ? value : Math.round((value * max) / 255);
}

/** RFC 6143, 7.7.6 "ZRLE Encoding": where the three bytes of a CPIXEL begin; undefined when it is a whole PIXEL. */
function compressedWindow(format: PixelFormat): number | undefined {
  if (format.bitsPerPixel !== 32 || format.depth > 24) return undefined;
  const used =
    ((format.redMax << format.redShift) |
      (format.greenMax << format.greenShift) |
      (format.blueMax << format.blueShift)) >>>
    0;
  if ((used & 0xff000000) === 0) return format.isBigEndian ? 1 : 0;
  if ((used & 0x000000ff) === 0) return format.isBigEndian ? 0 : 1;
  return undefined;
}
