import type { PresentClock } from "../../../../protocols/spice/display/media-decoders.ts";
import { MediaClock as ServerClock } from "../../../../protocols/spice/sound/media-clock.ts";

/** Sound that was last heard of longer ago than this does not lead any more: the card sleeps, or the guest stopped. */
const SOUND_LEADS_FOR_MS = 1000;

/**
 * When what has a multimedia time is due. While sound is heard, it leads: a video frame is due when the sound of its time is heard,
 * whatever waits in buffers. Else the server's own clock does.
 */
export class MediaClock implements PresentClock {
  readonly #now: () => number;
  readonly #clock = new ServerClock();
  #heard: { readonly atMs: number; readonly queuedMs: number } | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The server says that its time is this now. */
  set(mediaMs: number): void {
    if (!this.#doesSoundLead()) this.#clock.setServerTime(mediaMs, this.#now());
  }

  /** The sound of this time is heard now; so much of it waits behind. */
  setHeard(mediaMs: number, queuedMs: number): void {
    const atMs = this.#now();
    this.#heard = { atMs, queuedMs };
    this.#clock.setServerTime(mediaMs >>> 0, atMs);
  }

  /** The server's time now; 0 before it has told one. */
  get mediaNowMs(): number {
    return this.#clock.serverTimeAt(this.#now()) ?? 0;
  }

  whenDue(mediaMs: number): number {
    const now = this.#now();
    const dueMs = this.#clock.localTimeOf(mediaMs, now);
    return dueMs === undefined ? 0 : dueMs - now;
  }

  audioDelayMs(): number | undefined {
    return this.#doesSoundLead() ? this.#heard?.queuedMs : undefined;
  }

  #doesSoundLead(): boolean {
    return this.#heard !== undefined && this.#now() - this.#heard.atMs < SOUND_LEADS_FOR_MS;
  }
}
