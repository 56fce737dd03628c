import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import { DEFAULT_SETTINGS } from "../../shared/contracts/settings.ts";
import * as inventory from "./actions/inventory.ts";
import * as layout from "./actions/layout.ts";
import * as page from "./actions/page.ts";
import * as tabs from "./actions/tabs.ts";
import { LayeredMap } from "./layered-map.ts";
import type { AppState } from "./state.ts";
import { createViews } from "./views.ts";

/** The page's plain data. Live things (sessions, sockets, timers) are elsewhere, by id. */

export const INITIAL_STATE: AppState = {
  app: undefined,
  link: "connecting",
  settings: DEFAULT_SETTINGS,
  hostById: LayeredMap.from([]),
  guestById: LayeredMap.from([]),
  findings: [],
  isInventoryLoaded: false,
  questions: [],
  tabs: [],
  activeTabId: undefined,
  recentTabIds: [],
  closedTabs: [],
  filter: "",
  foldedIds: new Set(),
  isSidebarOpen: true,
  sidebarWidthPx: 264,
  preferredConsoleByGuest: new Map(),
  overlay: { kind: "none" },
  notices: [],
  switchDisplay: undefined,
  isFullScreen: false,
  isKeyboardInGuest: false,
  isFirstRunDone: false,
};

export type AppStore = StoreApi<AppState>;

export function createAppStore(initial: Partial<AppState> = {}): AppStore {
  return createStore<AppState>(() => ({ ...INITIAL_STATE, ...initial }));
}

/** The one store of this page. */
export const appStore = createAppStore();

/** How this page's components hear of it. */
export const appViews = createViews(appStore);

const viewedStore: AppStore = { ...appStore, subscribe: appViews.subscribe };

/** Reads the store in a component; take a narrow part, so that it renders only when that part changes. */
export function useAppStore<T>(selector: (state: AppState) => T): T {
  return useStore(viewedStore, selector);
}

type Transition<A extends unknown[]> = (state: AppState, ...args: A) => AppState;
type Bound<T> = {
  readonly [K in keyof T as T[K] extends Transition<never[]> ? K : never]: T[K] extends Transition<infer A>
    ? (...args: A) => void
    : never;
};

const TRANSITIONS = {
  applyInventory: inventory.applyInventory,
  applySettings: inventory.applySettings,
  applyQuestions: inventory.applyQuestions,
  setApp: inventory.setApp,
  setLink: inventory.setLink,
  restoreLayout: layout.restoreLayout,
  openTab: tabs.openTab,
  activateTab: tabs.activateTab,
  moveTab: tabs.moveTab,
  pinTab: tabs.pinTab,
  closeTab: tabs.closeTab,
  reopenTab: tabs.reopenTab,
  setSlotState: tabs.setSlotState,
  setSlotFacts: tabs.setSlotFacts,
  setTabFiles: tabs.setTabFiles,
  setTabScaling: tabs.setTabScaling,
  setTabViewOnly: tabs.setTabViewOnly,
  setFilter: page.setFilter,
  toggleFold: page.toggleFold,
  setSidebar: page.setSidebar,
  setOverlay: page.setOverlay,
  addNotice: page.addNotice,
  expireNotice: page.expireNotice,
  setSwitchDisplay: page.setSwitchDisplay,
  setFullScreen: page.setFullScreen,
  setKeyboardInGuest: page.setKeyboardInGuest,
  setFirstRunDone: page.setFirstRunDone,
};

export type Actions = Bound<typeof TRANSITIONS>;

export function bindActions(store: AppStore): Actions {
  const bound = Object.entries(TRANSITIONS).map(([name, transition]) => [
    name,
    (...args: unknown[]) => {
      store.setState((state) => (transition as Transition<unknown[]>)(state, ...args), true);
    },
  ]);
  return Object.fromEntries(bound) as Actions;
}

/** The store's named actions: `actions.setFilter("web")`. What touches a live console too is a command (commands.ts). */
export const actions = bindActions(appStore);
