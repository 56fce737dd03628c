import { LAYOUT_VERSION, type Layout, type SavedTab } from "../../../shared/contracts/layout.ts";
import type { ConsoleId, GuestId, TabId } from "../../../shared/contracts/ids.ts";
import type { ConsoleProtocol } from "../../../shared/contracts/inventory.ts";
import { mapWith } from "../layered-map.ts";
import type { AppState } from "../state.ts";
import { activateTab, createTab } from "./tabs.ts";

/** The parts of the state that a restart brings back; when none of them changed there is nothing to save. */
export function layoutOf(state: AppState): Layout {
  return {
    version: LAYOUT_VERSION,
    tabs: state.tabs.map(({ guestId, consoleId, guestName, protocol, isPinned, screenIndex, portName }) => ({
      guestId,
      consoleId,
      guestName,
      protocol,
      isPinned,
      ...(screenIndex === undefined ? {} : { screenIndex }),
      ...(portName === undefined ? {} : { portName }),
    })),
    activeTabIndex: state.tabs.findIndex((tab) => tab.id === state.activeTabId),
    sidebar: { isOpen: state.isSidebarOpen, widthPx: state.sidebarWidthPx },
    folded: [...state.foldedIds],
    preferredConsoles: Object.fromEntries(state.preferredConsoleByGuest),
    isFirstRunDone: state.isFirstRunDone,
  };
}

/** What a saved tab speaks: as its guest says now, else as it was. */
function protocolOfSavedTab(state: AppState, tab: SavedTab): ConsoleProtocol {
  if (tab.portName !== undefined) return "serial";
  const known = state.guestById.get(tab.guestId)?.consoles.find((console) => console.id === tab.consoleId)?.protocol;
  return known ?? tab.protocol ?? "vnc";
}

/** Brings back a saved layout; `tabIds` gives each saved tab its id in this page. */
export function restoreLayout(state: AppState, layout: Layout, tabIds: readonly TabId[]): AppState {
  const saved = layout.tabs.flatMap((tab, index) => {
    const id = tabIds[index];
    if (id === undefined) return [];
    const { screenIndex, portName, ...rest } = tab;
    const place = {
      ...(screenIndex === undefined ? {} : { screenIndex }),
      ...(portName === undefined ? {} : { portName }),
    };
    return [createTab(state, { ...rest, ...place, id, protocol: protocolOfSavedTab(state, tab) })];
  });
  const restored: AppState = {
    ...state,
    tabs: [...saved.filter((tab) => tab.isPinned), ...saved.filter((tab) => !tab.isPinned)],
    recentTabIds: saved.map((tab) => tab.id),
    isSidebarOpen: layout.sidebar.isOpen,
    sidebarWidthPx: layout.sidebar.widthPx,
    foldedIds: new Set(layout.folded),
    preferredConsoleByGuest: mapWith(
      new Map<GuestId, ConsoleId>(),
      Object.entries(layout.preferredConsoles).map(([guestId, consoleId]) => [guestId as GuestId, consoleId] as const),
    ),
    isFirstRunDone: layout.isFirstRunDone,
  };
  const active = tabIds[layout.activeTabIndex] ?? saved[0]?.id;
  return active === undefined ? restored : activateTab(restored, active);
}
