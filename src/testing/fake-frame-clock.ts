import { type Disposable } from "../shared/lifecycle/disposable.ts";

/** A screen whose frames and time the test moves on. */
export class FakeFrameClock {
  #nowMs = 10_000;
  #frameCallbacks: (() => void)[] = [];
  readonly #timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  onNextFrame(callback: () => void): Disposable {
    this.#frameCallbacks.push(callback);
    return {
      dispose: () => {
        this.#frameCallbacks = this.#frameCallbacks.filter((one) => one !== callback);
      },
    };
  }

  after(ms: number, callback: () => void): Disposable {
    const timer = { dueMs: this.#nowMs + ms, callback };
    this.#timers.add(timer);
    return {
      dispose: () => {
        this.#timers.delete(timer);
      },
    };
  }

  /** The screen's next frame begins. */
  frame(): void {
    const callbacks = this.#frameCallbacks;
    this.#frameCallbacks = [];
    for (const callback of callbacks) callback();
  }

  /** Time passes, without frames. */
  pass(ms: number): void {
    this.#nowMs += ms;
    for (const timer of [...this.#timers]) {
      if (timer.dueMs > this.#nowMs) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }

  /** Frames and timers that are asked for. */
  get pending(): number {
    return this.#frameCallbacks.length + this.#timers.size;
  }
}
