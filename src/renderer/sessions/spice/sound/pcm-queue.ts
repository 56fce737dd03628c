/** Sound of one moment: samples of -1..1, one array a channel, all of the same length. */
export interface PcmBlock {
  readonly channels: readonly Float32Array[];
  /** The multimedia time of its first sample, milliseconds. */
  readonly mediaMs: number;
}

/**
 * So much waits before sound begins, and is aimed at from there on: four of the guest's 10 ms packets and one block of the
 * sound card's, which rides out a busy moment of the page's machine, and is below what makes lips and words part (45 ms early).
 */
export const DEFAULT_TARGET_MS = 60;

/** A guest may want more to be in step with its video; not more than this. */
const MAX_TARGET_MS = 500;

/** Above the target by more than this, the oldest is thrown away: a delay that grew does not go by itself. */
const MAX_EXCESS_MS = 140;

/** The clocks of two sound cards differ by less than 0.1 %; half a percent catches up unheard. */
const MAX_RATE_CHANGE = 0.005;

interface Mark {
  /** The number of the frame since the beginning. */
  readonly frame: number;
  readonly mediaMs: number;
}

/**
 * What has come and was not heard yet. Begins when the target is there, begins anew when it ran dry, and plays a little faster or
 * slower to stay near the target. Knows no clock: the sound card's reads are one.
 *
 * INVARIANT: holds at most target + MAX_EXCESS_MS, whatever is pushed.
 */
export class PcmQueue {
  readonly #channelCount: number;
  readonly #framesPerMs: number;
  #targetFrames: number;
  #capacity: number;
  #rings: Float32Array[];
  /** Frames since the beginning: written, and read (with a fraction). */
  #written = 0;
  #read = 0;
  #isPlaying = false;
  #underruns = 0;
  #marks: Mark[] = [];

  constructor(options: { readonly channelCount: number; readonly sampleRateHz: number; readonly targetMs?: number }) {
    this.#channelCount = options.channelCount;
    this.#framesPerMs = options.sampleRateHz / 1000;
    this.#targetFrames = this.#framesOf(options.targetMs ?? DEFAULT_TARGET_MS);
    this.#capacity = this.#neededCapacity();
    this.#rings = this.#emptyRings();
  }

  /** How often sound was wanted and not there, since the beginning. */
  get underruns(): number {
    return this.#underruns;
  }

  get queuedMs(): number {
    return (this.#written - this.#read) / this.#framesPerMs;
  }

  /** The multimedia time of what is read next; undefined while nothing plays. */
  get heardMediaMs(): number | undefined {
    if (!this.#isPlaying) return undefined;
    const mark = this.#marks.findLast(({ frame }) => frame <= this.#read) ?? this.#marks[0];
    return mark === undefined ? undefined : mark.mediaMs + (this.#read - mark.frame) / this.#framesPerMs;
  }

  setTarget(targetMs: number): void {
    this.#targetFrames = this.#framesOf(Math.min(Math.max(targetMs, DEFAULT_TARGET_MS), MAX_TARGET_MS));
    if (this.#neededCapacity() <= this.#capacity) return;
    const kept = this.#takeAll();
    this.#capacity = this.#neededCapacity();
    this.#rings = this.#emptyRings();
    this.#written = this.#read = Math.floor(this.#read);
    this.#append(kept);
  }

  push(block: PcmBlock): void {
    const frames = block.channels[0]?.length ?? 0;
    if (frames === 0) return;
    this.#marks.push({ frame: this.#written, mediaMs: block.mediaMs });
    this.#append(block.channels);
    const excess = this.#written - this.#read - (this.#targetFrames + this.#framesOf(MAX_EXCESS_MS));
    if (excess > 0) this.#read = Math.floor(this.#written - this.#targetFrames);
    while ((this.#marks[1]?.frame ?? Number.POSITIVE_INFINITY) <= this.#read) this.#marks.shift();
  }

  /** Fills the whole of the outputs, with silence where there is nothing. Outputs beyond the guest's channels get its last one. */
  read(outputs: readonly Float32Array[]): void {
    const wanted = outputs[0]?.length ?? 0;
    if (!this.#isPlaying && this.#written - this.#read >= this.#targetFrames) this.#isPlaying = true;
    const rate = this.#isPlaying ? this.#rate() : 0;
    // One frame more than the last that is used, to draw the line to.
    const possible = rate === 0 ? 0 : Math.max(Math.floor((this.#written - 1 - this.#read) / rate), 0);
    const count = Math.min(wanted, possible);
    for (const [index, output] of outputs.entries()) {
      const ring = this.#rings[Math.min(index, this.#channelCount - 1)];
      if (ring !== undefined) this.#resample(ring, output, count, rate);
      output.fill(0, count);
    }
    this.#read += count * rate;
    if (this.#isPlaying && count < wanted) {
      this.#isPlaying = false;
      this.#underruns += 1;
    }
  }

  #resample(ring: Float32Array, output: Float32Array, count: number, rate: number): void {
    for (let at = 0; at < count; at += 1) {
      const position = this.#read + at * rate;
      const frame = Math.floor(position);
      const before = ring[frame % this.#capacity] ?? 0;
      const after = ring[(frame + 1) % this.#capacity] ?? 0;
      output[at] = before + (after - before) * (position - frame);
    }
  }

  /** Frames read for each frame heard. */
  #rate(): number {
    const excess = (this.#written - this.#read - this.#targetFrames) / this.#targetFrames;
    // Within a quarter of the target nothing is done: packets come in steps.
    if (Math.abs(excess) < 0.25) return 1;
    return 1 + Math.max(-MAX_RATE_CHANGE, Math.min(MAX_RATE_CHANGE, excess * MAX_RATE_CHANGE));
  }

  #append(channels: readonly Float32Array[]): void {
    const frames = channels[0]?.length ?? 0;
    const skipped = Math.max(0, frames - this.#capacity);
    for (let channel = 0; channel < this.#channelCount; channel += 1) {
      const ring = this.#rings[channel];
      const source = channels[Math.min(channel, channels.length - 1)];
      if (ring === undefined || source === undefined) continue;
      for (let at = skipped; at < frames; at += 1) ring[(this.#written + at) % this.#capacity] = source[at] ?? 0;
    }
    this.#written += frames;
  }

  #takeAll(): Float32Array[] {
    const from = Math.floor(this.#read);
    return this.#rings.map((ring) =>
      Float32Array.from({ length: this.#written - from }, (_, at) => ring[(from + at) % this.#capacity] ?? 0),
    );
  }

  #emptyRings(): Float32Array[] {
    return Array.from({ length: this.#channelCount }, () => new Float32Array(this.#capacity));
  }

  #neededCapacity(): number {
    return this.#targetFrames + 2 * this.#framesOf(MAX_EXCESS_MS);
  }

  #framesOf(ms: number): number {
    return Math.round(ms * this.#framesPerMs);
  }
}
