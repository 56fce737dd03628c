import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import type { GuestId } from "../../shared/contracts/ids.ts";
import type { GuestSnapshot, InventoryChange } from "../../shared/contracts/inventory.ts";
import type { Commands } from "../store/commands.ts";
import type { AppState } from "../store/state.ts";
import { configureSlot } from "./console-commands.ts";
import type { PageParts } from "./page-parts.ts";

/** Guests that came (back) to life with this change: a console that waits for one need not wait out its pause. */
export function wokenGuests(before: AppState, change: InventoryChange): GuestId[] {
  const isAwake = (guest: GuestSnapshot | undefined): boolean =>
    guest !== undefined && (guest.state === "running" || guest.state === "paused");
  const guests = change.kind === "guests" ? change.changed : change.kind === "reset" ? change.guests : [];
  return guests.filter((guest) => isAwake(guest) && !isAwake(before.guestById.get(guest.id))).map((guest) => guest.id);
}

/** Brings what the host process and the live consoles say into the store. */
export function connectEvents(parts: PageParts, commands: Pick<Commands, "openGuest">): Disposable {
  const { api, store, actions, slots } = parts;
  const owned = new DisposableStore();

  owned.add(
    api.onEvent((event) => {
      switch (event.name) {
        case "inventory": {
          const before = store.getState();
          actions.applyInventory(event.change);
          const woken = wokenGuests(before, event.change);
          for (const tab of before.tabs) {
            if (!woken.includes(tab.guestId)) continue;
            if (tab.state.phase === "suspended" || tab.state.phase === "reconnecting") slots.get(tab.id)?.retryNow();
          }
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
        case "clipboard":
        case "bell":
          return;
      }
    }),
  );
  return owned;
}
