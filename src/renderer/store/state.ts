import type { AppInfo } from "../../shared/contracts/api.ts";
import type { ConsoleId, GuestId, HostId, TabId } from "../../shared/contracts/ids.ts";
import type {
  ConsoleProtocol,
  DiscoveryFinding,
  GuestSnapshot,
  HostSnapshot,
} from "../../shared/contracts/inventory.ts";
import type { Question } from "../../shared/contracts/question.ts";
import type { ScalingMode, Settings } from "../../shared/contracts/settings.ts";
import type { LinkState } from "../host-client/host-api.ts";
import type { SlotState } from "../sessions/console-slot.ts";
import type { FileTransfer, SessionFacts } from "../sessions/session.ts";

/** One tab, plain data. Its live console is in the slot registry under the same id. */
export interface Tab {
  readonly id: TabId;
  readonly guestId: GuestId;
  readonly consoleId: ConsoleId;
  readonly protocol: ConsoleProtocol;
  /** As last known, so that a tab has a name while its host is away. */
  readonly guestName: string;
  readonly isPinned: boolean;
  readonly state: SlotState;
  readonly facts: SessionFacts | undefined;
  /** Which of the guest's screens, where it has several; absent: the first. */
  readonly screenIndex?: number;
  /** A text console of a SPICE guest, by its port's name; `protocol` is then "serial". */
  readonly portName?: string;
  /** Files on their way to the guest. */
  readonly files?: readonly FileTransfer[];
  /** Per tab; starts from settings. */
  readonly scaling: ScalingMode;
  readonly isViewOnly: boolean;
}

/** Which layer above the page is open; one at a time. */
export type Overlay =
  | { readonly kind: "none" }
  | { readonly kind: "palette" }
  | { readonly kind: "help" }
  | { readonly kind: "add-host"; readonly uri?: string; readonly editHostId?: HostId }
  | { readonly kind: "settings" }
  | { readonly kind: "type-text"; readonly tabId: TabId }
  | { readonly kind: "address-book" }
  | {
      readonly kind: "confirm-power";
      readonly guestId: GuestId;
      readonly action: "shutdown" | "reboot" | "reset" | "force-off";
    }
  | { readonly kind: "choose-console"; readonly guestId: GuestId };

/** A short message that goes away: "Screenshot saved", or an error that belongs to no place. */
export interface Notice {
  readonly id: number;
  readonly tone: "info" | "error";
  readonly text: string;
}

export interface SwitchDisplay {
  /** "leader": waits for a key; "recent": stepping with held keys; "flash": shown a moment after a switch; "scan": auto-scan runs. */
  readonly mode: "leader" | "recent" | "flash" | "scan";
  /** The tab marked in it. */
  readonly markedTabId: TabId | undefined;
}

export interface AppState {
  readonly app: AppInfo | undefined;
  readonly link: LinkState;
  readonly settings: Settings;
  readonly hostById: ReadonlyMap<HostId, HostSnapshot>;
  readonly guestById: ReadonlyMap<GuestId, GuestSnapshot>;
  readonly findings: readonly DiscoveryFinding[];
  readonly isInventoryLoaded: boolean;
  readonly questions: readonly Question[];

  /** In the order on the screen; pinned ones first. */
  readonly tabs: readonly Tab[];
  readonly activeTabId: TabId | undefined;
  /** Most recently used first. */
  readonly recentTabIds: readonly TabId[];
  /** To reopen, last closed last. */
  readonly closedTabs: readonly Tab[];

  readonly filter: string;
  readonly foldedIds: ReadonlySet<string>;
  readonly isSidebarOpen: boolean;
  readonly sidebarWidthPx: number;
  readonly preferredConsoleByGuest: ReadonlyMap<GuestId, ConsoleId>;
  readonly overlay: Overlay;
  readonly notices: readonly Notice[];
  readonly switchDisplay: SwitchDisplay | undefined;
  readonly isFullScreen: boolean;
  /** Whether key presses go to the guest. */
  readonly isKeyboardInGuest: boolean;
  readonly isFirstRunDone: boolean;
}
