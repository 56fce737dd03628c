/** A thing that holds something and lets go of it exactly once. `dispose` may be called again and then does nothing. */
export interface Disposable {
  dispose(): void;
}

/** What `trackDisposables` saw created and not yet disposed. Only tests switch this on. */
let liveDisposables: Map<object, Error> | undefined;

/**
 * Starts to record every disposable made by this module; returns the function that stops and gives the
 * creation stacks of those still alive. For `expectNoLeaks()` in tests.
 */
export function trackDisposables(): () => readonly Error[] {
  const mine = new Map<object, Error>();
  liveDisposables = mine;
  return () => {
    if (liveDisposables === mine) liveDisposables = undefined;
    return [...mine.values()];
  };
}

function markCreated(owner: object): void {
  liveDisposables?.set(owner, new Error("created here and never disposed"));
}

function markDisposed(owner: object): void {
  liveDisposables?.delete(owner);
}

/** Wraps a release function; it runs once. */
export function toDisposable(release: () => void): Disposable {
  let isDisposed = false;
  const disposable: Disposable = {
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      markDisposed(disposable);
      release();
    },
  };
  markCreated(disposable);
  return disposable;
}

/**
 * Owns disposables and releases them together, last in first out. What is added after `dispose` is released
 * at once, so a late callback cannot leak. An error in one release does not keep the others alive.
 */
export class DisposableStore implements Disposable {
  readonly #owned = new Set<Disposable>();
  #isDisposed = false;

  constructor() {
    markCreated(this);
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  add<T extends Disposable>(disposable: T): T {
    if (this.#isDisposed) disposable.dispose();
    else this.#owned.add(disposable);
    return disposable;
  }

  /** Registers a release function. */
  defer(release: () => void): Disposable {
    return this.add(toDisposable(release));
  }

  /** Releases one disposable now and forgets it. */
  delete(disposable: Disposable): void {
    this.#owned.delete(disposable);
    disposable.dispose();
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    markDisposed(this);
    const errors: unknown[] = [];
    for (const disposable of [...this.#owned].reverse()) {
      try {
        disposable.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#owned.clear();
    if (errors.length > 0) throw new AggregateError(errors, "a disposable failed to release");
  }
}
