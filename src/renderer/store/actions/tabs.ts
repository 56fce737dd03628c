import type { ConsoleId, GuestId, TabId } from "../../../shared/contracts/ids.ts";
import type { ConsoleProtocol } from "../../../shared/contracts/inventory.ts";
import type { ScalingMode } from "../../../shared/contracts/settings.ts";
import type { SlotState } from "../../sessions/console-slot.ts";
import type { FileTransfer, SessionFacts } from "../../sessions/session.ts";
import { mapWith } from "../layered-map.ts";
import type { AppState, Tab } from "../state.ts";

/** More closed tabs than this are forgotten. */
const MAX_CLOSED_TABS = 50;

export interface NewTab {
  readonly id: TabId;
  readonly guestId: GuestId;
  readonly consoleId: ConsoleId;
  readonly protocol: ConsoleProtocol;
  readonly guestName: string;
  readonly isPinned?: boolean;
  readonly screenIndex?: number;
  readonly portName?: string;
}

/** A tab as it starts, from the settings that hold now. */
export function createTab(state: AppState, tab: NewTab): Tab {
  return {
    ...tab,
    isPinned: tab.isPinned ?? false,
    state: { phase: "connecting" },
    facts: undefined,
    scaling: state.settings.console.scaling,
    isViewOnly: state.settings.console.isViewOnly,
  };
}

/** INVARIANT: pinned tabs come before the others; every action that sets `tabs` goes through here. */
function pinnedFirst(tabs: readonly Tab[]): readonly Tab[] {
  return [...tabs.filter((tab) => tab.isPinned), ...tabs.filter((tab) => !tab.isPinned)];
}

function changeTab(state: AppState, tabId: TabId, change: (tab: Tab) => Tab): AppState {
  const at = state.tabs.findIndex((tab) => tab.id === tabId);
  const tab = state.tabs[at];
  if (tab === undefined) return state;
  const changed = change(tab);
  return changed === tab ? state : { ...state, tabs: state.tabs.with(at, changed) };
}

/** Adds a tab at the end and shows it; `isBackground` only adds it. */
export function openTab(state: AppState, tab: NewTab, options: { isBackground?: boolean } = {}): AppState {
  const opened: AppState = {
    ...state,
    tabs: pinnedFirst([...state.tabs, createTab(state, tab)]),
    recentTabIds: [...state.recentTabIds, tab.id],
    preferredConsoleByGuest:
      state.preferredConsoleByGuest.get(tab.guestId) === tab.consoleId
        ? state.preferredConsoleByGuest
        : mapWith(state.preferredConsoleByGuest, [[tab.guestId, tab.consoleId]]),
  };
  return options.isBackground === true ? opened : activateTab(opened, tab.id);
}

export function activateTab(state: AppState, tabId: TabId): AppState {
  if (state.activeTabId === tabId || !state.tabs.some((tab) => tab.id === tabId)) return state;
  return {
    ...state,
    activeTabId: tabId,
    recentTabIds: [tabId, ...state.recentTabIds.filter((id) => id !== tabId)],
  };
}

/** Moves a tab to a place in the row; it stays among the pinned or the unpinned ones. */
export function moveTab(state: AppState, tabId: TabId, toIndex: number): AppState {
  const at = state.tabs.findIndex((tab) => tab.id === tabId);
  const tab = state.tabs[at];
  if (tab === undefined) return state;
  const others = state.tabs.toSpliced(at, 1);
  const tabs = pinnedFirst(others.toSpliced(Math.max(0, Math.min(toIndex, others.length)), 0, tab));
  return tabs.every((each, index) => each === state.tabs[index]) ? state : { ...state, tabs };
}

export function pinTab(state: AppState, tabId: TabId, isPinned: boolean): AppState {
  const changed = changeTab(state, tabId, (tab) => (tab.isPinned === isPinned ? tab : { ...tab, isPinned }));
  return changed === state ? state : { ...changed, tabs: pinnedFirst(changed.tabs) };
}

/** Closes a tab; the most recently used of the others is shown. */
export function closeTab(state: AppState, tabId: TabId): AppState {
  const closed = state.tabs.find((tab) => tab.id === tabId);
  if (closed === undefined) return state;
  const recentTabIds = state.recentTabIds.filter((id) => id !== tabId);
  return {
    ...state,
    tabs: state.tabs.filter((tab) => tab.id !== tabId),
    recentTabIds,
    activeTabId: state.activeTabId === tabId ? recentTabIds[0] : state.activeTabId,
    closedTabs: [...state.closedTabs, closed].slice(-MAX_CLOSED_TABS),
  };
}

/** Opens the tab that was closed last, under a new id, for its session is gone. */
export function reopenTab(state: AppState, newId: TabId): AppState {
  const last = state.closedTabs.at(-1);
  if (last === undefined) return state;
  return openTab({ ...state, closedTabs: state.closedTabs.slice(0, -1) }, { ...last, id: newId });
}

export function setSlotState(state: AppState, tabId: TabId, slotState: SlotState): AppState {
  return changeTab(state, tabId, (tab) => ({ ...tab, state: slotState }));
}

export function setSlotFacts(state: AppState, tabId: TabId, facts: SessionFacts): AppState {
  return changeTab(state, tabId, (tab) => ({ ...tab, facts }));
}

export function setTabFiles(state: AppState, tabId: TabId, files: readonly FileTransfer[]): AppState {
  return changeTab(state, tabId, (tab) =>
    files.length === 0 && (tab.files ?? []).length === 0 ? tab : { ...tab, files },
  );
}

export function setTabScaling(state: AppState, tabId: TabId, scaling: ScalingMode): AppState {
  return changeTab(state, tabId, (tab) => (tab.scaling === scaling ? tab : { ...tab, scaling }));
}

export function setTabViewOnly(state: AppState, tabId: TabId, isViewOnly: boolean): AppState {
  return changeTab(state, tabId, (tab) => (tab.isViewOnly === isViewOnly ? tab : { ...tab, isViewOnly }));
}
