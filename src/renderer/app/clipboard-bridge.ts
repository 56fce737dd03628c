import type { TabId } from "../../shared/contracts/ids.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { isAgentSession } from "../sessions/session.ts";
import type { Tab } from "../store/state.ts";
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

/** A picture of a 4K screen as PNG stays below; it is passed on as it is and freezes nothing. */
const MAX_CLIPBOARD_PICTURE_BYTES = 32 * 1024 * 1024;

/** A text, or a picture as PNG. */
type Content = string | Blob;

function isTooLarge(content: Content): boolean {
  if (typeof content === "string") return content.length > MAX_CLIPBOARD_CHARACTERS;
  return content.size > MAX_CLIPBOARD_PICTURE_BYTES;
}

/** Pictures are compared by their sizes: enough to tell a new one from the one that went there and back. */
function isSame(one: Content | undefined, other: Content): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return one?.size === other.size;
}

/** This computer's clipboard; rejects without the user's leave. Undefined: nothing that a guest could take. */
async function readHere(withPicture: boolean): Promise<Content | undefined> {
  if (withPicture) {
    const items = await navigator.clipboard.read();
    const picture = items.find(({ types }) => types.includes("image/png") && !types.includes("text/plain"));
    if (picture !== undefined) return await picture.getType("image/png");
  }
  const text = await navigator.clipboard.readText();
  return text === "" ? undefined : text;
}

function writeHere(content: Content): Promise<void> {
  if (typeof content === "string") return navigator.clipboard.writeText(content);
  return navigator.clipboard.write([new ClipboardItem({ "image/png": content })]);
}

export function createClipboardBridge(parts: PageParts): ClipboardBridge {
  const { store, slots, speaker } = parts;
  const owned = new DisposableStore();
  /** What a guest put on its clipboard and the browser did not let us copy yet. */
  const waitingByTabId = new Map<TabId, Content>();
  /** What a guest and this computer both have; not sent back to where it came from. */
  const sharedByTabId = new Map<TabId, Content>();

  /** The user asked for what these guests have. */
  const askedTabIds = new Set<TabId>();

  const direction = (): "off" | "to-guest" | "both" => store.getState().settings.console.clipboard;

  const give = (tabId: TabId, content: Content): void => {
    const session = slots.get(tabId)?.session;
    if (session === undefined) return;
    sharedByTabId.set(tabId, content);
    if (typeof content === "string") session.setClipboard(content);
    else if (isAgentSession(session)) session.setClipboardPicture(content);
  };

  /** Without being asked to. A guest's agent shares a clipboard only when the user has allowed it. */
  const mayShare = (tab: Tab): boolean =>
    direction() !== "off" &&
    !tab.isViewOnly &&
    tab.facts?.canUseClipboard === true &&
    (tab.protocol !== "spice" || store.getState().settings.console.agentClipboard === "allowed");

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
    if (tab === undefined || !mayShare(tab) || !document.hasFocus() || !(await mayReadUnasked())) return;
    const content = await readHere(tab.protocol === "spice").catch(() => undefined);
    if (content === undefined || isTooLarge(content)) return;
    if (!isSame(sharedByTabId.get(tab.id), content)) give(tab.id, content);
  };

  const copyHere = async (tabId: TabId, content: Content): Promise<boolean> => {
    try {
      await writeHere(content);
      sharedByTabId.set(tabId, content);
      waitingByTabId.delete(tabId);
      return true;
    } catch {
      // Without the focus or the user's leave; it waits until it is taken by hand.
      waitingByTabId.set(tabId, content);
      return false;
    }
  };

  const tellCopied = (isCopied: boolean): void => {
    if (isCopied) speaker.notify("info", "Copied from the guest.");
    else speaker.notify("error", "The browser did not allow writing the clipboard.");
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
        askedTabIds.delete(id);
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
      if ((change.kind !== "clipboard" && change.kind !== "clipboard-picture") || direction() !== "both") return;
      const { tabId } = change;
      const content = change.kind === "clipboard" ? change.text : change.png;
      if (isTooLarge(content) || isSame(sharedByTabId.get(tabId), content)) return;
      if (askedTabIds.delete(tabId)) drop(copyHere(tabId, content).then(tellCopied));
      // Only the guest in front may change this computer's clipboard.
      else if (tabId === store.getState().activeTabId) drop(copyHere(tabId, content));
      else waitingByTabId.set(tabId, content);
    }),
  );

  return {
    sendToGuest: (tabId) => {
      const session = slots.get(tabId)?.session;
      readHere(session !== undefined && isAgentSession(session)).then(
        (content) => {
          give(tabId, content ?? "");
          speaker.notify("info", "The guest has this computer's clipboard now.");
        },
        () => {
          speaker.notify("error", "The browser did not allow reading the clipboard.");
        },
      );
    },
    takeFromGuest: (tabId) => {
      const content = waitingByTabId.get(tabId);
      if (content !== undefined) {
        drop(copyHere(tabId, content).then(tellCopied));
        return;
      }
      const session = slots.get(tabId)?.session;
      if (session !== undefined && isAgentSession(session) && session.fetchClipboard()) askedTabIds.add(tabId);
      else speaker.notify("info", "The guest has put nothing new on its clipboard.");
    },
    dispose: () => {
      owned.dispose();
      waitingByTabId.clear();
      sharedByTabId.clear();
    },
  };
}
