import { afterEach, beforeEach, expect } from "vitest";
import { trackDisposables } from "../shared/lifecycle/disposable.ts";

/**
 * Call once in a `describe`: each test in it fails when a disposable that it made is still alive at its end.
 * `settle` runs first, for what is released a moment later (a socket that closes).
 */
export function expectNoLeaks(options: { settle?: () => Promise<void> } = {}): void {
  let stop: (() => readonly Error[]) | undefined;
  beforeEach(() => {
    stop = trackDisposables();
  });
  afterEach(async () => {
    await options.settle?.();
    const leaks = stop?.() ?? [];
    stop = undefined;
    expect(leaks.map((leak) => leak.stack ?? leak.message)).toEqual([]);
  });
}
