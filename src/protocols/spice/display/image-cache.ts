import { after } from "../../../shared/lifecycle/timer.ts";
import { DisposableStore } from "../../../shared/lifecycle/disposable.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import { CACHE_TOLERANCE, MAX_CACHED_IMAGES, MISSING_IMAGE_TIMEOUT_MS } from "./display-limits.ts";

/** A picture, or one that is being decoded. */
export type DecodingImage = PixelImage | Promise<PixelImage>;

interface CachedImage {
  image: DecodingImage;
  readonly isLossy: boolean;
  readonly pixels: number;
  /** Two display channels may be told to keep the same picture; each of them invalidates it once. */
  count: number;
}

interface Waiter {
  readonly shouldBeLossless: boolean;
  readonly resolve: (image: DecodingImage) => void;
  readonly reject: (error: ProtocolError) => void;
}

/**
 * The pictures that the server told its client to keep (CACHE_ME), by id, for all display channels of a session. The server
 * counts them and says which to drop (INVAL_LIST); a server that never does is refused above the tolerance.
 */
export class ImageCache {
  readonly #maxPixels: number;
  readonly #imageById = new Map<bigint, CachedImage>();
  readonly #waitersById = new Map<bigint, Set<Waiter>>();
  readonly #timers = new DisposableStore();
  #pixels = 0;

  /** The budget that INIT announced. */
  constructor(options: { readonly budgetPixels: number }) {
    this.#maxPixels = options.budgetPixels * CACHE_TOLERANCE;
  }

  get pixels(): number {
    return this.#pixels;
  }

  /** CACHE_ME: keeps a picture; one that is there already counts once more. Throws ProtocolError "limit". */
  add(id: bigint, image: DecodingImage, size: { readonly pixels: number; readonly isLossy: boolean }): void {
    this.#set(id, image, size, (this.#imageById.get(id)?.count ?? 0) + 1);
  }

  /** CACHE_REPLACE_ME: the lossless picture in place of the lossy one of the same id. */
  replace(id: bigint, image: DecodingImage, size: { readonly pixels: number }): void {
    this.#set(id, image, { ...size, isLossy: false }, this.#imageById.get(id)?.count ?? 1);
  }

  /** FROM_CACHE, FROM_CACHE_LOSSLESS. */
  find(id: bigint, options: { readonly shouldBeLossless: boolean }): DecodingImage | undefined {
    const cached = this.#imageById.get(id);
    return cached === undefined || (cached.isLossy && options.shouldBeLossless) ? undefined : cached.image;
  }

  /** For a picture that another channel of the session brings. Rejects with ProtocolError when it does not come in time. */
  waitFor(id: bigint, options: { readonly shouldBeLossless: boolean }): Promise<PixelImage> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        ...options,
        resolve: (image) => {
          this.#timers.delete(timer);
          resolve(image);
        },
        reject,
      };
      const timer = this.#timers.add(
        after(MISSING_IMAGE_TIMEOUT_MS, () => {
          this.#waitersById.get(id)?.delete(waiter);
          reject(missingImage(id));
        }),
      );
      const waiters = this.#waitersById.get(id) ?? new Set();
      this.#waitersById.set(id, waiters.add(waiter));
    });
  }

  /** INVAL_LIST. An id that is not there is no error: real servers name some twice. */
  remove(id: bigint): void {
    const cached = this.#imageById.get(id);
    if (cached === undefined) return;
    cached.count -= 1;
    if (cached.count === 0) this.#drop(id, cached);
  }

  /** INVAL_ALL_PIXMAPS. */
  clear(): void {
    this.#imageById.clear();
    this.#pixels = 0;
  }

  dispose(): void {
    this.clear();
    this.#timers.dispose();
    for (const [id, waiters] of this.#waitersById) {
      for (const waiter of waiters) waiter.reject(missingImage(id));
    }
    this.#waitersById.clear();
  }

  #set(id: bigint, image: DecodingImage, size: { pixels: number; isLossy: boolean }, count: number): void {
    const before = this.#imageById.get(id);
    if (before !== undefined) this.#drop(id, before);
    if (this.#pixels + size.pixels > this.#maxPixels || this.#imageById.size >= MAX_CACHED_IMAGES) {
      throw new ProtocolError("limit", `more than ${String(this.#maxPixels)} pixels to keep in the image cache`);
    }
    const cached: CachedImage = { image, ...size, count };
    this.#imageById.set(id, cached);
    this.#pixels += size.pixels;
    if (image instanceof Promise) {
      image.then(
        (decoded) => {
          cached.image = decoded;
        },
        // Whoever draws it hears of it.
        () => undefined,
      );
    }
    this.#wake(id, cached);
  }

  #wake(id: bigint, cached: CachedImage): void {
    const waiters = this.#waitersById.get(id);
    if (waiters === undefined) return;
    for (const waiter of waiters) {
      if (cached.isLossy && waiter.shouldBeLossless) continue;
      waiters.delete(waiter);
      waiter.resolve(cached.image);
    }
    if (waiters.size === 0) this.#waitersById.delete(id);
  }

  #drop(id: bigint, cached: CachedImage): void {
    this.#imageById.delete(id);
    this.#pixels -= cached.pixels;
  }
}

/** The server named a picture that it never sent, or took away. */
export function missingImage(id: bigint): ProtocolError {
  return new ProtocolError("malformed", `picture ${String(id)} is not in the cache`);
}
