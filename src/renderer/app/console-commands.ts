import { AppError } from "../../shared/errors/app-error.ts";
import type { TabId } from "../../shared/contracts/ids.ts";
import { isAgentSession, type ConsoleSession } from "../sessions/session.ts";
import type { Commands } from "../store/commands.ts";
import { tabOf } from "../store/selectors.ts";
import type { ClipboardBridge } from "./clipboard-bridge.ts";
import { activeSlot, type PageParts } from "./page-parts.ts";

type ConsoleCommands = Pick<
  Commands,
  | "sendKeys"
  | "typeText"
  | "sendClipboard"
  | "takeClipboard"
  | "sendFiles"
  | "redirectUsb"
  | "giveBackUsb"
  | "cancelFile"
  | "setMuted"
  | "setMicrophone"
  | "shareFolder"
  | "unshareFolder"
  | "setFolderWritable"
  | "saveScreenshot"
  | "requestPointerLock"
  | "setScaling"
  | "setViewOnly"
>;

export interface ConsoleCommandOptions {
  readonly clipboard: ClipboardBridge;
  /** Types a text into a session as key strokes. */
  readonly typeInto: (
    session: ConsoleSession,
    text: string,
    options: Parameters<Commands["typeText"]>[2],
  ) => Promise<void>;
}

/** `web 2024-05-17 14.03.22.png`: sorts by time, and holds nothing that a file system would not take. */
export function screenshotName(guestName: string, date: Date): string {
  const pad = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(".");
  const safeName = guestName.replace(/[\u0000-\u001f\\/:*?"<>|]+/g, "_").trim() || "guest";
  return `${safeName} ${day} ${time}.png`;
}

/** Gives a running session what its tab and the settings say. */
export function configureSlot({ store, slots }: Pick<PageParts, "store" | "slots">, tabId: TabId): void {
  const state = store.getState();
  const tab = tabOf(state, tabId);
  const { scaling, isViewOnly } = tab ?? state.settings.console;
  slots.get(tabId)?.session?.configure({ ...state.settings.console, scaling, isViewOnly }, state.settings.terminal);
}

/** What is done to one console. */
export function createConsoleCommands(
  parts: PageParts,
  { clipboard, typeInto }: ConsoleCommandOptions,
): ConsoleCommands {
  const { store, actions, slots, speaker } = parts;

  const focusShown = (): void => {
    if (store.getState().overlay.kind === "none") activeSlot(parts)?.focus();
  };

  const screenshot = async (tabId: TabId): Promise<void> => {
    const picture = await slots.get(tabId)?.session?.screenshot();
    if (picture === undefined) {
      speaker.notify("error", "There is no picture yet that could be saved.");
      return;
    }
    const name = screenshotName(tabOf(store.getState(), tabId)?.guestName ?? "", new Date());
    const address = URL.createObjectURL(picture);
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    URL.revokeObjectURL(address);
    speaker.notify("info", `Saved “${name}”.`);
  };

  return {
    sendKeys: (tabId, keys) => {
      slots.get(tabId)?.session?.sendKeys(keys);
      focusShown();
    },
    typeText: async (tabId, text, options) => {
      const session = slots.get(tabId)?.session;
      if (session?.state.phase !== "live") {
        throw new AppError("UNSUPPORTED", "no live session to type into", {
          what: "Typing",
          reason: "the console is not live",
        });
      }
      await typeInto(session, text, options);
    },
    sendClipboard: (tabId) => {
      clipboard.sendToGuest(tabId);
      focusShown();
    },
    takeClipboard: (tabId) => {
      clipboard.takeFromGuest(tabId);
      focusShown();
    },
    sendFiles: (tabId, files) => {
      const session = slots.get(tabId)?.session;
      if (session !== undefined && isAgentSession(session)) session.sendFiles(files);
    },
    redirectUsb: (tabId, slotId) => {
      const session = slots.get(tabId)?.session;
      if (session !== undefined && isAgentSession(session)) session.redirectUsb(slotId);
    },
    giveBackUsb: (tabId, slotId) => {
      const session = slots.get(tabId)?.session;
      if (session !== undefined && isAgentSession(session)) session.giveBackUsb(slotId);
    },
    cancelFile: (tabId, fileId) => {
      const session = slots.get(tabId)?.session;
      if (session !== undefined && isAgentSession(session)) session.cancelFile(fileId);
    },
    setMuted: (tabId, isMuted) => {
      const session = slots.get(tabId)?.session;
      if (session !== undefined && isAgentSession(session)) session.setMuted(isMuted);
      focusShown();
    },
    setMicrophone: (tabId, isOn) => {
      const session = slots.get(tabId)?.session;
      if (session !== undefined && isAgentSession(session)) {
        session.setMicrophone(isOn).catch(() => {
          speaker.notify("error", "The microphone could not be opened. The browser or the system refuses it.");
        });
      }
      focusShown();
    },
    shareFolder: (tabId) => {
      const session = slots.get(tabId)?.session;
      if (session === undefined || !isAgentSession(session)) return;
      session.shareFolder().catch(() => {
        speaker.notify("error", "The folder could not be shared. The browser or the system refuses it.");
      });
    },
    unshareFolder: (tabId) => {
      const session = slots.get(tabId)?.session;
      if (session !== undefined && isAgentSession(session)) session.unshareFolder();
      focusShown();
    },
    setFolderWritable: (tabId, isWritable) => {
      const session = slots.get(tabId)?.session;
      if (session === undefined || !isAgentSession(session)) return;
      session.setFolderWritable(isWritable).catch(() => {
        speaker.notify("error", "The guest may still not write: the browser or the system refuses it.");
      });
      focusShown();
    },
    saveScreenshot: (tabId) => {
      screenshot(tabId).catch(speaker.tell);
      focusShown();
    },
    requestPointerLock: (tabId) => {
      slots.get(tabId)?.session?.requestPointerLock();
    },
    setScaling: (tabId, scaling) => {
      actions.setTabScaling(tabId, scaling);
      configureSlot(parts, tabId);
      focusShown();
    },
    setViewOnly: (tabId, isViewOnly) => {
      actions.setTabViewOnly(tabId, isViewOnly);
      configureSlot(parts, tabId);
      focusShown();
    },
  };
}
