import type { TabId } from "../../shared/contracts/ids.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { activeSlot, activeTab, type PageParts } from "./page-parts.ts";

/**
 * The clipboard between this computer and the shown guest. Texts live here only: they may be secrets, so neither the store
 * nor a log sees them.
 */
export interface ClipboardBridge extends Disposable {
  /** Puts this computer's clipboard onto the guest's; asks the browser for leave where it must. */
  sendToGuest(tabId: TabId): void;
  /** Copies what the guest last put on its clipboard. */
  takeFromGuest(tabId: TabId): void;
}

/** A guest may put more on its clipboard; more than this is not worth a frozen page. */
const MAX_CLIPBOARD_CHARACTERS = 4 * 1024 * 1024;

export function createClipboardBridge(parts: PageParts): ClipboardBridge {
  const { store, slots, speaker } = parts;
  const owned = new DisposableStore();
  /** What a guest put on its clipboard and the browser did not let us copy yet. */
  const waitingByTabId = new Map<TabId, string>();
  /** What a guest and this computer both have; not sent back to where it came from. */
  const sharedByTabId = new Map<TabId, string>();

  const direction = (): "off" | "to-guest" | "both" => store.getState().settings.console.clipboard;

  const give = (tabId: TabId, text: string): void => {
    sharedByTabId.set(tabId, text);
    slots.get(tabId)?.session?.setClipboard(text);
  };

  const mayReadUnasked = async (): Promise<boolean> => {
    try {
      // Not in TypeScript's list of names; browsers that do not know it throw.
      const status = await navigator.permissions.query({ name: "clipboard-read" as PermissionName });
      return status.state === "granted";
    } catch {
      return false;
    }
  };

  const offerOnFocus = async (): Promise<void> => {
    const tab = activeTab(parts);
    if (tab === undefined || direction() === "off" || tab.isViewOnly || !document.hasFocus()) return;
    if (tab.facts?.canUseClipboard !== true || !(await mayReadUnasked())) return;
    const text = await navigator.clipboard.readText().catch(() => undefined);
    if (text === undefined || text === "" || text.length > MAX_CLIPBOARD_CHARACTERS) return;
    if (sharedByTabId.get(tab.id) !== text) give(tab.id, text);
  };

  const copyHere = async (tabId: TabId, text: string): Promise<boolean> => {
    try {
      await navigator.clipboard.writeText(text);
      sharedByTabId.set(tabId, text);
      waitingByTabId.delete(tabId);
      return true;
    } catch {
      // Without the focus or the user's leave; it waits until it is taken by hand.
      waitingByTabId.set(tabId, text);
      return false;
    }
  };

  const handleWindowFocus = (): void => {
    drop(offerOnFocus());
  };
  window.addEventListener("focus", handleWindowFocus);
  owned.defer(() => {
    window.removeEventListener("focus", handleWindowFocus);
  });

  owned.defer(
    store.subscribe((state, before) => {
      // What was copied in one guest is there to be pasted in the next.
      if (state.activeTabId !== before.activeTabId) drop(offerOnFocus());
      if (state.tabs.length >= before.tabs.length) return;
      for (const { id } of before.tabs) {
        if (state.tabs.some((tab) => tab.id === id)) continue;
        sharedByTabId.delete(id);
        waitingByTabId.delete(id);
      }
    }),
  );

  // A paste that is not meant for a field of the page is meant for the guest.
  const handlePaste = (event: ClipboardEvent): void => {
    const slot = activeSlot(parts);
    const target = event.target;
    if (slot === undefined || direction() === "off" || !(target instanceof Node)) return;
    const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    if (isField && !slot.element.contains(target)) return;
    const text = event.clipboardData?.getData("text/plain");
    if (text !== undefined && text !== "") give(slot.tabId, text);
  };
  window.addEventListener("paste", handlePaste);
  owned.defer(() => {
    window.removeEventListener("paste", handlePaste);
  });

  owned.add(
    slots.onChange((change) => {
      if (change.kind !== "clipboard" || direction() !== "both") return;
      if (change.text.length > MAX_CLIPBOARD_CHARACTERS || change.text === sharedByTabId.get(change.tabId)) return;
      // Only the guest in front may change this computer's clipboard.
      if (change.tabId === store.getState().activeTabId) drop(copyHere(change.tabId, change.text));
      else waitingByTabId.set(change.tabId, change.text);
    }),
  );

  return {
    sendToGuest: (tabId) => {
      navigator.clipboard.readText().then(
        (text) => {
          give(tabId, text);
          speaker.notify("info", "The guest has this computer's clipboard now.");
        },
        () => {
          speaker.notify("error", "The browser did not allow reading the clipboard.");
        },
      );
    },
    takeFromGuest: (tabId) => {
      const text = waitingByTabId.get(tabId);
      if (text === undefined) {
        speaker.notify("info", "The guest has put nothing new on its clipboard.");
        return;
      }
      drop(
        copyHere(tabId, text).then((isCopied) => {
          if (isCopied) speaker.notify("info", "Copied from the guest.");
          else speaker.notify("error", "The browser did not allow writing the clipboard.");
        }),
      );
    },
    dispose: () => {
      owned.dispose();
      waitingByTabId.clear();
      sharedByTabId.clear();
    },
  };
}
