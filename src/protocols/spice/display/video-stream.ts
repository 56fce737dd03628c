import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { after } from "../../../shared/lifecycle/timer.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import type { StreamStats } from "./display-events.ts";
import { FRAME_DECODE_TIMEOUT_MS, MAX_WAITING_FRAME_BYTES, MAX_WAITING_FRAMES } from "./display-limits.ts";
import type { Clip, DrawOperation, Rect } from "./draw-types.ts";
import type { PresentClock, StreamVideoDecoder } from "./media-decoders.ts";
import type { OperationQueue } from "./operation-queue.ts";
import type { StreamCreate, StreamFrame } from "./parse/display-message.ts";
import { mmTimeDifference } from "./stream-report.ts";

/** Decoding begins this long before a frame's time: a 1080p JPEG takes 10 to 20 ms in a browser. */
const DECODE_AHEAD_MS = 60;

/** A late frame is shown all the same when the picture is older than this: a slow video is better than a frozen one. */
const LATE_FRAME_GRACE_MS = 200;

/** A frame further ahead than this was timed by another clock (after a migration) and is shown at once. */
const MAX_FRAME_AHEAD_MS = 10_000;

/** The clock may be set while frames wait: look at it again after this long. */
const MAX_TIMER_MS = 1000;

/** MJPEG frames being decoded at once; more are dropped, as the decoder is too slow for the stream. */
const MAX_DECODING_FRAMES = 4;

/** While hidden, one MJPEG frame in this time. */
const HIDDEN_FRAME_MS = 1000;

/** SPICE_ROPD_OP_PUT. */
const ROP_PUT = 8;

interface WaitingFrame extends StreamFrame {
  /** Set once decoding began. */
  decoding?: Promise<PixelImage | undefined>;
}

export interface VideoStreamOptions {
  readonly create: StreamCreate;
  readonly decoder: StreamVideoDecoder;
  readonly clock: PresentClock;
  readonly queue: OperationQueue;
  readonly isHidden: () => boolean;
  readonly paint: (operation: DrawOperation) => void;
}

/**
 * One video stream: keeps frames until their multimedia time, then lets them take their place in the order of operations. From
 * there on a frame that is still being decoded holds back the draws behind it.
 */
export class VideoStream implements Disposable {
  readonly #options: VideoStreamOptions;
  readonly #owned = new DisposableStore();
  /** Each frame of MJPEG stands for itself; those of other codecs must all be decoded. */
  readonly #areFramesIndependent: boolean;
  #clip: Clip;
  #waiting: WaitingFrame[] = [];
  #waitingBytes = 0;
  #decodingCount = 0;
  #timer: Disposable | undefined;
  #lastTakenTime: number | undefined;
  #lastPaintedTime: number | undefined;
  #frames = 0;
  #dropped = 0;
  #skipped = 0;

  constructor(options: VideoStreamOptions) {
    this.#options = options;
    this.#clip = options.create.clip;
    this.#areFramesIndependent = options.create.codec === "mjpeg";
    this.#owned.add(options.decoder);
  }

  get surfaceId(): number {
    return this.#options.create.surfaceId;
  }

  get stats(): StreamStats {
    return { frames: this.#frames, dropped: this.#dropped, skipped: this.#skipped };
  }

  /** STREAM_DATA, STREAM_DATA_SIZED. `marginMs`: what the clock says, until the frame's time. */
  receive(frame: StreamFrame, marginMs: number): void {
    this.#frames += 1;
    if (this.#areFramesIndependent) {
      if (this.#options.isHidden() && this.#isWithin(HIDDEN_FRAME_MS, frame, this.#lastTakenTime)) {
        this.#skipped += 1;
        return;
      }
      if (this.#isTooLate(frame, marginMs) || this.#decodingCount >= MAX_DECODING_FRAMES) {
        this.#dropped += 1;
        return;
      }
    }
    this.#lastTakenTime = frame.mmTime;
    this.#waiting.push({ ...frame });
    this.#waitingBytes += frame.data.length;
    this.#advance();
  }

  /** STREAM_CLIP, in its turn. */
  setClip(clip: Clip): void {
    this.#clip = clip;
  }

  /** The clock was set anew. */
  reschedule(): void {
    this.#advance();
  }

  /** STREAM_DESTROY: frames whose time has not come are not shown any more. Those in the order of operations still are. */
  stop(): void {
    this.#clearTimer();
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  dispose(): void {
    this.stop();
    this.#owned.dispose();
  }

  /** Begins to decode what is due soon, hands over what is due, and sets the timer for the next. */
  #advance(): void {
    this.#clearTimer();
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const isCrowded = this.#waiting.length > MAX_WAITING_FRAMES || this.#waitingBytes > MAX_WAITING_FRAME_BYTES;
      if (!isCrowded && this.#dueIn(next) > 0) break;
      this.#waiting.shift();
      this.#waitingBytes -= next.data.length;
      this.#handOver(next);
    }
    let wakeInMs = MAX_TIMER_MS;
    for (const frame of this.#waiting) {
      if (frame.decoding !== undefined) continue;
      const ahead = this.#dueIn(frame) - DECODE_AHEAD_MS;
      if (ahead > 0) {
        wakeInMs = Math.min(wakeInMs, ahead);
        break;
      }
      frame.decoding = this.#decode(frame);
    }
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#timer = this.#owned.add(
      after(Math.max(0, Math.min(wakeInMs, this.#dueIn(first))), () => {
        this.#advance();
      }),
    );
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#owned.delete(this.#timer);
    this.#timer = undefined;
  }

  #dueIn(frame: StreamFrame): number {
    const dueIn = this.#options.clock.whenDue(frame.mmTime);
    return dueIn > MAX_FRAME_AHEAD_MS ? 0 : dueIn;
  }

  #decode(frame: StreamFrame): Promise<PixelImage | undefined> {
    this.#decodingCount += 1;
    return new Promise((resolve) => {
      let isSettled = false;
      const settle = (image: PixelImage | undefined, options: { isDropped: boolean }): void => {
        if (isSettled) return;
        isSettled = true;
        this.#owned.delete(timer);
        this.#decodingCount -= 1;
        if (options.isDropped) this.#dropped += 1;
        resolve(image);
      };
      const timer = this.#owned.add(
        after(FRAME_DECODE_TIMEOUT_MS, () => {
          settle(undefined, { isDropped: true });
        }),
      );
      this.#options.decoder.decode(frame.data).then(
        (image) => {
          settle(image, { isDropped: false });
        },
        () => {
          settle(undefined, { isDropped: true });
        },
      );
    });
  }

  #handOver(frame: WaitingFrame): void {
    let image: PixelImage | undefined;
    const decoded = (frame.decoding ?? this.#decode(frame)).then((result) => {
      image = result;
    });
    const { width, height } = this.#options.create;
    this.#options.queue.add({
      name: "streamData",
      run: () => {
        if (image !== undefined) this.#paint(frame, image);
      },
      waitsFor: [decoded],
      pixels: width * height,
    });
  }

  #paint(frame: StreamFrame, image: PixelImage): void {
    if (
      !this.#areFramesIndependent &&
      this.#isTooLate(frame, this.#options.clock.whenDue(frame.mmTime) + DECODE_AHEAD_MS)
    ) {
      this.#dropped += 1;
      return;
    }
    this.#lastPaintedTime = frame.mmTime;
    const { create } = this.#options;
    this.#options.paint({
      op: "copy",
      base: { surfaceId: create.surfaceId, box: frame.destination ?? create.destination, clip: this.#clip },
      source: create.isTopDown ? image : upsideDown(image),
      sourceArea: wholeOf(image),
      rop: ROP_PUT,
      scaleMode: "nearest",
      mask: undefined,
    });
  }

  #isTooLate(frame: StreamFrame, marginMs: number): boolean {
    return marginMs < 0 && this.#isWithin(LATE_FRAME_GRACE_MS, frame, this.#lastPaintedTime);
  }

  #isWithin(ms: number, frame: StreamFrame, earlier: number | undefined): boolean {
    return earlier !== undefined && mmTimeDifference(frame.mmTime, earlier) < ms;
  }
}

function wholeOf(image: PixelImage): Rect {
  return { left: 0, top: 0, right: image.width, bottom: image.height };
}

/** Without SPICE_STREAM_FLAGS_TOP_DOWN the guest's rows, and so the encoded ones, run bottom up. */
function upsideDown(image: PixelImage): PixelImage {
  const { width, height } = image;
  const pixels = new Uint32Array(image.pixels.length);
  for (let y = 0; y < height; y += 1) {
    pixels.set(image.pixels.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
  }
  return { ...image, pixels };
}
