import { ProtocolError } from "../../bytes/protocol-error.ts";
import { BitmapFormat, bitmapRowBytes, decodeBitmap } from "./bitmap.ts";
import { ByteCopier } from "./byte-copier.ts";
import { checkImageSize, endsTooEarly, type ImageSize } from "./image-limits.ts";
import { type PixelImage } from "./pixel-image.ts";

/** Longest output of one LZ4 block that is accepted outside of pictures (spicevmc messages; the server packs at most 64 KiB). */
export const MAX_LZ4_BLOCK_BYTES = 16 * 1024 * 1024;

const HEADER_BYTES = 2;
const SHORTEST_MATCH = 4;
/** A nibble with this value goes on in the next bytes. */
const LONG_MARK = 15;

/**
 * Decodes SPICE_IMAGE_TYPE_LZ4: a byte for top-down, one SPICE_BITMAP_FMT_*, then blocks with a big-endian u32 length before each;
 * a block may refer to the 64 KiB before it. The size stands in the image descriptor only. Alpha is "premultiplied" for RGBA, else
 * "opaque".
 */
export function decodeLz4(data: Uint8Array, { width, height }: ImageSize): PixelImage {
  if (data.length < HEADER_BYTES) throw endsTooEarly("LZ4");
  checkImageSize("LZ4", width, height);
  const isTopDown = data[0] !== 0;
  const format = data[1] as number;
  if (format < BitmapFormat.sixteenBit || format > BitmapFormat.rgba) {
    throw new ProtocolError("malformed", `LZ4: bitmap format ${format} is not allowed`);
  }
  const rowBytes = bitmapRowBytes(format, width);
  // The server packs the rows as they lay in memory: without gaps, or each to a multiple of four bytes.
  const paddedRowBytes = (rowBytes + 3) & ~3;
  const rows = new Uint8Array(paddedRowBytes * height);
  const length = decodeBlocks(data, rows);
  if (length !== rowBytes * height && length !== rows.length) {
    throw new ProtocolError("malformed", `LZ4: ${length} bytes for ${height} rows of ${rowBytes}`);
  }
  const stride = length === rows.length ? paddedRowBytes : rowBytes;
  return decodeBitmap({ format, width, height, stride, isTopDown, data: rows });
}

function decodeBlocks(data: Uint8Array, output: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = HEADER_BYTES;
  let to = 0;
  do {
    if (data.length - at < 4) throw endsTooEarly("LZ4");
    const length = view.getUint32(at);
    at += 4;
    if (length > data.length - at) throw endsTooEarly("LZ4");
    to = decodeBlock(data, at, at + length, output, to);
    at += length;
  } while (at < data.length);
  return to;
}

/** Unpacks one block of LZ4 (its block format, without a frame) that must give exactly `expectedLength` bytes. */
export function decompressLz4Block(data: Uint8Array, expectedLength: number): Uint8Array<ArrayBuffer> {
  if (expectedLength > MAX_LZ4_BLOCK_BYTES) {
    throw new ProtocolError("limit", `LZ4: block of ${expectedLength} bytes is larger than is accepted`);
  }
  const output = new Uint8Array(expectedLength);
  const length = decodeBlock(data, 0, data.length, output, 0);
  if (length !== expectedLength) {
    throw new ProtocolError("malformed", `LZ4: block of ${length} instead of ${expectedLength} bytes`);
  }
  return output;
}

/** Unpacks data[at..end) to output[to..), to which matches may refer from its beginning. Answers where the output ends. */
function decodeBlock(data: Uint8Array, at: number, end: number, output: Uint8Array, to: number): number {
  const copier = new ByteCopier(output);
  const size = output.length;
  for (;;) {
    if (at >= end) throw endsTooEarly("LZ4");
    const token = data[at++] as number;
    let count = token >>> 4;
    if (count === LONG_MARK) {
      let more: number;
      do {
        if (at >= end) throw endsTooEarly("LZ4");
        more = data[at++] as number;
        count += more;
      } while (more === 255);
    }
    if (count > end - at) throw endsTooEarly("LZ4");
    if (count > size - to) throw tooLong();
    copier.copyFrom(data, at, to, count);
    to += count;
    at += count;
    // The last sequence of a block has no match.
    if (at === end) return to;
    if (end - at < 2) throw endsTooEarly("LZ4");
    const distance = (data[at] as number) | ((data[at + 1] as number) << 8);
    at += 2;
    count = (token & 15) + SHORTEST_MATCH;
    if (count === LONG_MARK + SHORTEST_MATCH) {
      let more: number;
      do {
        if (at >= end) throw endsTooEarly("LZ4");
        more = data[at++] as number;
        count += more;
      } while (more === 255);
    }
    if (distance === 0 || distance > to) throw new ProtocolError("malformed", "LZ4: a match begins before the data");
    if (count > size - to) throw tooLong();
    copier.repeat(distance, to, count);
    to += count;
  }
}

function tooLong(): ProtocolError {
  return new ProtocolError("malformed", "LZ4: more data than was announced");
}
