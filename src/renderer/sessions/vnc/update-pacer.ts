import { type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { after } from "../../../shared/lifecycle/timer.ts";

/** A hidden picture must not be older than a second; this much before, the next one should be there. */
const HIDDEN_PICTURE_AGE_MS = 950;

/**
 * A request is answered when the server next looks at its screen, and QEMU 7.2 looks less often the less it has to send
 * (ui/vnc.c, vnc_refresh: 50 ms more each time without an update, half after one), which settles at 150 to 300 ms with one
 * request a second. So a request leaves earlier by as long as the last answers took, but by no more than this: a guest whose
 * screen stands still answers after minutes.
 */
const MAX_ANSWER_MS = 300;

/** How much of a long answer is remembered at the next one. */
const ANSWER_DECAY = 0.9;

/** The shortest time between two requests of a hidden console. */
export const HIDDEN_UPDATE_INTERVAL_MS = HIDDEN_PICTURE_AGE_MS - MAX_ANSWER_MS;

/** Lets requests through at once, or, while paced, holds the newest until the interval is over. */
export class UpdatePacer implements Disposable {
  readonly #send: (request: Uint8Array<ArrayBuffer>) => void;
  readonly #now: () => number;
  #isPaced = false;
  /** The longest recent time between a request and its answer. */
  #answerMs = MAX_ANSWER_MS;
  #lastSentAtMs = Number.NEGATIVE_INFINITY;
  #held: Uint8Array<ArrayBuffer> | undefined;
  #timer: Disposable | undefined;

  constructor(options: { send: (request: Uint8Array<ArrayBuffer>) => void; now: () => number }) {
    this.#send = options.send;
    this.#now = options.now;
  }

  /** noVNC asks again when it has the answer. The request may be part of a buffer that is used again: it is copied if it has to wait. */
  push(request: Uint8Array<ArrayBuffer>): void {
    const sinceMs = this.#now() - this.#lastSentAtMs;
    this.#answerMs = Math.min(MAX_ANSWER_MS, Math.max(sinceMs, this.#answerMs * ANSWER_DECAY));
    const waitMs = this.#isPaced ? HIDDEN_PICTURE_AGE_MS - this.#answerMs - sinceMs : 0;
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
