import { toDisposable, type Disposable } from "./disposable.ts";

/** The only file that may call setTimeout and setInterval (lint), so that a timer dies with its owner. */

/** Runs `callback` once after `ms` milliseconds, unless disposed before. */
export function after(ms: number, callback: () => void): Disposable {
  const disposable = toDisposable(() => {
    clearTimeout(handle);
  });
  const handle = setTimeout(() => {
    disposable.dispose();
    callback();
  }, ms);
  return disposable;
}

/** Runs `callback` every `ms` milliseconds until disposed. */
export function every(ms: number, callback: () => void): Disposable {
  const handle = setInterval(callback, ms);
  return toDisposable(() => {
    clearInterval(handle);
  });
}

/** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
export function delay(ms: number, options: { signal?: AbortSignal } = {}): Promise<void> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const handleAbort = (): void => {
      timer.dispose();
      reject(signal?.reason);
    };
    const timer = after(ms, () => {
      signal?.removeEventListener("abort", handleAbort);
      resolve();
    });
    signal?.addEventListener("abort", handleAbort, { once: true });
  });
}
