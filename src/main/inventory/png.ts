import { crc32, deflateSync } from "node:zlib";
import { AppError } from "../../shared/errors/app-error.ts";

/** A screenshot with more is refused: 8K and then some. */
const MAX_PIXELS = 64 * 1024 * 1024;

/** PNG (ISO/IEC 15948) of a binary PPM (Netpbm "P6", 8 bits a channel), which browsers cannot show. Throws PROTOCOL_ERROR. */
export function pngOfPpm(ppm: Uint8Array): Uint8Array {
  const header = /^P6\s+(?:#[^\n]*\n\s*)*(\d{1,6})\s+(\d{1,6})\s+255\s/.exec(
    Buffer.from(ppm.subarray(0, 256)).toString("latin1"),
  );
  const width = Number(header?.[1] ?? 0);
  const height = Number(header?.[2] ?? 0);
  const start = header?.[0].length ?? 0;
  const rowBytes = width * 3;
  if (width * height === 0 || width * height > MAX_PIXELS || ppm.length < start + rowBytes * height) {
    throw new AppError("PROTOCOL_ERROR", "not a PPM picture", {
      address: "The host",
      protocol: "PPM",
      reason: "the screenshot is broken",
    });
  }
  // Each row is led by its filter type, 0: none.
  const rows = new Uint8Array((rowBytes + 1) * height);
  for (let y = 0; y < height; y += 1) {
    rows.set(ppm.subarray(start + y * rowBytes, start + (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  }
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", ihdr),
    chunk("IDAT", deflateSync(rows, { level: 1 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
