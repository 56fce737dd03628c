import type { AppState, Notice, Overlay, SwitchDisplay } from "../state.ts";

/** More notices than this would cover the guest; the oldest goes. */
const MAX_NOTICES = 5;

export const SIDEBAR_MIN_WIDTH_PX = 160;
export const SIDEBAR_MAX_WIDTH_PX = 600;

export function setFilter(state: AppState, filter: string): AppState {
  return state.filter === filter ? state : { ...state, filter };
}

/** Folds or unfolds a host or group of the tree, by its tree id. */
export function toggleFold(state: AppState, id: string): AppState {
  const foldedIds = new Set(state.foldedIds);
  if (!foldedIds.delete(id)) foldedIds.add(id);
  return { ...state, foldedIds };
}

export function setSidebar(state: AppState, change: { isOpen?: boolean; widthPx?: number }): AppState {
  const widthPx = Math.round(change.widthPx ?? state.sidebarWidthPx);
  return {
    ...state,
    isSidebarOpen: change.isOpen ?? state.isSidebarOpen,
    sidebarWidthPx: Math.max(SIDEBAR_MIN_WIDTH_PX, Math.min(SIDEBAR_MAX_WIDTH_PX, widthPx)),
  };
}

export function setOverlay(state: AppState, overlay: Overlay): AppState {
  return state.overlay.kind === "none" && overlay.kind === "none" ? state : { ...state, overlay };
}

/** Takes the place of a notice with the same text, so that a repeated failure does not pile up. */
export function addNotice(state: AppState, notice: Notice): AppState {
  const others = state.notices.filter((each) => each.text !== notice.text);
  return { ...state, notices: [...others, notice].slice(-MAX_NOTICES) };
}

export function expireNotice(state: AppState, id: number): AppState {
  if (!state.notices.some((notice) => notice.id === id)) return state;
  return { ...state, notices: state.notices.filter((notice) => notice.id !== id) };
}

export function setSwitchDisplay(state: AppState, switchDisplay: SwitchDisplay | undefined): AppState {
  return state.switchDisplay === switchDisplay ? state : { ...state, switchDisplay };
}

export function setFullScreen(state: AppState, isFullScreen: boolean): AppState {
  return state.isFullScreen === isFullScreen ? state : { ...state, isFullScreen };
}

export function setKeyboardInGuest(state: AppState, isKeyboardInGuest: boolean): AppState {
  return state.isKeyboardInGuest === isKeyboardInGuest ? state : { ...state, isKeyboardInGuest };
}

export function setFirstRunDone(state: AppState): AppState {
  return state.isFirstRunDone ? state : { ...state, isFirstRunDone: true };
}
