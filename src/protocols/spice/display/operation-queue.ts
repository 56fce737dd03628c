import { ProtocolError } from "../../bytes/protocol-error.ts";
import { MAX_WAITING_OPERATIONS, MAX_WAITING_PIXELS } from "./display-limits.ts";

export interface QueuedOperation {
  /** For the error of one that had to wait: the message's name. */
  readonly name: string;
  readonly run: () => void;
  /** It runs when these are fulfilled. */
  readonly waitsFor?: readonly Promise<unknown>[];
  /** What it holds while it waits. */
  readonly pixels?: number;
}

interface WaitingOperation extends QueuedOperation {
  isReady: boolean;
}

/**
 * Runs what a display channel does in the order in which it was added. An operation whose pictures are not there yet holds
 * back all behind it; without one, everything runs at once. The first error ends the queue: nothing runs any more.
 */
export class OperationQueue {
  readonly #handleFailure: (error: Error) => void;
  #waiting: WaitingOperation[] = [];
  #waitingPixels = 0;
  #room: { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } | undefined;
  #isEnded = false;

  /** `handleFailure` hears of an error that no caller could be given: of an operation that had to wait. It names the operation. */
  constructor(options: { readonly handleFailure: (error: Error) => void }) {
    this.#handleFailure = options.handleFailure;
  }

  get isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING_OPERATIONS || this.#waitingPixels >= MAX_WAITING_PIXELS;
  }

  /**
   * Runs the operation now, when it waits for nothing and nothing is before it; its error is then thrown. Else it runs when its
   * promises are fulfilled and all before it has run.
   */
  add(operation: QueuedOperation): void {
    if (this.#isEnded) return;
    const { waitsFor = [], pixels = 0 } = operation;
    if (waitsFor.length === 0 && this.#waiting.length === 0) {
      operation.run();
      return;
    }
    const waiting: WaitingOperation = { ...operation, isReady: waitsFor.length === 0 };
    this.#waiting.push(waiting);
    this.#waitingPixels += pixels;
    if (waiting.isReady) return;
    Promise.all(waitsFor).then(
      () => {
        waiting.isReady = true;
        this.#runReady();
      },
      (error: unknown) => {
        this.#fail(error, operation.name);
      },
    );
  }

  /** Fulfilled when the queue is not full any more; rejected when it fails before. */
  whenRoom(): Promise<void> {
    if (this.#room === undefined) {
      let resolve = (): void => undefined;
      let reject: (error: unknown) => void = () => undefined;
      const promise = new Promise<void>((fulfil, refuse) => {
        resolve = fulfil;
        reject = refuse;
      });
      this.#room = { promise, resolve, reject };
    }
    return this.#room.promise;
  }

  /** Whoever waits for room is let go. */
  dispose(): void {
    this.#end();
    this.#room?.resolve();
    this.#room = undefined;
  }

  #runReady(): void {
    let next = this.#waiting[0];
    while (next?.isReady === true) {
      this.#waiting.shift();
      this.#waitingPixels -= next.pixels ?? 0;
      try {
        next.run();
      } catch (error) {
        this.#fail(error, next.name);
        return;
      }
      next = this.#waiting[0];
    }
    if (this.#room !== undefined && !this.isFull) {
      this.#room.resolve();
      this.#room = undefined;
    }
  }

  #fail(cause: unknown, name: string): void {
    if (this.#isEnded) return;
    this.#end();
    const error =
      cause instanceof ProtocolError
        ? new ProtocolError(cause.reason, `${name}: ${cause.message}`)
        : new Error(`${name} could not be performed`, { cause });
    const room = this.#room;
    this.#room = undefined;
    if (room === undefined) this.#handleFailure(error);
    else room.reject(error);
  }

  #end(): void {
    this.#isEnded = true;
    this.#waiting = [];
    this.#waitingPixels = 0;
  }
}

/** Whatever a decoder of the surroundings rejected with, as the engine's own error. */
export function asProtocolError(error: unknown, what: string): ProtocolError {
  if (error instanceof ProtocolError) return error;
  return new ProtocolError("malformed", `${what}: ${error instanceof Error ? error.message : String(error)}`);
}
