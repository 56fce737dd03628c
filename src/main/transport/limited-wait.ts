import { AppError, cancelled } from "../../shared/errors/app-error.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";

/** The error with which a wait ends when its signal aborts: the signal's own AppError, a timeout's, else CANCELLED. */
export function abortErrorOf(signal: AbortSignal, timeoutError?: () => AppError): AppError {
  const reason: unknown = signal.reason;
  if (reason instanceof AppError) return reason;
  if (timeoutError !== undefined && reason instanceof Error && reason.name === "TimeoutError") return timeoutError();
  return cancelled();
}

export interface WaitLimits {
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** Made when the limit passes. */
  readonly limitError: () => AppError;
}

/**
 * One wait on the outside: it ends by `resolve` or `reject`, by the signal or by the limit, once. What `owned` holds is
 * released at any end, before the promise settles.
 */
export function waitWithLimit<T>(
  limits: WaitLimits,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void, owned: DisposableStore) => void,
): Promise<T> {
  const { signal, limitMs, limitError } = limits;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortErrorOf(signal, limitError));
      return;
    }
    const owned = new DisposableStore();
    const handleAbort = (): void => {
      owned.dispose();
      reject(abortErrorOf(signal, limitError));
    };
    signal.addEventListener("abort", handleAbort);
    owned.defer(() => signal.removeEventListener("abort", handleAbort));
    owned.add(
      after(limitMs, () => {
        owned.dispose();
        reject(limitError());
      }),
    );
    const finish = (settle: () => void): void => {
      if (owned.isDisposed) return;
      owned.dispose();
      settle();
    };
    try {
      start(
        (value) => finish(() => resolve(value)),
        (error) => finish(() => reject(error instanceof Error ? error : new Error("a wait failed", { cause: error }))),
        owned,
      );
    } catch (error) {
      owned.dispose();
      reject(error instanceof Error ? error : new Error("a wait failed", { cause: error }));
    }
  });
}
