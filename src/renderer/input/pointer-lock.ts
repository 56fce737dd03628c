import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";

/** Pointer lock of one element, for a guest that has only a relative mouse. */
export interface PointerLock extends Disposable {
  readonly isLocked: boolean;
  /** Only within a user's act (a click). Refused silently where the browser does not allow it yet: the next click asks again. */
  lock(): void;
  unlock(): void;
}

export interface PointerLockOptions {
  readonly element: HTMLElement;
  onChange(isLocked: boolean): void;
}

export function createPointerLock(options: PointerLockOptions): PointerLock {
  const { element } = options;
  const document = element.ownerDocument;
  const owned = new DisposableStore();
  let isLocked = false;

  const handleChange = (): void => {
    const isNow = document.pointerLockElement === element;
    if (isNow === isLocked) return;
    isLocked = isNow;
    options.onChange(isLocked);
  };

  const request = async (): Promise<void> => {
    try {
      // Movements as the mouse made them: the guest has an acceleration of its own.
      await element.requestPointerLock({ unadjustedMovement: true });
    } catch (error) {
      // Not every platform has unadjusted movement.
      if (error instanceof DOMException && error.name === "NotSupportedError") await requestAdjusted();
    }
  };

  const requestAdjusted = async (): Promise<void> => {
    try {
      await element.requestPointerLock();
    } catch {
      // Chromium refuses for a second after the user left with Esc.
    }
  };

  document.addEventListener("pointerlockchange", handleChange);
  owned.defer(() => {
    document.removeEventListener("pointerlockchange", handleChange);
  });

  const unlock = (): void => {
    if (document.pointerLockElement === element) document.exitPointerLock();
  };
  owned.defer(unlock);

  return {
    get isLocked() {
      return isLocked;
    },
    lock: () => {
      if (document.pointerLockElement !== element) drop(request());
    },
    unlock,
    dispose: () => {
      owned.dispose();
    },
  };
}
