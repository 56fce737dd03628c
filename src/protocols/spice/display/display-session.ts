import { toDisposable, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { GLZ_DICTIONARY_PIXELS, GlzWindow } from "../codecs/glz-window.ts";
import { ImageCache } from "./image-cache.ts";

/** Pixels of the image cache: 80 MB decoded, what the reference client asks for where the server does not hint at more. */
export const DEFAULT_CACHE_PIXELS = 20 * 1024 * 1024;

export interface DisplaySessionOptions {
  /** Announced in INIT; the server evicts so that its sum stays below. */
  readonly cachePixels?: number;
  readonly glzWindowPixels?: number;
}

/**
 * What the display channels of one SPICE connection share: the image cache and the GLZ dictionary. Make one a session,
 * before its display channels.
 */
export class DisplaySession implements Disposable {
  readonly cachePixels: number;
  readonly glzWindowPixels: number;
  readonly imageCache: ImageCache;
  readonly glzWindow = new GlzWindow();
  #channelCount = 0;

  constructor(options: DisplaySessionOptions = {}) {
    this.cachePixels = options.cachePixels ?? DEFAULT_CACHE_PIXELS;
    this.glzWindowPixels = options.glzWindowPixels ?? GLZ_DICTIONARY_PIXELS;
    this.imageCache = new ImageCache({ budgetPixels: this.cachePixels });
  }

  /** Whether a picture that one channel misses may still come by another. */
  get hasSeveralChannels(): boolean {
    return this.#channelCount > 1;
  }

  /** Each display channel, for as long as it lives. */
  attach(): Disposable {
    this.#channelCount += 1;
    return toDisposable(() => {
      this.#channelCount -= 1;
    });
  }

  /** Forgets all pictures: after a migration the other host begins anew. */
  clear(): void {
    this.imageCache.clear();
    this.glzWindow.clear();
  }

  /** Dispose the channels first. */
  dispose(): void {
    this.imageCache.dispose();
    this.glzWindow.clear();
  }
}
