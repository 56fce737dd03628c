/** Pixels that the image cache may hold: 20 million are 80 MB, what the reference client announces too. */
export const DEFAULT_CACHE_PIXELS = 20 * 1024 * 1024;

/** Pixels of the GLZ dictionary: 12 million are 48 MB. */
export const DEFAULT_GLZ_WINDOW_PIXELS = 12 * 1024 * 1024;

export interface DisplaySessionOptions {
  /** Announced in INIT; the server evicts so that its sum stays below. */
  readonly cachePixels?: number;
  readonly glzWindowPixels?: number;
}

/**
 * What the display channels of one SPICE connection share: the image cache and the GLZ dictionary. Make one a session,
 * before its display channels.
 */
export class DisplaySession {
  readonly cachePixels: number;
  readonly glzWindowPixels: number;

  constructor(options: DisplaySessionOptions = {}) {
    this.cachePixels = options.cachePixels ?? DEFAULT_CACHE_PIXELS;
    this.glzWindowPixels = options.glzWindowPixels ?? DEFAULT_GLZ_WINDOW_PIXELS;
  }

  /** Lets go of all pictures. Waiting operations of channels end as their channel's `dispose` says. */
  dispose(): void {
    return;
  }
}
