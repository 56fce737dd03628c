import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import type { TabId } from "../../shared/contracts/ids.ts";
import type { HotkeyAction } from "../input/hotkeys/hotkey-action.ts";
import type { GuestKey } from "../sessions/session.ts";
import type { Commands } from "../store/commands.ts";
import type { AppState, Overlay } from "../store/state.ts";
import type { PageParts } from "./page-parts.ts";

/** How long the switch display says where one is after a switch. */
const FLASH_MS = 900;

const CTRL_ALT_DEL: readonly GuestKey[] = [
  { keysym: 0xffe3, code: "ControlLeft" },
  { keysym: 0xffe9, code: "AltLeft" },
  { keysym: 0xffff, code: "Delete" },
];

const LEADER_KEYSYMS: Readonly<Record<string, number>> = {
  ControlRight: 0xffe4,
  ControlLeft: 0xffe3,
  AltLeft: 0xffe9,
  AltRight: 0xffea,
  ShiftRight: 0xffe2,
  ShiftLeft: 0xffe1,
  MetaLeft: 0xffeb,
  MetaRight: 0xffec,
  ScrollLock: 0xff14,
  NumLock: 0xff7f,
  CapsLock: 0xffe5,
  Pause: 0xff13,
  ContextMenu: 0xff67,
  // F13 to F24 follow one another.
  ...Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`F${13 + index}`, 0xffca + index])),
};

/** Those that are always done, whatever lies over the page. */
const ENDING: ReadonlySet<HotkeyAction["kind"]> = new Set(["hide-switch-display", "stop-scan", "release-input"]);

/** Whether a dialog is open that asks for something; the palette and the list of keys only show. */
function isFormOpen({ overlay, questions, isKeyboardInGuest }: AppState): boolean {
  if (questions.some(({ about }) => about.guestId === undefined) && !isKeyboardInGuest) return true;
  return overlay.kind !== "none" && overlay.kind !== "palette" && overlay.kind !== "help";
}

export interface HotkeyPerformer extends Disposable {
  readonly perform: (action: HotkeyAction) => void;
}

export interface HotkeyPerformerOptions {
  readonly commands: Commands;
  /** Ends leader, stepping and scan without a choice. */
  readonly cancel: () => void;
  /** The menu of special keys belongs to the toolbar; this opens it. */
  readonly openSpecialKeys: () => void;
}

/** Does what a hotkey asked for, and shows it in the switch display. */
export function createHotkeyPerformer(
  { store, actions }: Pick<PageParts, "store" | "actions">,
  { commands, cancel, openSpecialKeys }: HotkeyPerformerOptions,
): HotkeyPerformer {
  const owned = new DisposableStore();
  let flashEnd: Disposable | undefined;

  const endFlash = (): void => {
    flashEnd?.dispose();
    flashEnd = undefined;
  };
  owned.defer(endFlash);

  const hideDisplay = (): void => {
    endFlash();
    actions.setSwitchDisplay(undefined);
  };

  const flash = (): void => {
    endFlash();
    actions.setSwitchDisplay({ mode: "flash", markedTabId: store.getState().activeTabId });
    flashEnd = after(FLASH_MS, () => {
      if (store.getState().switchDisplay?.mode === "flash") actions.setSwitchDisplay(undefined);
    });
  };

  const switchAnd = (act: () => void): void => {
    act();
    flash();
  };

  const toggleOverlay = (overlay: Overlay): void => {
    const isOpen = store.getState().overlay.kind === overlay.kind;
    actions.setOverlay(isOpen ? { kind: "none" } : overlay);
  };

  const withActive = (act: (tabId: TabId) => void): void => {
    const { activeTabId } = store.getState();
    if (activeTabId !== undefined) act(activeTabId);
  };

  const stepRecent = (direction: 1 | -1): void => {
    endFlash();
    const { recentTabIds, switchDisplay, activeTabId } = store.getState();
    const marked = switchDisplay?.mode === "recent" ? switchDisplay.markedTabId : activeTabId;
    const at = recentTabIds.findIndex((id) => id === marked);
    const next = recentTabIds[(at + direction + recentTabIds.length) % recentTabIds.length];
    actions.setSwitchDisplay({ mode: "recent", markedTabId: next });
  };

  /** On to the next tab that shows something; a dark one would only cost its dwell time. */
  const stepScan = (): void => {
    const { tabs, activeTabId } = store.getState();
    const at = tabs.findIndex((tab) => tab.id === activeTabId);
    const following = [...tabs.slice(at + 1), ...tabs.slice(0, at + 1)];
    const next = following.find((tab) => tab.state.phase === "live");
    if (next !== undefined) commands.switchTo(next.id);
    actions.setSwitchDisplay({ mode: "scan", markedTabId: store.getState().activeTabId });
  };

  const perform = (action: HotkeyAction): void => {
    if (!ENDING.has(action.kind)) {
      const { overlay } = store.getState();
      if (isFormOpen(store.getState())) {
        // What is filled in there would be lost, and no console shows behind it: nothing is begun.
        cancel();
        return;
      }
      const isFleeting = overlay.kind === "palette" || overlay.kind === "help";
      if (isFleeting && action.kind !== overlay.kind) actions.setOverlay({ kind: "none" });
    }
    const state = store.getState();
    switch (action.kind) {
      case "tab": {
        const tab = state.tabs[action.number - 1];
        if (tab !== undefined) {
          switchAnd(() => {
            commands.switchTo(tab.id);
          });
        }
        return;
      }
      case "next-tab":
        switchAnd(commands.nextTab);
        return;
      case "previous-tab":
        switchAnd(commands.previousTab);
        return;
      case "last-tab":
        switchAnd(commands.lastTab);
        return;
      case "recent-tab-step":
        stepRecent(action.direction);
        return;
      case "recent-tab-commit": {
        const marked = state.switchDisplay?.mode === "recent" ? state.switchDisplay.markedTabId : undefined;
        hideDisplay();
        if (marked !== undefined) commands.switchTo(marked);
        return;
      }
      case "show-switch-display":
        endFlash();
        actions.setSwitchDisplay({ mode: "leader", markedTabId: state.activeTabId });
        return;
      case "hide-switch-display":
      case "stop-scan":
        hideDisplay();
        return;
      case "auto-scan":
        endFlash();
        actions.setSwitchDisplay({ mode: "scan", markedTabId: state.activeTabId });
        return;
      case "scan-step":
        stepScan();
        return;
      case "palette":
        toggleOverlay({ kind: "palette" });
        return;
      case "help":
        toggleOverlay({ kind: "help" });
        return;
      case "full-screen":
        commands.toggleFullScreen();
        return;
      case "type-text":
        withActive((tabId) => {
          toggleOverlay({ kind: "type-text", tabId });
        });
        return;
      case "special-keys":
        openSpecialKeys();
        return;
      case "close-tab":
        withActive(commands.closeTab);
        return;
      case "toggle-sidebar":
        actions.setSidebar({ isOpen: !state.isSidebarOpen });
        return;
      case "send-leader":
        withActive((tabId) => {
          const code = state.settings.hotkeys.leader.keys[0] ?? "";
          const keysym = LEADER_KEYSYMS[code];
          if (keysym !== undefined) commands.sendKeys(tabId, [{ keysym, code }]);
        });
        return;
      case "ctrl-alt-del":
        withActive((tabId) => {
          commands.sendKeys(tabId, CTRL_ALT_DEL);
        });
        return;
      case "release-input":
        hideDisplay();
        commands.releaseInput();
        return;
    }
  };

  return {
    perform,
    dispose: () => {
      owned.dispose();
    },
  };
}
