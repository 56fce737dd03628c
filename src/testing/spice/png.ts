import { inflateSync } from "node:zlib";

/** Decodes the PNG files that QEMU's screendump writes (8 bits, RGB or RGBA, not interlaced): PNG specification, third edition. */
export function decodePng(file: Uint8Array): { width: number; height: number; pixels: Uint32Array<ArrayBuffer> } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 8;
  let header: DataView | undefined;
  const parts: Uint8Array[] = [];
  while (at + 12 <= file.length) {
    const length = view.getUint32(at);
    const type = new TextDecoder("latin1").decode(file.subarray(at + 4, at + 8));
    const data = file.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") header = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (type === "IDAT") parts.push(data);
    at += length + 12;
  }
  if (header === undefined) throw new Error("no PNG");
  const colourType = header.getUint8(9);
  if (header.getUint8(8) !== 8 || (colourType !== 2 && colourType !== 6) || header.getUint8(12) !== 0) {
    throw new Error("a PNG of a kind that QEMU does not write");
  }
  const width = header.getUint32(0);
  const height = header.getUint32(4);
  const step = colourType === 6 ? 4 : 3;
  const rows = unfilter(inflateSync(Buffer.concat(parts)), { rowBytes: width * step, height, step });
  const pixels = new Uint32Array(width * height);
  for (let index = 0; index < pixels.length; index += 1) {
    const from = index * step;
    // RGBA in memory order; screens are opaque.
    pixels[index] =
      ((0xff << 24) | ((rows[from + 2] ?? 0) << 16) | ((rows[from + 1] ?? 0) << 8) | (rows[from] ?? 0)) >>> 0;
  }
  return { width, height, pixels };
}

/** Section 9, "Filtering". */
function unfilter(data: Uint8Array, size: { rowBytes: number; height: number; step: number }): Uint8Array {
  const { rowBytes, height, step } = size;
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y += 1) {
    const filter = data[y * (rowBytes + 1)] ?? 0;
    for (let x = 0; x < rowBytes; x += 1) {
      const to = y * rowBytes + x;
      const left = x >= step ? (rows[to - step] ?? 0) : 0;
      const up = y > 0 ? (rows[to - rowBytes] ?? 0) : 0;
      const upLeft = y > 0 && x >= step ? (rows[to - rowBytes - step] ?? 0) : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, upLeft)][filter];
      if (predicted === undefined) throw new Error("a PNG with an unknown filter");
      rows[to] = (data[y * (rowBytes + 1) + 1 + x] ?? 0) + predicted;
    }
  }
  return rows;
}

function paeth(left: number, up: number, upLeft: number): number {
  const estimate = left + up - upLeft;
  const [toLeft, toUp, toUpLeft] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - upLeft)];
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}
