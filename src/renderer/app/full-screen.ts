import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import type { DesktopApi } from "../../shared/contracts/desktop.ts";
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

/** `desktop`: the shell's window is made full screen, not only the page, so that it stays so over a reload and in its menu. */
export function createFullScreen(
  { actions, speaker }: Pick<PageParts, "actions" | "speaker">,
  desktop: DesktopApi | undefined,
): FullScreen {
  const owned = new DisposableStore();
  let isWindowFull = false;
  const handleChange = (): void => {
    const isFullScreen = isWindowFull || document.fullscreenElement !== null;
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
  if (desktop !== undefined) {
    owned.defer(
      desktop.onEvent((event) => {
        if (event.name !== "fullScreenChanged") return;
        isWindowFull = event.isFullScreen;
        handleChange();
      }),
    );
  }
  return {
    toggle: () => {
      if (desktop !== undefined) {
        drop(desktop.setFullScreen(!isWindowFull));
        return;
      }
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
