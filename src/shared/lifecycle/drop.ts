import { isCancelled } from "../errors/app-error.ts";

let sink: (error: unknown) => void = (error) => {
  queueMicrotask(() => {
    throw error;
  });
};

/** Where errors of dropped promises go: the one sink for bugs. The composition root sets it. */
export function setDropSink(next: (error: unknown) => void): void {
  sink = next;
}

/** Leaves a promise alone on purpose. Its error is reported as a bug; a cancellation is not one. */
export function drop(promise: Promise<unknown>): void {
  promise.catch((error: unknown) => {
    if (!isCancelled(error)) sink(error);
  });
}
