import type { TabId } from "../../shared/contracts/ids.ts";

/**
 * Where all consoles' elements stand, one over the other, the shown one visible. Plain DOM beside React, because showing
 * another console must take effect in the very next frame and must never take an element out of the page.
 */
export interface ConsoleStage {
  /** To be put into the page once. */
  readonly element: HTMLElement;
  add(tabId: TabId, element: HTMLElement): void;
  remove(tabId: TabId): void;
  show(tabId: TabId | undefined): void;
}

export function createConsoleStage(document: Document): ConsoleStage {
  const element = document.createElement("div");
  element.className = "console-stage";
  const frameByTabId = new Map<TabId, HTMLElement>();
  let shownTabId: TabId | undefined;

  const setShown = (frame: HTMLElement, isShown: boolean): void => {
    frame.classList.toggle("console-frame-shown", isShown);
    // A hidden console is reached neither by the Tab key nor by a screen reader.
    frame.inert = !isShown;
  };

  return {
    element,
    add(tabId, consoleElement) {
      const frame = document.createElement("div");
      frame.className = "console-frame";
      frame.append(consoleElement);
      setShown(frame, tabId === shownTabId);
      frameByTabId.set(tabId, frame);
      element.append(frame);
    },
    remove(tabId) {
      frameByTabId.get(tabId)?.remove();
      frameByTabId.delete(tabId);
      if (shownTabId === tabId) shownTabId = undefined;
    },
    show(tabId) {
      if (tabId === shownTabId) return;
      const before = shownTabId === undefined ? undefined : frameByTabId.get(shownTabId);
      if (before !== undefined) setShown(before, false);
      shownTabId = tabId;
      const now = tabId === undefined ? undefined : frameByTabId.get(tabId);
      if (now !== undefined) setShown(now, true);
    },
  };
}
