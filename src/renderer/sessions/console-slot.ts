import type { Event } from "../../shared/lifecycle/event.ts";
import type { ErrorReport } from "../../shared/contracts/error-report.ts";
import type { ConsoleId, GuestId, TabId } from "../../shared/contracts/ids.ts";
import type { ConsoleProtocol } from "../../shared/contracts/inventory.ts";
import type { ConsoleSession, FileTransfer, SessionFacts } from "./session.ts";

/** What a tab shows. */
export interface ConsoleTarget {
  readonly guestId: GuestId;
  readonly consoleId: ConsoleId;
  readonly protocol: ConsoleProtocol;
  /** Which of the guest's screens, where it has several; absent: the first. */
  readonly screenIndex?: number;
  /** A text console of a SPICE guest, by its port's name, instead of a screen. */
  readonly portName?: string;
}

/**
 * The state of a tab's console over all its sessions (design, "Live things and plain data"). Plain data: the store holds it.
 * A question on the way (password, certificate) is not a phase: it is in the store's `questions`, by guest (`about.guestId`).
 */
export type SlotState =
  | { readonly phase: "connecting" }
  | { readonly phase: "waiting-for-picture" }
  | { readonly phase: "live" }
  /** The guest is not running; opens by itself when it runs. */
  | { readonly phase: "suspended"; readonly error: ErrorReport }
  /** Failed or lost; tries again at `retryAtMs` (performance.timeOrigin + performance.now() clock, i.e. epoch ms). */
  | {
      readonly phase: "reconnecting";
      readonly error: ErrorReport;
      readonly attempt: number;
      readonly retryAtMs: number;
    }
  /** Failed in a way that trying again by itself would not mend (refused login, changed key): waits for the user's act. */
  | { readonly phase: "failed"; readonly error: ErrorReport };

/** A tab's console over time: the current session, its reconnects, the last picture in between. Outside React. */
export interface ConsoleSlot {
  readonly tabId: TabId;
  readonly target: ConsoleTarget;
  readonly state: SlotState;
  readonly facts: SessionFacts | undefined;
  /** The element to show: holds the session's element, or the dimmed last picture while there is none. */
  readonly element: HTMLElement;
  /** The live session; undefined between two. */
  readonly session: ConsoleSession | undefined;
  retryNow(): void;
  setVisible(isVisible: boolean): void;
  focus(): void;
  /** The last picture, also while disconnected. */
  preview(maxWidthPx: number): HTMLCanvasElement | undefined;
}

export type SlotChange =
  | { readonly kind: "state"; readonly tabId: TabId; readonly state: SlotState }
  | { readonly kind: "facts"; readonly tabId: TabId; readonly facts: SessionFacts }
  | { readonly kind: "clipboard"; readonly tabId: TabId; readonly text: string }
  | { readonly kind: "clipboard-picture"; readonly tabId: TabId; readonly png: Blob }
  | { readonly kind: "files"; readonly tabId: TabId; readonly files: readonly FileTransfer[] }
  | { readonly kind: "remark"; readonly tabId: TabId; readonly tone: "info" | "error"; readonly text: string }
  | { readonly kind: "bell"; readonly tabId: TabId };

/** All slots by tab. */
export interface SlotRegistry {
  open(tabId: TabId, target: ConsoleTarget): ConsoleSlot;
  get(tabId: TabId): ConsoleSlot | undefined;
  close(tabId: TabId): void;
  readonly onChange: Event<SlotChange>;
}
