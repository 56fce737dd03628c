/** Multimedia time is a u32 of milliseconds: it wraps after 49 days. */
const WRAP = 2 ** 32;

/**
 * A difference above this is a new time base (the guest was paused, sound began anew), not drift; in milliseconds. Above it
 * viewers see that sound and picture part.
 */
export const MAX_DRIFT_MS = 500;

/**
 * How fast drift is made up for: 2 % of the time that passes. Slow enough that neither sound nor picture shows it, and
 * MAX_DRIFT_MS is gone after 25 s.
 */
export const SLEW_RATE = 0.02;

/** How much later `time` is than `than`, both u32 milliseconds of multimedia time; negative: earlier. */
export function mediaTimeDifferenceMs(time: number, than: number): number {
  const difference = (time - than) % WRAP;
  if (difference >= WRAP / 2) return difference - WRAP;
  return difference < -WRAP / 2 ? difference + WRAP : difference;
}

/**
 * The server's multimedia time against a local clock: when a video frame or a sound packet of some media time is due. The
 * caller reads its own clock (milliseconds that never go back, as `performance.now()`), so this holds no clock.
 *
 * INVARIANT: between two jumps the server's time never goes back and runs at 98..102 % of the local clock.
 */
export class MediaClock {
  /** Undefined until the server has told a time. Server times here are not wrapped. */
  #line:
    | {
        readonly localMs: number;
        readonly serverMs: number;
        /** Drift that is still to be made up for after `localMs`; positive: this clock is behind. */
        readonly driftMs: number;
      }
    | undefined;

  /** Whether the server has told a time. */
  get isSet(): boolean {
    return this.#line !== undefined;
  }

  /**
   * The server says what its time is: by INIT, by MULTI_MEDIA_TIME. "jumped": all that waits for its time belongs to
   * another time base. "adjusted": drift, which is made up for bit by bit.
   */
  setServerTime(timeMs: number, localMs: number): "jumped" | "adjusted" {
    const now = this.#unwrappedAt(localMs);
    const driftMs = now === undefined ? undefined : mediaTimeDifferenceMs(timeMs, wrap(now));
    if (now === undefined || driftMs === undefined || Math.abs(driftMs) > MAX_DRIFT_MS) {
      this.#line = { localMs, serverMs: timeMs, driftMs: 0 };
      return "jumped";
    }
    this.#line = { localMs, serverMs: now, driftMs };
    return "adjusted";
  }

  /** The server's time at a local time, a u32; undefined until it has told one. */
  serverTimeAt(localMs: number): number | undefined {
    const time = this.#unwrappedAt(localMs);
    return time === undefined ? undefined : wrap(Math.floor(time));
  }

  /** When something of this media time is due by the local clock; in the past for what is late. `localMs` is now. */
  localTimeOf(timeMs: number, localMs: number): number | undefined {
    const line = this.#line;
    const now = this.#unwrappedAt(localMs);
    if (line === undefined || now === undefined) return undefined;
    const sought = now + mediaTimeDifferenceMs(timeMs, wrap(now));
    if (sought <= line.serverMs) return line.localMs - (line.serverMs - sought);
    const slewMs = slewDurationMs(line.driftMs);
    const slewEnd = line.serverMs + slewMs + line.driftMs;
    const rate = 1 + Math.sign(line.driftMs) * SLEW_RATE;
    if (sought <= slewEnd) return line.localMs + (sought - line.serverMs) / rate;
    return line.localMs + slewMs + (sought - slewEnd);
  }

  #unwrappedAt(localMs: number): number | undefined {
    const line = this.#line;
    if (line === undefined) return undefined;
    const passedMs = localMs - line.localMs;
    const slewedMs = Math.min(Math.max(passedMs, 0), slewDurationMs(line.driftMs)) * SLEW_RATE;
    return line.serverMs + passedMs + Math.sign(line.driftMs) * slewedMs;
  }
}

function slewDurationMs(driftMs: number): number {
  return Math.abs(driftMs) / SLEW_RATE;
}

function wrap(timeMs: number): number {
  return ((timeMs % WRAP) + WRAP) % WRAP;
}
