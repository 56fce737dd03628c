import type { ApiResult } from "../../shared/contracts/api.ts";
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
  openGuest(guestId: GuestId, consoleId?: ConsoleId): void;
  /** Shows this tab now and gives it the keyboard. */
  switchTo(tabId: TabId): void;
  nextTab(): void;
  previousTab(): void;
  /** Back to the guest before this one. */
  lastTab(): void;
  closeTab(tabId: TabId): void;
  closeOtherTabs(tabId: TabId): void;
  reopenTab(): void;
  moveToOwnWindow(tabId: TabId): void;
  /** Shows another console of the tab's guest, in a tab of its own beside it, so that neither is reset. */
  chooseConsole(tabId: TabId, consoleId: ConsoleId): void;
  /** Gives the keyboard back to the shown console, e.g. after a dialog. */
  focusConsole(): void;
  /** Frees keyboard and mouse from the guest. */
  releaseInput(): void;
  /** Tries the connection again now. */
  retry(tabId: TabId): void;

  /** Asks first (overlay "confirm-power") where something could be lost. */
  power(guestId: GuestId, action: PowerAction): void;
  /** Without asking. */
  powerConfirmed(guestId: GuestId, action: PowerAction): Promise<void>;

  /** All down in order, then up in reverse order: a combination. */
  sendKeys(tabId: TabId, keys: readonly GuestKey[]): void;
  typeText(tabId: TabId, text: string, options: TypeTextOptions): Promise<void>;
  /** Puts this computer's clipboard onto the guest's. */
  sendClipboard(tabId: TabId): void;
  /** Copies what the guest last put on its clipboard, where the browser did not let us do it at once. */
  takeClipboard(tabId: TabId): void;
  /** Saves a PNG named after guest and time. */
  saveScreenshot(tabId: TabId): void;
  requestPointerLock(tabId: TabId): void;
  setScaling(tabId: TabId, scaling: ScalingMode): void;
  setViewOnly(tabId: TabId, isViewOnly: boolean): void;
  toggleFullScreen(): void;
  startScan(): void;
  stopScan(): void;

  describeUri(uri: string, options?: { signal?: AbortSignal }): Promise<ApiResult<"hosts.describe">>;
  addHost(host: ConfiguredHost): Promise<HostId>;
  editHost(hostId: HostId, host: ConfiguredHost): Promise<HostId>;
  removeHost(hostId: HostId): Promise<void>;
  retryHost(hostId: HostId): void;
  discover(): Promise<readonly DiscoveryFinding[]>;
  answer(questionId: QuestionId, answer: Answer): Promise<void>;
  changeSettings(patch: SettingsPatch): Promise<void>;
  forgetTrust(target: string): Promise<void>;
  putAddressBookEntry(entry: AddressBookEntry): Promise<void>;
  removeAddressBookEntry(id: string): Promise<void>;
  importAddressBook(text: string): Promise<{ count: number }>;
  exportAddressBook(): Promise<string>;

  /** Address of a guest's picture made by its host, for an <img>. */
  pictureUrl(guestId: GuestId, version: number): string;
  /** Says something in passing. */
  notify(tone: "info" | "error", text: string): void;
}
