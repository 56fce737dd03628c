import { ProtocolError } from "../../bytes/protocol-error.ts";
import { checkImageSize, endsTooEarly } from "./image-limits.ts";
import { spreadFiveBits } from "./pixel-conversion.ts";
import { OPAQUE_ALPHA, type PixelImage } from "./pixel-image.ts";
import { ColourRows, PlaneRows, QuicBits } from "./quic-rows.ts";

/** "QUIC" as a little-endian number. */
const MAGIC = 0x4349_5551;
const VERSION = 0;
const HEADER_BYTES = 20;

const QuicImageType = { gray: 1, rgb16: 2, rgb24: 3, rgb32: 4, rgba: 5 } as const;

/**
 * Decodes SPICE_IMAGE_TYPE_QUIC: five little-endian u32 (magic, version, type, width, height), then one row of bits. Rows are
 * top down. Alpha is "premultiplied" for RGBA, else "opaque"; GRAY gives grey. Throws ProtocolError on a foreign header, a size
 * beyond the limits, a run that leaves its row and data that ends too early.
 */
export function decodeQuic(data: Uint8Array): PixelImage {
  if (data.length < HEADER_BYTES) throw endsTooEarly("QUIC");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) {
    throw new ProtocolError("mismatch", "QUIC: data does not begin with QUIC 0.0's mark");
  }
  const type = view.getUint32(8, true);
  const width = view.getUint32(12, true);
  const height = view.getUint32(16, true);
  checkImageSize("QUIC", width, height);
  const pixels = new Uint32Array(width * height);
  const bits = new QuicBits(data, HEADER_BYTES, width);
  switch (type) {
    case QuicImageType.gray:
      decodeGrey(bits, pixels, width, height);
      break;
    case QuicImageType.rgb16:
      decodeColours(bits, pixels, width, height, 5);
      spreadAll(pixels);
      break;
    case QuicImageType.rgb24:
    case QuicImageType.rgb32:
      decodeColours(bits, pixels, width, height, 8);
      break;
    case QuicImageType.rgba:
      decodeColoursAndAlpha(bits, pixels, width, height);
      break;
    default:
      throw new ProtocolError("malformed", `QUIC: picture type ${type} is not known`);
  }
  return { width, height, pixels, alpha: type === QuicImageType.rgba ? "premultiplied" : "opaque" };
}

function decodeColours(
  bits: QuicBits,
  pixels: Uint32Array<ArrayBuffer>,
  width: number,
  height: number,
  colourBits: 5 | 8,
): void {
  const colours = new ColourRows(bits, new Int32Array(pixels.buffer), width, colourBits);
  for (let row = 0; row < height; row += 1) {
    colours.decodeRow(row);
    bits.checkEnd();
  }
}

/** The alpha of each row follows its colours. */
function decodeColoursAndAlpha(bits: QuicBits, pixels: Uint32Array<ArrayBuffer>, width: number, height: number): void {
  const plane = new Uint8Array(pixels.length);
  const colours = new ColourRows(bits, new Int32Array(pixels.buffer), width, 8);
  const alpha = new PlaneRows(bits, plane, width);
  for (let row = 0; row < height; row += 1) {
    colours.decodeRow(row);
    alpha.decodeRow(row);
    bits.checkEnd();
  }
  // Not before the end, as colours are compared with those above.
  for (let i = 0; i < pixels.length; i += 1) {
    pixels[i] = ((pixels[i] as number) & ~OPAQUE_ALPHA) | ((plane[i] as number) << 24);
  }
}

function decodeGrey(bits: QuicBits, pixels: Uint32Array, width: number, height: number): void {
  const plane = new Uint8Array(pixels.length);
  const rows = new PlaneRows(bits, plane, width);
  for (let row = 0; row < height; row += 1) {
    rows.decodeRow(row);
    bits.checkEnd();
  }
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = OPAQUE_ALPHA | ((plane[i] as number) * 0x01_0101);
}

function spreadAll(pixels: Uint32Array): void {
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = spreadFiveBits((pixels[i] as number) & 0x1f_1f1f);
}
