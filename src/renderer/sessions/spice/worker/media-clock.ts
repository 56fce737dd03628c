import type { PresentClock } from "../../../../protocols/spice/display/media-decoders.ts";

/** The server's clock of sound and video (mm_time): milliseconds in 32 bits, which wrap. */
export class MediaClock implements PresentClock {
  readonly #now: () => number;
  #mediaMs: number | undefined;
  #setAtMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The server's time is this now. */
  set(mediaMs: number): void {
    this.#mediaMs = mediaMs;
    this.#setAtMs = this.#now();
  }

  whenDue(mediaMs: number): number {
    if (this.#mediaMs === undefined) return 0;
    // As a signed 32-bit number: a little after the wrap is a little later, not 49 days earlier.
    const fromBase = (mediaMs - this.#mediaMs) | 0;
    return fromBase - (this.#now() - this.#setAtMs);
  }
}
