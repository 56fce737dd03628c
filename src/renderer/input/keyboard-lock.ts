import { drop } from "../../shared/lifecycle/drop.ts";

/**
 * Keyboard Lock (https://wicg.github.io/keyboard-lock/): in full screen Alt+Tab, Super, Esc and the browser's own shortcuts
 * come to the page. Chromium has it, in a secure context; elsewhere `isSupported` is false and those keys stay the system's.
 * Whatever is locked, holding Esc for two seconds leaves full screen: that is the browser's own way out.
 */
export interface KeyboardLock {
  readonly isSupported: boolean;
  lock(): void;
  unlock(): void;
}

interface KeyboardLockApi {
  lock(keyCodes?: readonly string[]): Promise<void>;
  unlock(): void;
}

export function createKeyboardLock(window: Window): KeyboardLock {
  // TypeScript's DOM library does not have it, as it is not in every browser.
  const { keyboard } = window.navigator as Navigator & { readonly keyboard?: KeyboardLockApi };
  const lock = async (api: KeyboardLockApi): Promise<void> => {
    try {
      await api.lock();
    } catch {
      // Refused (another document has it, or full screen was left again): keys then stay the system's, as without the API.
    }
  };
  return {
    isSupported: keyboard !== undefined,
    lock: () => {
      if (keyboard) drop(lock(keyboard));
    },
    unlock: () => {
      keyboard?.unlock();
    },
  };
}
