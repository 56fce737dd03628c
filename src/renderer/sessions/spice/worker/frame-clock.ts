import { toDisposable, type Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { after } from "../../../../shared/lifecycle/timer.ts";

/** When to paint. Tests bring their own. */
export interface FrameClock {
  /** Before the screen's next frame; not while the whole page is hidden. */
  onNextFrame(callback: () => void): Disposable;
  after(ms: number, callback: () => void): Disposable;
  /** Milliseconds; monotonic. */
  now(): number;
}

export const SCREEN_CLOCK: FrameClock = {
  onNextFrame(callback) {
    const handle = requestAnimationFrame(() => {
      frame.dispose();
      callback();
    });
    const frame = toDisposable(() => {
      cancelAnimationFrame(handle);
    });
    return frame;
  },
  after,
  now: () => performance.now(),
};
