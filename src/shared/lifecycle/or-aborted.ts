/** Settles as the promise does, or rejects with the signal's reason: for what may not heed the signal itself. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const handleAbort = (): void => {
      reject(signal.reason);
    };
    if (signal.aborted) handleAbort();
    signal.addEventListener("abort", handleAbort, { once: true });
    void promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", handleAbort);
    });
  });
}
