import { ProtocolError } from "../../bytes/protocol-error.ts";
import { OPAQUE_ALPHA, type PixelImage } from "../codecs/pixel-image.ts";

/** The server's numbers of the formats (spice-protocol, enums.h, SpiceSurfaceFmt). */
const FORMAT_BY_CODE = {
  1: "1_A",
  8: "8_A",
  16: "16_555",
  32: "32_xRGB",
  80: "16_565",
  96: "32_ARGB",
} as const;

export type SurfaceFormat = (typeof FORMAT_BY_CODE)[keyof typeof FORMAT_BY_CODE];

/** Largest width and height of a surface. A wall of four 4K heads side by side is 15360 wide. */
export const MAX_SURFACE_SIDE_PX = 16_384;

/** All surfaces of one display channel together. The largest QXL device has 256 MiB; ours need 4 bytes a pixel even where the server needs 1 or 2. */
export const MAX_SURFACES_BYTES = 512 * 1024 * 1024;

/** A server's surface count; QXL devices have 1024 by default, and none is known with more than 10000. */
export const MAX_SURFACE_COUNT = 16_384;

/**
 * A picture the server draws on. INVARIANT: all draw operations keep its form: "opaque" surfaces (32_xRGB, 16-bit) have 0xff in every
 * alpha byte, "mask" surfaces (8_A, 1_A) have 0 in every colour byte, and 1_A's alpha is 0 or 0xff; 16-bit surfaces hold only colours
 * that 16 bits can say, each channel widened by repeating its high bits.
 */
export interface Surface extends PixelImage {
  readonly id: number;
  readonly format: SurfaceFormat;
}

/** The format behind the number in SURFACE_CREATE. Throws ProtocolError "malformed" for one that is none. */
export function surfaceFormatOf(code: number): SurfaceFormat {
  const format = (FORMAT_BY_CODE as Readonly<Record<number, SurfaceFormat>>)[code];
  if (format === undefined) throw new ProtocolError("malformed", `surface format ${String(code)} is not known`);
  return format;
}

function alphaOf(format: SurfaceFormat): PixelImage["alpha"] {
  if (format === "32_ARGB") return "premultiplied";
  return format === "8_A" || format === "1_A" ? "mask" : "opaque";
}

/** A surface that belongs to no list: black, or transparent where the format has alpha. Throws ProtocolError at sides out of limits. */
export function createSurface(id: number, width: number, height: number, format: SurfaceFormat): Surface {
  if (!(width >= 1 && height >= 1 && width <= MAX_SURFACE_SIDE_PX && height <= MAX_SURFACE_SIDE_PX)) {
    throw new ProtocolError(
      "limit",
      `surface ${String(id)} of ${String(width)}x${String(height)} pixels is not within 1 to ${String(MAX_SURFACE_SIDE_PX)}`,
    );
  }
  if (width * height * 4 > MAX_SURFACES_BYTES) {
    throw new ProtocolError("limit", `surface ${String(id)} of ${String(width)}x${String(height)} pixels is too large`);
  }
  const alpha = alphaOf(format);
  const pixels = new Uint32Array(width * height);
  if (alpha === "opaque") pixels.fill(OPAQUE_ALPHA);
  return { id, width, height, format, alpha, pixels };
}

/** The surfaces of one display channel, by the server's number, within MAX_SURFACES_BYTES. */
export class SurfaceList {
  readonly #surfaceById = new Map<number, Surface>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws ProtocolError "limit" before memory is taken, and "malformed" when the number is in use. */
  create(id: number, width: number, height: number, format: SurfaceFormat): Surface {
    if (this.#surfaceById.has(id)) throw new ProtocolError("malformed", `surface ${String(id)} is there already`);
    if (this.#surfaceById.size >= MAX_SURFACE_COUNT) {
      throw new ProtocolError("limit", `more than ${String(MAX_SURFACE_COUNT)} surfaces`);
    }
    if (this.#bytes + width * height * 4 > MAX_SURFACES_BYTES) {
      throw new ProtocolError("limit", `surfaces of more than ${String(MAX_SURFACES_BYTES)} bytes`);
    }
    const surface = createSurface(id, width, height, format);
    this.#surfaceById.set(id, surface);
    this.#bytes += surface.pixels.byteLength;
    return surface;
  }

  find(id: number): Surface | undefined {
    return this.#surfaceById.get(id);
  }

  /** Throws ProtocolError "malformed" for a number that was not created. */
  get(id: number): Surface {
    const surface = this.#surfaceById.get(id);
    if (surface === undefined) throw new ProtocolError("malformed", `surface ${String(id)} is not there`);
    return surface;
  }

  /** Throws ProtocolError "malformed" for a number that was not created. */
  destroy(id: number): void {
    this.#bytes -= this.get(id).pixels.byteLength;
    this.#surfaceById.delete(id);
  }

  clear(): void {
    this.#surfaceById.clear();
    this.#bytes = 0;
  }

  values(): IterableIterator<Surface> {
    return this.#surfaceById.values();
  }
}

/** What keeps a picture's form after any bitwise operation: `value & keep | set`. */
export function formMasks(alpha: PixelImage["alpha"]): { keep: number; set: number } {
  if (alpha === "opaque") return { keep: -1, set: OPAQUE_ALPHA | 0 };
  return alpha === "mask" ? { keep: OPAQUE_ALPHA | 0, set: 0 } : { keep: -1, set: 0 };
}

/**
 * A colour as a brush says it, as a pixel of a surface of this format: 0xAARRGGBB (the high byte only counts in 32_ARGB), 16 bits in the
 * surface's own layout, 8 bits of alpha, or 1.
 */
export function colourOn(format: SurfaceFormat, colour: number): number {
  switch (format) {
    case "32_xRGB":
      return (swapRedBlue(colour) | OPAQUE_ALPHA) >>> 0;
    case "32_ARGB":
      return swapRedBlue(colour);
    case "16_555":
      return widen(colour >> 10, 5) | (widen(colour >> 5, 5) << 8) | (widen(colour, 5) << 16) | OPAQUE_ALPHA;
    case "16_565":
      return widen(colour >> 11, 5) | (widen(colour >> 5, 6) << 8) | (widen(colour, 5) << 16) | OPAQUE_ALPHA;
    case "8_A":
      return (colour & 0xff) << 24;
    case "1_A":
      return (colour & 1) * OPAQUE_ALPHA;
  }
}

/** 0xAARRGGBB to 0xAABBGGRR and back. */
export function swapRedBlue(colour: number): number {
  return ((colour & 0xff00_ff00) | ((colour & 0xff) << 16) | ((colour >>> 16) & 0xff)) >>> 0;
}

/** The low `bits` (5 or 6) of a channel as 8 bits. */
function widen(channel: number, bits: 5 | 6): number {
  const value = channel & ((1 << bits) - 1);
  return (value << (8 - bits)) | (value >> (2 * bits - 8));
}

/** A pixel with its colours cut to what a 16-bit surface can say; on other surfaces as it is. */
export function narrowColour(format: SurfaceFormat, pixel: number): number {
  if (format !== "16_555" && format !== "16_565") return pixel;
  const greenBits = format === "16_555" ? 5 : 6;
  return (
    widen((pixel & 0xff) >> 3, 5) |
    (widen(((pixel >>> 8) & 0xff) >> (8 - greenBits), greenBits) << 8) |
    (widen(((pixel >>> 16) & 0xff) >> 3, 5) << 16) |
    (pixel & OPAQUE_ALPHA)
  );
}

/** Brings pixels that were calculated with 8 bits a channel into the form of a surface with fewer: colours are cut, alpha is 0 or 1 by its half. */
export function settle(surface: Surface, left: number, top: number, right: number, bottom: number): void {
  const { pixels, width, format } = surface;
  if (format === "32_xRGB" || format === "32_ARGB" || format === "8_A") return;
  for (let y = top; y < bottom; y++) {
    for (let at = y * width + left; at < y * width + right; at++) {
      const pixel = pixels[at] ?? 0;
      pixels[at] = format === "1_A" ? (pixel >>> 31) * OPAQUE_ALPHA : narrowColour(format, pixel);
    }
  }
}
