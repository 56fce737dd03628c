import type { AppInfo } from "../../../shared/contracts/api.ts";
import type { GuestId } from "../../../shared/contracts/ids.ts";
import type { GuestSnapshot, InventoryChange } from "../../../shared/contracts/inventory.ts";
import type { Question } from "../../../shared/contracts/question.ts";
import type { Settings } from "../../../shared/contracts/settings.ts";
import type { LinkState } from "../../host-client/host-api.ts";
import { LayeredMap, mapWith } from "../layered-map.ts";
import type { AppState, Tab } from "../state.ts";

/** Tabs keep their guest's last known name. */
function renameTabs(tabs: readonly Tab[], guests: ReadonlyMap<GuestId, GuestSnapshot>): readonly Tab[] {
  const isStale = (tab: Tab): boolean => {
    const guest = guests.get(tab.guestId);
    return guest !== undefined && guest.name !== tab.guestName;
  };
  if (!tabs.some(isStale)) return tabs;
  return tabs.map((tab) =>
    isStale(tab) ? { ...tab, guestName: guests.get(tab.guestId)?.name ?? tab.guestName } : tab,
  );
}

/** Applies one change of the inventory; the work grows with the change, not with the inventory. */
export function applyInventory(state: AppState, change: InventoryChange): AppState {
  switch (change.kind) {
    case "reset": {
      const guestById = LayeredMap.from(change.guests.map((guest) => [guest.id, guest] as const));
      return {
        ...state,
        hostById: LayeredMap.from(change.hosts.map((host) => [host.id, host] as const)),
        guestById,
        findings: change.findings,
        isInventoryLoaded: true,
        tabs: renameTabs(state.tabs, guestById),
      };
    }
    case "host":
      return { ...state, hostById: mapWith(state.hostById, [[change.host.id, change.host]]) };
    case "host-removed": {
      const removed = [...state.guestById.values()].filter((guest) => guest.hostId === change.hostId);
      return {
        ...state,
        hostById: mapWith(state.hostById, [], [change.hostId]),
        guestById: mapWith(
          state.guestById,
          [],
          removed.map((guest) => guest.id),
        ),
      };
    }
    case "guests": {
      const guestById = mapWith(
        state.guestById,
        change.changed.map((guest) => [guest.id, guest] as const),
        change.removed,
      );
      return { ...state, guestById, tabs: renameTabs(state.tabs, guestById) };
    }
    case "findings":
      return { ...state, findings: change.findings };
  }
}

export function applySettings(state: AppState, settings: Settings): AppState {
  return { ...state, settings };
}

export function applyQuestions(state: AppState, questions: readonly Question[]): AppState {
  return { ...state, questions };
}

export function setApp(state: AppState, app: AppInfo): AppState {
  return { ...state, app };
}

export function setLink(state: AppState, link: LinkState): AppState {
  return state.link === link ? state : { ...state, link };
}
