import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { type KeyboardLock } from "./keyboard-lock.ts";

/** Full screen of the whole page, with every system key going to the page while it lasts. */
export interface FullScreen extends Disposable {
  readonly isFullScreen: boolean;
  toggle(): void;
  leave(): void;
}

export interface FullScreenOptions {
  readonly window: Window & typeof globalThis;
  readonly keyboardLock: KeyboardLock;
  onChange(isFullScreen: boolean): void;
  /** The browser did not allow it: there was no user's act, or a policy forbids it. */
  onRefused(): void;
}

export function createFullScreen(options: FullScreenOptions): FullScreen {
  const { document } = options.window;
  const owned = new DisposableStore();

  const handleChange = (): void => {
    const isFullScreen = document.fullscreenElement !== null;
    if (isFullScreen) options.keyboardLock.lock();
    else options.keyboardLock.unlock();
    options.onChange(isFullScreen);
  };

  const enter = async (): Promise<void> => {
    try {
      // "hide": no bar of the browser; the app's toolbar at the top edge is the way out beside the hotkey.
      await document.documentElement.requestFullscreen({ navigationUI: "hide" });
    } catch {
      options.onRefused();
    }
  };

  const leave = async (): Promise<void> => {
    try {
      await document.exitFullscreen();
    } catch {
      // It was left in the meantime.
    }
  };

  document.addEventListener("fullscreenchange", handleChange);
  owned.defer(() => {
    document.removeEventListener("fullscreenchange", handleChange);
  });

  return {
    get isFullScreen() {
      return document.fullscreenElement !== null;
    },
    toggle: () => {
      drop(document.fullscreenElement === null ? enter() : leave());
    },
    leave: () => {
      if (document.fullscreenElement !== null) drop(leave());
    },
    dispose: () => {
      options.keyboardLock.unlock();
      owned.dispose();
    },
  };
}
