import { DisposableStore } from "../../../shared/lifecycle/disposable.ts";
import { after } from "../../../shared/lifecycle/timer.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { SurfaceFormat } from "../canvas/surface.ts";
import { decodeBitmap, decodeBitmapMask } from "../codecs/bitmap.ts";
import type { Inflate } from "../codecs/inflate.ts";
import { composeJpegAlpha } from "../codecs/jpeg-alpha.ts";
import { decodeLz } from "../codecs/lz.ts";
import { decodeLz4 } from "../codecs/lz4.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import { decodeQuic } from "../codecs/quic.ts";
import { decodeZlibGlz } from "../codecs/zlib-glz.ts";
import type { DisplaySession } from "./display-session.ts";
import { DECODE_TIMEOUT_MS, MISSING_IMAGE_TIMEOUT_MS } from "./display-limits.ts";
import { missingImage, type DecodingImage } from "./image-cache.ts";
import type { ImageUse } from "./image-uses.ts";
import type { SpiceImageDecoder } from "./media-decoders.ts";
import { asProtocolError } from "./operation-queue.ts";
import type { PaletteCache } from "./palette-cache.ts";
import type { ImageSource, ParsedImage, PaletteReference } from "./parse/image.ts";

/**
 * Where an operation's picture comes from: decoded, being decoded, or a surface as it is when the operation's turn comes.
 */
export type ResolvedImage =
  | { readonly kind: "decoded"; readonly image: PixelImage }
  | DecodingPicture
  | { readonly kind: "surface"; readonly surfaceId: number };

interface DecodingPicture {
  readonly kind: "decoding";
  readonly promise: Promise<PixelImage>;
  /** Set before the promise is fulfilled. */
  image?: PixelImage;
}

export interface ImageTarget {
  readonly use: ImageUse;
  /** Of the surface that is drawn on: palettes are in its colours. */
  readonly format: SurfaceFormat | undefined;
}

/**
 * Turns the pictures of messages into pixels: codecs, image cache, palettes. INVARIANT: called in the order of the messages,
 * so that caches change in that order even while pictures are still being decoded.
 */
export class ImageResolver {
  readonly #session: DisplaySession;
  readonly #palettes: PaletteCache;
  readonly #decoder: SpiceImageDecoder;
  readonly #timers = new DisposableStore();

  constructor(options: {
    readonly session: DisplaySession;
    readonly palettes: PaletteCache;
    readonly decoder: SpiceImageDecoder;
  }) {
    this.#session = options.session;
    this.#palettes = options.palettes;
    this.#decoder = options.decoder;
  }

  /** Throws ProtocolError, or gives a promise that rejects with it. */
  resolve(parsed: ParsedImage, target: ImageTarget): ResolvedImage {
    const { source } = parsed;
    if (source.type === "surface") return { kind: "surface", surfaceId: source.surfaceId };
    if (!("data" in source)) {
      return asResolved(this.#fromCache(parsed.id, { shouldBeLossless: source.type === "fromCacheLossless" }));
    }
    const decoded = this.#decode(parsed, source, target);
    // Whoever waits for it hears of its error; the operation may fail for another reason before anybody does.
    if (decoded instanceof Promise) decoded.catch(() => undefined);
    this.#cache(parsed, decoded);
    return asResolved(decoded);
  }

  dispose(): void {
    this.#timers.dispose();
  }

  #fromCache(id: bigint, options: { readonly shouldBeLossless: boolean }): DecodingImage {
    const { imageCache } = this.#session;
    const found = imageCache.find(id, options);
    if (found !== undefined) return found;
    // Only another channel could bring it: this one's messages up to here have all been handled.
    if (!this.#session.hasSeveralChannels) throw missingImage(id);
    return imageCache.waitFor(id, options);
  }

  #cache(parsed: ParsedImage, image: DecodingImage): void {
    const pixels = parsed.width * parsed.height;
    const isLossy = parsed.source.type === "jpeg" || parsed.source.type === "jpegAlpha";
    if (parsed.shouldCache) this.#session.imageCache.add(parsed.id, image, { pixels, isLossy });
    else if (parsed.shouldReplaceCached) {
      if (isLossy) throw new ProtocolError("malformed", "a lossy picture is to replace a cached one");
      this.#session.imageCache.replace(parsed.id, image, { pixels });
    }
  }

  #decode(parsed: ParsedImage, source: Decodable, target: ImageTarget): DecodingImage {
    if (target.use === "mask") return decodeMask(source);
    const decoded = this.#decodePicture(parsed, source, target.format);
    if (!(decoded instanceof Promise)) return sized(decoded, parsed);
    return this.#within(DECODE_TIMEOUT_MS, decoded, "the picture is never decoded").then(
      (image) => sized(image, parsed),
      (error: unknown) => {
        throw asProtocolError(error, source.type);
      },
    );
  }

  #decodePicture(parsed: ParsedImage, source: Decodable, format: SurfaceFormat | undefined): DecodingImage {
    switch (source.type) {
      case "bitmap":
        return decodeBitmap({ ...source, stride: source.strideBytes, palette: this.#colours(source.palette, format) });
      case "quic":
        return decodeQuic(source.data);
      case "lzRgb":
        return decodeLz(source.data);
      case "lzPlt":
        return decodeLz(source.data, this.#colours(source.palette, format));
      case "lz4":
        return decodeLz4(source.data, parsed);
      case "glzRgb":
        return this.#references(parsed.id, this.#session.glzWindow.decode(source.data));
      case "zlibGlzRgb": {
        const tools = { window: this.#session.glzWindow, inflate: this.#inflate };
        return this.#references(parsed.id, decodeZlibGlz(source.data, source.glzBytes, tools));
      }
      case "jpeg":
        return this.#decodeJpeg(source.data, parsed);
      case "jpegAlpha": {
        const alpha = source.data.subarray(source.jpegBytes);
        return this.#decodeJpeg(source.data.subarray(0, source.jpegBytes), parsed).then((image) =>
          composeJpegAlpha(sized(image, parsed), alpha),
        );
      }
    }
  }

  /** What the surroundings throw at broken data is theirs to choose. */
  readonly #inflate: Inflate = (bytes, expectedLength) => {
    try {
      return this.#decoder.inflate(bytes, expectedLength);
    } catch (error) {
      throw asProtocolError(error, "zlibGlzRgb");
    }
  };

  #decodeJpeg(data: Uint8Array, parsed: ParsedImage): Promise<PixelImage> {
    return this.#decoder.jpeg.decode(data, { maxWidth: parsed.width, maxHeight: parsed.height });
  }

  /** A palette's colours as 0x00RRGGBB: those for a 16-bit surface are in its own format (SPICE_SURFACE_FMT_16_555). */
  #colours(reference: PaletteReference, format: SurfaceFormat | undefined): Uint32Array<ArrayBuffer> | undefined {
    const colours = this.#palettes.resolve(reference);
    return format === "16_555" ? colours?.map(widen555) : colours;
  }

  /** GLZ data may refer to a picture of another display channel. */
  #references(id: bigint, decoding: DecodingImage): DecodingImage {
    if (!(decoding instanceof Promise)) return decoding;
    return this.#within(MISSING_IMAGE_TIMEOUT_MS, decoding, `GLZ picture ${String(id)} refers to one that never came`);
  }

  #within<T>(ms: number, promise: Promise<T>, otherwise: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#timers.add(
        after(ms, () => {
          this.#timers.delete(timer);
          reject(new ProtocolError("malformed", otherwise));
        }),
      );
      const stop = (): void => {
        this.#timers.delete(timer);
      };
      promise.then(
        (value) => {
          stop();
          resolve(value);
        },
        (error: unknown) => {
          stop();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }
}

type Decodable = Extract<ImageSource, { readonly data: Uint8Array }>;

/** Masks are sent as they are: the server compresses none. */
function decodeMask(source: Decodable): PixelImage {
  if (source.type !== "bitmap") throw new ProtocolError("malformed", `a mask cannot be ${source.type}`);
  return decodeBitmapMask({ ...source, stride: source.strideBytes, palette: undefined });
}

/** The codec's own header must repeat the size in the message. */
function sized(image: PixelImage, expected: { readonly width: number; readonly height: number }): PixelImage {
  if (image.width === expected.width && image.height === expected.height) return image;
  const size = `${String(image.width)}x${String(image.height)}`;
  throw new ProtocolError(
    "malformed",
    `picture of ${size} pixels that should have ${String(expected.width)}x${String(expected.height)}`,
  );
}

function asResolved(image: DecodingImage): ResolvedImage {
  if (!(image instanceof Promise)) return { kind: "decoded", image };
  const resolved: DecodingPicture = {
    kind: "decoding",
    promise: image.then((decoded) => {
      resolved.image = decoded;
      return decoded;
    }),
  };
  resolved.promise.catch(() => undefined);
  return resolved;
}

function widen555(colour: number): number {
  const widen = (channel: number): number => ((channel & 31) << 3) | ((channel & 31) >> 2);
  return (widen(colour >> 10) << 16) | (widen(colour >> 5) << 8) | widen(colour);
}
