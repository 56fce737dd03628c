import type { PixelCanvas } from "./pixel-canvas.ts";

/** A binary PPM (Netpbm "P6"), the plainest picture that a host may give; the core makes a PNG of it. */
export function encodePpm(canvas: PixelCanvas): Uint8Array {
  const { width, height, pixels } = canvas;
  const header = Buffer.from(`P6\n${width} ${height}\n255\n`, "latin1");
  const picture = Buffer.alloc(header.length + width * height * 3);
  let at = header.copy(picture);
  for (const pixel of pixels) at = picture.writeUIntBE(pixel, at, 3);
  return picture;
}
