import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { layoutOf } from "../store/actions/layout.ts";
import type { WindowId } from "../../shared/contracts/ids.ts";
import type { AppState } from "../store/state.ts";
import type { PageParts } from "./page-parts.ts";

/** A drag changes the layout many times; it is saved when it has rested this long. */
const SAVE_DELAY_MS = 400;

const SAVED_PARTS = [
  "tabs",
  "activeTabId",
  "isSidebarOpen",
  "sidebarWidthPx",
  "foldedIds",
  "preferredConsoleByGuest",
  "isFirstRunDone",
] as const satisfies readonly (keyof AppState)[];

/** Saves the layout when it has changed, from now on. Only the main window has one. */
export function keepLayout({ api, store }: Pick<PageParts, "api" | "store">, windowId: WindowId): Disposable {
  const owned = new DisposableStore();
  let saved = JSON.stringify(layoutOf(store.getState()));
  let timer: Disposable | undefined;

  const save = (): void => {
    timer?.dispose();
    timer = undefined;
    const layout = layoutOf(store.getState());
    const text = JSON.stringify(layout);
    // A tab's state is no part of the layout, though it is a part of `tabs`.
    if (text === saved) return;
    const before = saved;
    saved = text;
    drop(
      api.call("layout.save", { windowId, layout }).catch(() => {
        // The link is down; the next change, or the same one again, is saved when it is back.
        if (saved === text) saved = before;
      }),
    );
  };

  owned.defer(
    store.subscribe((state, before) => {
      if (SAVED_PARTS.every((part) => state[part] === before[part])) return;
      timer ??= after(SAVE_DELAY_MS, save);
    }),
  );
  owned.add(
    api.onLinkChange((link) => {
      if (link === "up") timer ??= after(SAVE_DELAY_MS, save);
    }),
  );
  window.addEventListener("pagehide", save);
  owned.defer(() => {
    window.removeEventListener("pagehide", save);
  });
  owned.defer(() => timer?.dispose());
  return owned;
}
