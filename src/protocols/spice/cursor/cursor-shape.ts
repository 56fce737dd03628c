import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { SpiceReader } from "../wire/spice-reader.ts";

/** The longest side of a pointer, in pixels: what SPICE servers themselves accept of guests. Real ones have up to 256. */
export const MAX_CURSOR_SIDE_PX = 1024;

/** spice.proto, "cursor_type". */
export const CURSOR_TYPE = {
  alpha: 0,
  mono: 1,
  color4: 2,
  color8: 3,
  color16: 4,
  color24: 5,
  color32: 6,
} as const;

/** A decoded pointer. */
export interface CursorShape {
  readonly width: number;
  readonly height: number;
  /** The pixel that points, within the shape. */
  readonly hotSpotX: number;
  readonly hotSpotY: number;
  /** R, G, B, A, rows top down, not multiplied by alpha: what ImageData takes. `4 * width * height` long. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** "CursorHeader" without the id. */
export interface CursorHeader {
  readonly type: number;
  readonly width: number;
  readonly height: number;
  readonly hotSpotX: number;
  readonly hotSpotY: number;
}

export function parseCursorHeader(reader: SpiceReader): CursorHeader {
  const header = {
    type: reader.u8(),
    width: reader.u16(),
    height: reader.u16(),
    hotSpotX: reader.u16(),
    hotSpotY: reader.u16(),
  };
  if (header.width > MAX_CURSOR_SIDE_PX || header.height > MAX_CURSOR_SIDE_PX) {
    throw new ProtocolError("limit", `a pointer of ${String(header.width)}x${String(header.height)}`);
  }
  return header;
}

/**
 * What a pixel of a masked pointer does to the screen: 0xRRGGBB paints, LEAVE leaves it, INVERT inverts it.
 */
const LEAVE = -1;
const INVERT = -2;

/**
 * Decodes a pointer's pixels. Throws ProtocolError where the data are shorter than the header says, or of no known type.
 * A hot spot outside of the shape is moved to its edge: guests' drivers send such.
 */
export function decodeCursor(header: CursorHeader, reader: SpiceReader): CursorShape {
  const { type, width, height } = header;
  const rgba =
    type === CURSOR_TYPE.alpha
      ? decodeAlpha(width * height, reader)
      : paint(width, height, decodeMasked(type, width, height, reader));
  return {
    width,
    height,
    hotSpotX: Math.min(header.hotSpotX, Math.max(width - 1, 0)),
    hotSpotY: Math.min(header.hotSpotY, Math.max(height - 1, 0)),
    rgba,
  };
}

/**
 * B, G, R, A. The protocol does not say whether colours are multiplied by alpha: X and Wayland guests send them multiplied,
 * Windows' driver may not. A pixel with a colour above its alpha cannot be multiplied, so one such pixel tells of all;
 * else they are divided. Where neither shows (black shadows, opaque pixels), both ways give the same.
 */
function decodeAlpha(count: number, reader: SpiceReader): Uint8ClampedArray<ArrayBuffer> {
  const bgra = reader.bytes(count * 4);
  let isMultiplied = true;
  for (let at = 0; at < bgra.length && isMultiplied; at += 4) {
    const alpha = bgra[at + 3] ?? 0;
    isMultiplied = (bgra[at] ?? 0) <= alpha && (bgra[at + 1] ?? 0) <= alpha && (bgra[at + 2] ?? 0) <= alpha;
  }
  const rgba = new Uint8ClampedArray(bgra.length);
  for (let at = 0; at < bgra.length; at += 4) {
    const alpha = bgra[at + 3] ?? 0;
    const scale = isMultiplied && alpha > 0 ? 255 / alpha : 1;
    rgba[at] = (bgra[at + 2] ?? 0) * scale;
    rgba[at + 1] = (bgra[at + 1] ?? 0) * scale;
    rgba[at + 2] = (bgra[at] ?? 0) * scale;
    rgba[at + 3] = alpha;
  }
  return rgba;
}

/** One effect a pixel. Layouts: spice-protocol has none; they are those of Windows' driver, which sends them. */
function decodeMasked(type: number, width: number, height: number, reader: SpiceReader): Int32Array {
  const count = width * height;
  switch (type) {
    case CURSOR_TYPE.mono:
      return decodeMono(width, height, reader);
    case CURSOR_TYPE.color4: {
      const stride = Math.ceil(width / 2);
      const indices = reader.bytes(stride * height);
      const palette = readPalette(16, reader);
      return mask(count, reader, (at) => {
        const column = at % width;
        const byte = indices[Math.floor(at / width) * stride + (column >> 1)] ?? 0;
        return palette[column % 2 === 0 ? byte >> 4 : byte & 0xf] ?? 0;
      });
    }
    case CURSOR_TYPE.color8: {
      const indices = reader.bytes(count);
      const palette = readPalette(256, reader);
      return mask(count, reader, (at) => palette[indices[at] ?? 0] ?? 0);
    }
    case CURSOR_TYPE.color16: {
      const pixels = reader.bytes(count * 2);
      return mask(count, reader, (at) => {
        const pixel = (pixels[at * 2] ?? 0) | ((pixels[at * 2 + 1] ?? 0) << 8);
        return (widen(pixel >> 10) << 16) | (widen(pixel >> 5) << 8) | widen(pixel);
      });
    }
    case CURSOR_TYPE.color24:
    case CURSOR_TYPE.color32: {
      const step = type === CURSOR_TYPE.color24 ? 3 : 4;
      const pixels = reader.bytes(count * step);
      return mask(count, reader, (at) => {
        const from = at * step;
        return (pixels[from] ?? 0) | ((pixels[from + 1] ?? 0) << 8) | ((pixels[from + 2] ?? 0) << 16);
      });
    }
    default:
      throw new ProtocolError("malformed", `a pointer of type ${String(type)}`);
  }
}

/** 5 bits to 8, so that 31 is 255. */
function widen(bits: number): number {
  const five = bits & 0x1f;
  return (five << 3) | (five >> 2);
}

function readPalette(count: number, reader: SpiceReader): number[] {
  return Array.from({ length: count }, () => reader.u32() & 0xffffff);
}

/**
 * The colours' AND mask follows them, one bit a pixel without padding at the rows' ends, the first pixel in the highest
 * bit. Clear: the colour is painted. Set: the colour is XORed with the screen, that is: black leaves it, white inverts
 * it; other colours leave it, because nothing near to them can be shown.
 */
function mask(count: number, reader: SpiceReader, colourAt: (at: number) => number): Int32Array {
  const bits = reader.bytes(Math.ceil(count / 8));
  const effects = new Int32Array(count);
  for (let at = 0; at < count; at += 1) {
    const colour = colourAt(at);
    if (!isSet(bits, at)) effects[at] = colour;
    else effects[at] = colour === 0xffffff ? INVERT : LEAVE;
  }
  return effects;
}

/** An AND plane, then an XOR plane, rows padded to whole bytes: 0 0 black, 0 1 white, 1 0 leaves, 1 1 inverts. */
function decodeMono(width: number, height: number, reader: SpiceReader): Int32Array {
  const stride = Math.ceil(width / 8);
  const and = reader.bytes(stride * height);
  const xor = reader.bytes(stride * height);
  const effects = new Int32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const bit = y * stride * 8 + x;
      const isXor = isSet(xor, bit);
      if (isSet(and, bit)) effects[y * width + x] = isXor ? INVERT : LEAVE;
      else effects[y * width + x] = isXor ? 0xffffff : 0;
    }
  }
  return effects;
}

function isSet(bits: Uint8Array, at: number): boolean {
  return (((bits[at >> 3] ?? 0) << (at & 7)) & 0x80) !== 0;
}

/**
 * A page's pointer cannot invert what is under it. Such pixels (the bar of a text pointer) become black, and pixels
 * around them that leave the screen as it is become white: seen on any ground.
 */
function paint(width: number, height: number, effects: Int32Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(width * height * 4);
  const isInverted = (x: number, y: number): boolean =>
    x >= 0 && x < width && y >= 0 && y < height && effects[y * width + x] === INVERT;
  const isBesideInverted = (x: number, y: number): boolean => {
    for (let dy = -1; dy <= 1; dy += 1) {
      for (let dx = -1; dx <= 1; dx += 1) if (isInverted(x + dx, y + dy)) return true;
    }
    return false;
  };
  const hasInverted = effects.includes(INVERT);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x;
      let colour = effects[at] ?? LEAVE;
      if (colour === INVERT) colour = 0;
      else if (colour === LEAVE) {
        if (!hasInverted || !isBesideInverted(x, y)) continue;
        colour = 0xffffff;
      }
      rgba[at * 4] = colour >> 16;
      rgba[at * 4 + 1] = (colour >> 8) & 0xff;
      rgba[at * 4 + 2] = colour & 0xff;
      rgba[at * 4 + 3] = 255;
    }
  }
  return rgba;
}
