import type { StreamReport } from "./client-messages.ts";
import type { StreamActivateReport } from "./parse/display-message.ts";

/** So many late frames in a row are told at once (the reference client's number). */
const LATE_FRAMES_TOLD = 3;

/**
 * Counts the frames of one stream for STREAM_REPORT, by which the server finds its bit rate. Inactive until
 * STREAM_ACTIVATE_REPORT. Times are multimedia times, u32 milliseconds that wrap.
 */
export class StreamReporter {
  readonly #streamId: number;
  #request: StreamActivateReport | undefined;
  #frames = 0;
  #drops = 0;
  #dropsInRow = 0;
  #startFrameTime = 0;
  #startedAt = 0;

  constructor(streamId: number) {
    this.#streamId = streamId;
  }

  activate(request: StreamActivateReport): void {
    this.#request = request;
    this.#restart();
  }

  /** One frame that arrived `marginMs` before its time (negative: after it). The report, when it is time for one. */
  count(mmTime: number, marginMs: number, audioDelayMs: number | undefined): StreamReport | undefined {
    const request = this.#request;
    if (request === undefined) return undefined;
    const now = (mmTime - marginMs) >>> 0;
    if (this.#frames === 0) {
      this.#startFrameTime = mmTime;
      this.#startedAt = now;
    }
    this.#frames += 1;
    if (marginMs < 0) {
      this.#drops += 1;
      this.#dropsInRow += 1;
    } else {
      this.#dropsInRow = 0;
    }
    const isDue =
      this.#frames >= request.maxWindowSize ||
      mmTimeDifference(now, this.#startedAt) >= request.timeoutMs ||
      this.#dropsInRow >= LATE_FRAMES_TOLD;
    if (!isDue) return undefined;
    const report: StreamReport = {
      streamId: this.#streamId,
      uniqueId: request.uniqueId,
      startMmTime: this.#startFrameTime,
      endMmTime: mmTime,
      frames: this.#frames,
      drops: this.#drops,
      lastFrameDelayMs: marginMs,
      audioDelayMs,
    };
    this.#restart();
    return report;
  }

  #restart(): void {
    this.#frames = 0;
    this.#drops = 0;
    this.#dropsInRow = 0;
  }
}

/** Milliseconds from `earlier` to `later`; negative the other way round. Both are u32 and wrap. */
export function mmTimeDifference(later: number, earlier: number): number {
  return (later - earlier) | 0;
}
