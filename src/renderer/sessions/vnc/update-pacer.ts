import { type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { after } from "../../../shared/lifecycle/timer.ts";

/**
 * The shortest time between two requests for a picture while a console is hidden. A hidden picture must not be older than a
 * second. The request is answered when the server next looks at its screen, and QEMU 7.2 looks less often the less it has to
 * send (ui/vnc.c, vnc_refresh: 50 ms more each time without an update, half after one): with this interval it settles at 150
 * to 300 ms, so that a picture comes at the latest 950 ms after the one before.
 */
export const HIDDEN_UPDATE_INTERVAL_MS = 650;

/** Lets requests through at once, or, while paced, holds the newest until the interval is over. */
export class UpdatePacer implements Disposable {
  readonly #send: (request: Uint8Array<ArrayBuffer>) => void;
  readonly #now: () => number;
  #isPaced = false;
  #lastSentAtMs = Number.NEGATIVE_INFINITY;
  #held: Uint8Array<ArrayBuffer> | undefined;
  #timer: Disposable | undefined;

  constructor(options: { send: (request: Uint8Array<ArrayBuffer>) => void; now: () => number }) {
    this.#send = options.send;
    this.#now = options.now;
  }

  /** The request may be part of a buffer that is used again: it is copied if it has to wait. */
  push(request: Uint8Array<ArrayBuffer>): void {
    const waitMs = this.#isPaced ? this.#lastSentAtMs + HIDDEN_UPDATE_INTERVAL_MS - this.#now() : 0;
    if (waitMs <= 0) {
      this.#sendNow(request);
      return;
    }
    this.#held = request.slice();
    this.#timer ??= after(waitMs, () => {
      this.#timer = undefined;
      this.#release();
    });
  }

  setPaced(isPaced: boolean): void {
    this.#isPaced = isPaced;
    if (!isPaced) this.#release();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#held = undefined;
  }

  #release(): void {
    if (this.#held !== undefined) this.#sendNow(this.#held);
  }

  #sendNow(request: Uint8Array<ArrayBuffer>): void {
    this.dispose();
    this.#lastSentAtMs = this.#now();
    this.#send(request);
  }
}
