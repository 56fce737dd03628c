import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import type { GuestId } from "../../shared/contracts/ids.ts";
import type { GuestState } from "../../shared/contracts/inventory.ts";
import type { Commands } from "../store/commands.ts";
import type { AppState } from "../store/state.ts";
import { configureSlot } from "./console-commands.ts";
import type { PageParts } from "./page-parts.ts";

/** What the guests of the open tabs became with this change, each once; undefined for those that are gone. */
export function changedGuestStates(before: AppState, after: AppState): ReadonlyMap<GuestId, GuestState | undefined> {
  const changed = new Map<GuestId, GuestState | undefined>();
  for (const { guestId } of after.tabs) {
    const state = after.guestById.get(guestId)?.state;
    if (state !== before.guestById.get(guestId)?.state) changed.set(guestId, state);
  }
  return changed;
}

/** Brings what the host process and the live consoles say into the store. */
export function connectEvents(parts: PageParts, commands: Pick<Commands, "openGuest">): Disposable {
  const { api, store, actions, slots, speaker } = parts;
  const owned = new DisposableStore();

  owned.add(
    api.onEvent((event) => {
      switch (event.name) {
        case "inventory": {
          const before = store.getState();
          actions.applyInventory(event.change);
          const changed = changedGuestStates(before, store.getState());
          for (const [guestId, state] of changed) slots.guestStateChanged(guestId, state);
          return;
        }
        case "settings":
          actions.applySettings(event.settings);
          for (const tab of store.getState().tabs) configureSlot(parts, tab.id);
          return;
        case "questions":
          actions.applyQuestions(event.questions);
          return;
        case "show-guest":
          commands.openGuest(event.guestId);
          return;
        case "console-closed":
          // The slot registry hears it itself.
          return;
      }
    }),
  );
  actions.setLink(api.link);
  owned.add(
    api.onLinkChange((link) => {
      actions.setLink(link);
    }),
  );

  owned.add(
    slots.onChange((change) => {
      switch (change.kind) {
        case "state":
          // A new session starts from the general settings; the tab's own choices are given anew.
          if (change.state.phase === "live") configureSlot(parts, change.tabId);
          actions.setSlotState(change.tabId, change.state);
          return;
        case "facts":
          actions.setSlotFacts(change.tabId, change.facts);
          return;
        case "files":
          actions.setTabFiles(change.tabId, change.files);
          return;
        case "remark":
          speaker.notify(change.tone, change.text);
          return;
        case "clipboard":
        case "clipboard-picture":
        case "bell":
          return;
      }
    }),
  );
  return owned;
}
