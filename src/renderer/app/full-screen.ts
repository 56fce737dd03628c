import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import type { PageParts } from "./page-parts.ts";

/** Keyboard Lock (https://wicg.github.io/keyboard-lock/): in full screen the system's keys come to the page too. */
interface KeyboardWithLock {
  lock(): Promise<void>;
  unlock(): void;
}

function keyboardLock(): KeyboardWithLock | undefined {
  return (navigator as { keyboard?: KeyboardWithLock }).keyboard;
}

export interface FullScreen extends Disposable {
  readonly toggle: () => void;
}

export function createFullScreen({ actions, speaker }: Pick<PageParts, "actions" | "speaker">): FullScreen {
  const owned = new DisposableStore();
  const handleChange = (): void => {
    const isFullScreen = document.fullscreenElement !== null;
    actions.setFullScreen(isFullScreen);
    // A browser without the lock, or one that refuses it, keeps its own keys; full screen is of use all the same.
    if (isFullScreen)
      drop(
        keyboardLock()
          ?.lock()
          .catch(() => undefined) ?? Promise.resolve(),
      );
    else keyboardLock()?.unlock();
  };
  document.addEventListener("fullscreenchange", handleChange);
  owned.defer(() => {
    document.removeEventListener("fullscreenchange", handleChange);
  });
  return {
    toggle: () => {
      const done =
        document.fullscreenElement === null
          ? document.documentElement.requestFullscreen({ navigationUI: "hide" })
          : document.exitFullscreen();
      done.catch(() => {
        speaker.notify("error", "The browser did not allow full screen; try its own key, F11.");
      });
    },
    dispose: () => {
      owned.dispose();
    },
  };
}
