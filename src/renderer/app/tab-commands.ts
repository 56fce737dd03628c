import type { ConsoleId, GuestId, TabId } from "../../shared/contracts/ids.ts";
import type { ConsoleDescription } from "../../shared/contracts/inventory.ts";
import type { Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { afterFrame } from "../screen/after-frame.ts";
import type { ConsoleSlot } from "../sessions/console-slot.ts";
import type { Commands } from "../store/commands.ts";
import { tabElementId } from "../store/slot-words.ts";
import type { AppState, Tab } from "../store/state.ts";
import { addressOfOwnWindow } from "./own-window.ts";
import { activeSlot, createTabId, type PageParts } from "./page-parts.ts";

type TabCommands = Pick<
  Commands,
  | "openGuest"
  | "switchTo"
  | "nextTab"
  | "previousTab"
  | "lastTab"
  | "closeTab"
  | "closeOtherTabs"
  | "reopenTab"
  | "moveToOwnWindow"
  | "chooseConsole"
  | "openScreen"
  | "openPort"
  | "focusConsole"
  | "releaseInput"
  | "retry"
>;

/** Gives every tab of the store its live console, hidden until it is shown. */
export function openSlot({ slots, stage }: PageParts, tab: Tab): void {
  if (slots.get(tab.id) !== undefined) return;
  const { guestId, consoleId, screenIndex, portName } = tab;
  const place = {
    ...(screenIndex === undefined ? {} : { screenIndex }),
    ...(portName === undefined ? {} : { portName }),
  };
  // A port is a text console on the way of a SPICE console.
  const protocol = portName === undefined ? tab.protocol : "spice";
  const slot = slots.open(tab.id, { guestId, consoleId, protocol, ...place });
  // It can hold the keyboard for a console that is still on its way.
  slot.element.tabIndex = -1;
  stage.add(tab.id, slot.element);
  slot.setVisible(false);
}

/** Shows the store's active tab on the stage. Without waiting for React, so that its picture is there in the next frame. */
export function showActive(parts: PageParts, before: TabId | undefined): void {
  const { activeTabId, overlay } = parts.store.getState();
  if (before === activeTabId) return;
  parts.stage.show(activeTabId);
  const slot = activeSlot(parts);
  slot?.setVisible(true);
  if (before !== undefined) {
    parts.slots.get(before)?.session?.blur();
    // To put a console to rest takes longer than to show the other one, and nobody sees it.
    afterFrame(() => {
      if (parts.store.getState().activeTabId !== before) parts.slots.get(before)?.setVisible(false);
    });
  }
  if (overlay.kind === "none") giveKeyboard(slot);
}

/** To the console if it is live, else to its place, from where it takes the keyboard when it is. */
function giveKeyboard(slot: ConsoleSlot | undefined): void {
  if (slot === undefined) return;
  slot.focus();
  if (!slot.element.contains(document.activeElement)) slot.element.focus({ preventScroll: true });
}

/** A dialog that closes gives the focus back to where it was, in a task of its own after React took it away. */
const DIALOG_FOCUS_RETURN_MS = 50;

/** Which console a guest opens with when none is named; "ask" where only the user knows. */
export function defaultConsole(state: AppState, guestId: GuestId): ConsoleDescription | "ask" | undefined {
  const consoles = state.guestById.get(guestId)?.consoles ?? [];
  const available = consoles.filter((console) => console.unavailable === undefined);
  const preferred = available.find((console) => console.id === state.preferredConsoleByGuest.get(guestId));
  if (preferred !== undefined) return preferred;
  // The only one even if it cannot be opened: opening it then says why.
  if (available.length === 0) return consoles[0];
  return available.length === 1 ? available[0] : "ask";
}

export function createTabCommands(parts: PageParts): TabCommands {
  const { store, actions, views, slots, stage, speaker } = parts;

  /** Changes the store, then brings stage and slots in line with it at once. */
  const change = (act: () => void): void => {
    const before = store.getState();
    act();
    const after = store.getState();
    for (const tab of after.tabs) openSlot(parts, tab);
    showActive(parts, before.activeTabId);
    for (const tab of before.tabs) {
      if (after.tabs.some((kept) => kept.id === tab.id)) continue;
      stage.remove(tab.id);
      slots.close(tab.id);
    }
  };

  let laterKeyboard: Disposable | undefined;

  /** The keyboard goes to the shown console, also out of a dialog that is just closing. */
  const focusShown = (): void => {
    if (store.getState().overlay.kind !== "none") return;
    giveKeyboard(activeSlot(parts));
    laterKeyboard?.dispose();
    laterKeyboard = undefined;
    if (document.querySelector("[role=dialog], [role=alertdialog]") === null) return;
    laterKeyboard = after(DIALOG_FOCUS_RETURN_MS, () => {
      if (store.getState().overlay.kind === "none") giveKeyboard(activeSlot(parts));
    });
  };

  const openConsole = (guestId: GuestId, console: Pick<ConsoleDescription, "id" | "protocol">): void => {
    const { guestById, tabs } = store.getState();
    const guestName = guestById.get(guestId)?.name ?? tabs.find((tab) => tab.guestId === guestId)?.guestName;
    if (guestName === undefined) return;
    change(() => {
      actions.openTab({ id: createTabId(), guestId, consoleId: console.id, protocol: console.protocol, guestName });
    });
    focusShown();
  };

  const switchTo = (tabId: TabId): void => {
    if (store.getState().activeTabId !== tabId) {
      // The picture first, and what React draws around it in the frame after.
      views.hold();
      afterFrame(views.release);
    }
    change(() => {
      actions.activateTab(tabId);
    });
    focusShown();
  };

  const step = (by: 1 | -1): void => {
    const { tabs, activeTabId } = store.getState();
    const at = tabs.findIndex((tab) => tab.id === activeTabId);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next !== undefined) switchTo(next.id);
  };

  const openGuest = (guestId: GuestId, consoleId?: ConsoleId): void => {
    const state = store.getState();
    const open = state.recentTabIds
      .map((id) => state.tabs.find((tab) => tab.id === id))
      .find((tab) => tab?.guestId === guestId && (consoleId === undefined || tab.consoleId === consoleId));
    if (open !== undefined) {
      switchTo(open.id);
      return;
    }
    const guest = state.guestById.get(guestId);
    if (guest === undefined) return;
    const console =
      consoleId === undefined
        ? defaultConsole(state, guestId)
        : guest.consoles.find((candidate) => candidate.id === consoleId);
    if (console === undefined) speaker.notify("error", `${guest.name} has no console that could be opened.`);
    else if (console === "ask") actions.setOverlay({ kind: "choose-console", guestId });
    else openConsole(guestId, console);
  };

  /** Another part of the tab's console, in the tab that shows it or a new one. */
  const openPart = (tabId: TabId, part: Pick<Tab, "protocol" | "screenIndex" | "portName">): void => {
    const { tabs } = store.getState();
    const tab = tabs.find((each) => each.id === tabId);
    if (tab === undefined) return;
    const { guestId, consoleId, guestName } = tab;
    const open = tabs.find(
      (each) =>
        each.guestId === guestId &&
        each.consoleId === consoleId &&
        each.screenIndex === part.screenIndex &&
        each.portName === part.portName,
    );
    if (open !== undefined) {
      switchTo(open.id);
      return;
    }
    change(() => {
      actions.openTab({ id: createTabId(), guestId, consoleId, guestName, ...part });
    });
    focusShown();
  };

  const closeTab = (tabId: TabId): void => {
    change(() => {
      actions.closeTab(tabId);
    });
  };

  return {
    openGuest,
    switchTo,
    nextTab: () => {
      step(1);
    },
    previousTab: () => {
      step(-1);
    },
    lastTab: () => {
      const last = store.getState().recentTabIds[1];
      if (last !== undefined) switchTo(last);
    },
    closeTab,
    closeOtherTabs: (tabId) => {
      change(() => {
        actions.activateTab(tabId);
        for (const tab of store.getState().tabs) if (tab.id !== tabId && !tab.isPinned) actions.closeTab(tab.id);
      });
    },
    reopenTab: () => {
      change(() => {
        actions.reopenTab(createTabId());
      });
    },
    moveToOwnWindow: (tabId) => {
      const tab = store.getState().tabs.find((each) => each.id === tabId);
      if (tab === undefined) return;
      const width = Math.max(640, Math.min(tab.facts?.width ?? 1024, window.screen.availWidth));
      const height = Math.max(480, Math.min((tab.facts?.height ?? 768) + 66, window.screen.availHeight));
      // No "noopener": it would give null also where the window did open.
      const opened = window.open(
        window.location.pathname + addressOfOwnWindow(tab),
        "_blank",
        `popup,width=${width},height=${height}`,
      );
      if (opened === null) speaker.notify("error", "The browser did not allow another window.");
      else closeTab(tabId);
    },
    chooseConsole: (tabId, consoleId) => {
      const tab = store.getState().tabs.find((each) => each.id === tabId);
      if (tab !== undefined) openGuest(tab.guestId, consoleId);
    },
    openScreen: (tabId, screenIndex) => {
      openPart(tabId, { protocol: "spice", ...(screenIndex === 0 ? {} : { screenIndex }) });
    },
    openPort: (tabId, portName) => {
      openPart(tabId, { protocol: "serial", portName });
    },
    focusConsole: () => {
      giveKeyboard(activeSlot(parts));
    },
    releaseInput: () => {
      activeSlot(parts)?.session?.blur();
      if (document.pointerLockElement !== null) document.exitPointerLock();
      // The focus goes where the next act is near: to the console's tab.
      const { activeTabId } = store.getState();
      const element = activeTabId === undefined ? null : document.getElementById(tabElementId({ id: activeTabId }));
      if (element !== null) element.focus();
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
    retry: (tabId) => {
      const slot = slots.get(tabId);
      const tab = store.getState().tabs.find((each) => each.id === tabId);
      if (slot === undefined || tab === undefined) return;
      if (slot.state.phase !== "live" && slot.state.phase !== "waiting-for-picture") {
        slot.retryNow();
        return;
      }
      // Somebody doubts a console that seems well: it starts from nothing.
      stage.remove(tabId);
      slots.close(tabId);
      openSlot(parts, tab);
      if (store.getState().activeTabId !== tabId) return;
      stage.show(tabId);
      slots.get(tabId)?.setVisible(true);
    },
  };
}
