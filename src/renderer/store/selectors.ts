import type { TabId } from "../../shared/contracts/ids.ts";
import type { AppState, Tab } from "./state.ts";

export function activeTabOf(state: AppState): Tab | undefined {
  return state.tabs.find((tab) => tab.id === state.activeTabId);
}

export function tabOf(state: AppState, tabId: TabId): Tab | undefined {
  return state.tabs.find((tab) => tab.id === tabId);
}
