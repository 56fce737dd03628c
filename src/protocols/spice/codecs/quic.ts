import { ProtocolError } from "../../bytes/protocol-error.ts";
import { checkImageSize, endsTooEarly } from "./image-limits.ts";
import { spreadFiveBits } from "./pixel-conversion.ts";
import { OPAQUE_ALPHA, type PixelImage } from "./pixel-image.ts";
import { decodeQuicInWasm, type QuicJob } from "./quic-wasm/quic-wasm.ts";
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
  return decodeWith(data, fillPlanes);
}

/** The same where WebAssembly may not run; decodeQuic falls back to it by itself. */
export function decodeQuicWithoutWasm(data: Uint8Array): PixelImage {
  return decodeWith(data, fillPlanesInTypeScript);
}

/** `pixels` gets colours, `plane` alpha or grey. */
type FillPlanes = (job: QuicJob, pixels: Uint32Array<ArrayBuffer>, plane: Uint8Array) => void;

const NO_PLANE = new Uint8Array(0);

function decodeWith(data: Uint8Array, fill: FillPlanes): PixelImage {
  if (data.length < HEADER_BYTES) throw endsTooEarly("QUIC");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) {
    throw new ProtocolError("mismatch", "QUIC: data does not begin with QUIC 0.0's mark");
  }
  const type = view.getUint32(8, true);
  if (type < QuicImageType.gray || type > QuicImageType.rgba) {
    throw new ProtocolError("malformed", `QUIC: picture type ${type} is not known`);
  }
  const width = view.getUint32(12, true);
  const height = view.getUint32(16, true);
  checkImageSize("QUIC", width, height);
  const pixels = new Uint32Array(width * height);
  const isGrey = type === QuicImageType.gray;
  const hasAlpha = type === QuicImageType.rgba;
  const plane = isGrey || hasAlpha ? new Uint8Array(pixels.length) : NO_PLANE;
  const colourBits = isGrey ? undefined : type === QuicImageType.rgb16 ? 5 : 8;
  fill({ data, headerBytes: HEADER_BYTES, width, height, colourBits, hasAlpha }, pixels, plane);
  if (isGrey) spreadGrey(pixels, plane);
  if (hasAlpha) addAlpha(pixels, plane);
  if (colourBits === 5) spreadAll(pixels);
  return { width, height, pixels, alpha: hasAlpha ? "premultiplied" : "opaque" };
}

const fillPlanes: FillPlanes = (job, pixels, plane) => {
  if (!decodeQuicInWasm(job, pixels, plane)) fillPlanesInTypeScript(job, pixels, plane);
};

/** The alpha of each row follows its colours; it is added last, as colours are compared with those above. */
const fillPlanesInTypeScript: FillPlanes = (job, pixels, plane) => {
  const { data, headerBytes, width, height, colourBits, hasAlpha } = job;
  const bits = new QuicBits(data, headerBytes, width);
  const colours =
    colourBits === undefined ? undefined : new ColourRows(bits, new Int32Array(pixels.buffer), width, colourBits);
  const planeRows = colourBits === undefined || hasAlpha ? new PlaneRows(bits, plane, width) : undefined;
  for (let row = 0; row < height; row += 1) {
    colours?.decodeRow(row);
    planeRows?.decodeRow(row);
    bits.checkEnd();
  }
};

function addAlpha(pixels: Uint32Array, plane: Uint8Array): void {
  for (let i = 0; i < pixels.length; i += 1) {
    pixels[i] = ((pixels[i] as number) & ~OPAQUE_ALPHA) | ((plane[i] as number) << 24);
  }
}

function spreadGrey(pixels: Uint32Array, plane: Uint8Array): void {
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = OPAQUE_ALPHA | ((plane[i] as number) * 0x01_0101);
}

function spreadAll(pixels: Uint32Array): void {
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = spreadFiveBits((pixels[i] as number) & 0x1f_1f1f);
}
