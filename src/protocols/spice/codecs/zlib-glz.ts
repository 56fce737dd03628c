import { ProtocolError } from "../../bytes/protocol-error.ts";
import { type GlzWindow } from "./glz-window.ts";
import { MAX_IMAGE_PIXELS } from "./image-limits.ts";
import { type Inflate } from "./inflate.ts";
import { type PixelImage } from "./pixel-image.ts";

/** Longest GLZ data that is unpacked: four bytes for every pixel, a control byte for every 32 of them, and the header. */
export const MAX_GLZ_BYTES = MAX_IMAGE_PIXELS * 4 + MAX_IMAGE_PIXELS / 16 + 64;

/**
 * SPICE_IMAGE_TYPE_ZLIB_GLZ_RGB: GLZ data packed once more as a zlib stream. `glzBytes` is the message's glz_data_size. Throws or
 * rejects as GlzWindow.decode and `inflate` do.
 */
export function decodeZlibGlz(
  data: Uint8Array,
  glzBytes: number,
  { window, inflate }: { readonly window: GlzWindow; readonly inflate: Inflate },
): PixelImage | Promise<PixelImage> {
  if (glzBytes > MAX_GLZ_BYTES) {
    throw new ProtocolError("limit", `ZLIB_GLZ: ${glzBytes} bytes unpacked are more than is accepted`);
  }
  const unpacked = inflate(data, glzBytes);
  if (unpacked instanceof Promise) return unpacked.then((glz) => window.decode(checkLength(glz, glzBytes)));
  return window.decode(checkLength(unpacked, glzBytes));
}

function checkLength(glz: Uint8Array, glzBytes: number): Uint8Array {
  if (glz.length === glzBytes) return glz;
  throw new ProtocolError("malformed", `ZLIB_GLZ: ${glz.length} bytes unpacked instead of ${glzBytes}`);
}
