import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";

/** A page that nobody sees gets no frames; then the wait ends here. */
const NO_FRAME_MS = 100;

/** Runs `act` in a task of its own when the next frame is on its way to the screen, so that nothing of it delays that frame. */
export function afterFrame(act: () => void): Disposable {
  const owned = new DisposableStore();
  const run = (): void => {
    if (owned.isDisposed) return;
    owned.dispose();
    act();
  };
  const frame = requestAnimationFrame(() => {
    // The frame is painted when its animation callbacks are done; a timer comes after that.
    owned.add(after(0, run));
  });
  owned.defer(() => {
    cancelAnimationFrame(frame);
  });
  owned.add(after(NO_FRAME_MS, run));
  return owned;
}
