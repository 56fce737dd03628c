import type { StoreApi } from "zustand/vanilla";
import type { AppState } from "./state.ts";

/**
 * What components hear of the store. While held they hear of no change, and at the release of the newest state: a switch shows
 * the other guest's picture first, and React draws what stands around it a frame later. The store itself is never behind.
 */
export interface Views {
  readonly subscribe: StoreApi<AppState>["subscribe"];
  /** Calls add up; each is released once. */
  readonly hold: () => void;
  readonly release: () => void;
}

export function createViews(store: StoreApi<AppState>): Views {
  const listeners = new Set<(state: AppState, before: AppState) => void>();
  let holds = 0;
  let shown = store.getState();

  const show = (): void => {
    const before = shown;
    const now = store.getState();
    if (holds > 0 || now === before) return;
    shown = now;
    for (const listener of listeners) listener(now, before);
  };
  store.subscribe(show);

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    hold: () => {
      holds += 1;
    },
    release: () => {
      holds = Math.max(0, holds - 1);
      show();
    },
  };
}
