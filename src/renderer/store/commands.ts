import type { AcceptedCertificate, ApiResult } from "../../shared/contracts/api.ts";
import type { ConsoleId, GuestId, HostId, QuestionId, TabId } from "../../shared/contracts/ids.ts";
import type { DiscoveryFinding, PowerAction } from "../../shared/contracts/inventory.ts";
import type { Answer } from "../../shared/contracts/question.ts";
import type {
  AddressBookEntry,
  ConfiguredHost,
  KeyboardLayoutId,
  ScalingMode,
  SettingsPatch,
} from "../../shared/contracts/settings.ts";
import type { GuestKey } from "../sessions/session.ts";

export interface TypeTextOptions {
  readonly layout: KeyboardLayoutId;
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  onProgress?(typedCharacters: number, allCharacters: number): void;
}

/**
 * What the page can do, given to features through `useCommands()`; app/commands.ts performs it. A command that returns
 * nothing tells of its own failure in a notice; one that returns a promise rejects with an AppError, for its caller to show.
 */
export interface Commands {
  /**
   * Shows the guest: its open tab, else a new one. Which console: the given one, else the one chosen before, else the
   * only one, else the user is asked (overlay "choose-console").
   */
  readonly openGuest: (guestId: GuestId, consoleId?: ConsoleId) => void;
  /** Shows this tab now and gives it the keyboard. */
  readonly switchTo: (tabId: TabId) => void;
  readonly nextTab: () => void;
  readonly previousTab: () => void;
  /** Back to the guest before this one. */
  readonly lastTab: () => void;
  readonly closeTab: (tabId: TabId) => void;
  readonly closeOtherTabs: (tabId: TabId) => void;
  readonly reopenTab: () => void;
  readonly moveToOwnWindow: (tabId: TabId) => void;
  /** Shows another console of the tab's guest, in a tab of its own beside it, so that neither is reset. */
  readonly chooseConsole: (tabId: TabId, consoleId: ConsoleId) => void;
  /** Shows another of the guest's screens, counted from 0, in a tab of its own. */
  readonly openScreen: (tabId: TabId, screenIndex: number) => void;
  /** Shows a text console of the guest, by its port's name, in a tab of its own. */
  readonly openPort: (tabId: TabId, portName: string) => void;
  /** Gives the keyboard back to the shown console, e.g. after a dialog. */
  readonly focusConsole: () => void;
  /** Frees keyboard and mouse from the guest. */
  readonly releaseInput: () => void;
  /** Tries the connection again now. */
  readonly retry: (tabId: TabId) => void;

  /** Asks first (overlay "confirm-power") where something could be lost. */
  readonly power: (guestId: GuestId, action: PowerAction) => void;
  /** Without asking. */
  readonly powerConfirmed: (guestId: GuestId, action: PowerAction) => Promise<void>;

  /** All down in order, then up in reverse order: a combination. */
  readonly sendKeys: (tabId: TabId, keys: readonly GuestKey[]) => void;
  readonly typeText: (tabId: TabId, text: string, options: TypeTextOptions) => Promise<void>;
  /** Puts this computer's clipboard onto the guest's. */
  readonly sendClipboard: (tabId: TabId) => void;
  /** Copies what the guest last put on its clipboard, where the browser did not let us do it at once. */
  readonly takeClipboard: (tabId: TabId) => void;
  /** Gives files to the guest through its agent. */
  readonly sendFiles: (tabId: TabId, files: readonly File[]) => void;
  /** Asks for a USB device of this computer and gives it to the guest. */
  readonly redirectUsb: (tabId: TabId, slotId: number) => void;
  readonly giveBackUsb: (tabId: TabId, slotId: number) => void;
  /** Stops one that is on its way; takes one that has ended off the list. */
  readonly cancelFile: (tabId: TabId, fileId: number) => void;
  /** The user's own mute of a guest's sound. */
  readonly setMuted: (tabId: TabId, isMuted: boolean) => void;
  /** Lets a guest that listens hear the microphone, or no more. */
  readonly setMicrophone: (tabId: TabId, isOn: boolean) => void;
  /** Asks for a folder, and lets the guest read it. */
  readonly shareFolder: (tabId: TabId) => void;
  readonly unshareFolder: (tabId: TabId) => void;
  /** Asks the browser, where that is needed. */
  readonly setFolderWritable: (tabId: TabId, isWritable: boolean) => void;
  /** Saves a PNG named after guest and time. */
  readonly saveScreenshot: (tabId: TabId) => void;
  readonly requestPointerLock: (tabId: TabId) => void;
  readonly setScaling: (tabId: TabId, scaling: ScalingMode) => void;
  readonly setViewOnly: (tabId: TabId, isViewOnly: boolean) => void;
  readonly toggleFullScreen: () => void;
  readonly startScan: () => void;
  readonly stopScan: () => void;

  readonly describeUri: (uri: string, options?: { signal?: AbortSignal }) => Promise<ApiResult<"hosts.describe">>;
  readonly addHost: (host: ConfiguredHost) => Promise<HostId>;
  readonly editHost: (hostId: HostId, host: ConfiguredHost) => Promise<HostId>;
  readonly removeHost: (hostId: HostId) => Promise<void>;
  readonly retryHost: (hostId: HostId) => void;
  readonly discover: () => Promise<readonly DiscoveryFinding[]>;
  readonly answer: (questionId: QuestionId, answer: Answer) => Promise<void>;
  readonly changeSettings: (patch: SettingsPatch) => Promise<void>;
  readonly listTrust: () => Promise<readonly AcceptedCertificate[]>;
  readonly forgetTrust: (target: string) => Promise<void>;
  readonly putAddressBookEntry: (entry: AddressBookEntry) => Promise<void>;
  readonly removeAddressBookEntry: (id: string) => Promise<void>;
  readonly importAddressBook: (text: string) => Promise<{ count: number }>;
  readonly exportAddressBook: () => Promise<string>;

  /** Address of a guest's picture made by its host, for an <img>. */
  readonly pictureUrl: (guestId: GuestId, version: number) => string;
  /** Says something in passing. */
  readonly notify: (tone: "info" | "error", text: string) => void;
}
