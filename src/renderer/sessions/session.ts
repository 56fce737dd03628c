import type { Disposable } from "../../shared/lifecycle/disposable.ts";
import type { Event } from "../../shared/lifecycle/event.ts";
import type { ErrorReport } from "../../shared/contracts/error-report.ts";
import type { ConsoleProtocol } from "../../shared/contracts/inventory.ts";
import type { ConsoleSettings, TerminalSettings } from "../../shared/contracts/settings.ts";

/**
 * A session is one live console. It lives outside React, keeps its own element, and outlives components and hidden tabs.
 * "closed" is final: a reconnect is a new session.
 */
export type SessionState =
  | { readonly phase: "connecting" }
  /** Connected, secured, but without a picture yet. */
  | { readonly phase: "waiting-for-picture" }
  | { readonly phase: "live" }
  | { readonly phase: "closed"; readonly cause: "user" | ErrorReport };

/** What the far side can do, known once it is live; it may still change (a server announces extensions late). */
export interface SessionFacts {
  readonly protocol: ConsoleProtocol;
  /** The guest's picture in pixels, or the terminal's size in cells. */
  readonly width: number;
  readonly height: number;
  readonly canResizeGuest: boolean;
  readonly canUseClipboard: boolean;
  /** The guest has only a relative mouse: pointer lock is needed. */
  readonly needsPointerLock: boolean;
  readonly isPointerLocked: boolean;
  /** Screens of the guest, each of which can have a tab of its own; absent: one. */
  readonly screenCount?: number;
  /** As many screens as it can have; more than it has: one can be added, where the guest can be resized. */
  readonly screenLimit?: number;
  /** Text consoles that the guest has beside its screens, by name. */
  readonly ports?: readonly string[];
  /** Absent: the guest has no place for one. */
  readonly usb?: UsbFacts;
  /** Files can be given to the guest. */
  readonly canTakeFiles?: boolean;
  /** The guest has something on its clipboard, and the user has not yet said whether guests may share it. */
  readonly isClipboardOffered?: boolean;
  /** Where the guest has sound: whether it plays some, and what the user said. */
  readonly sound?: { readonly isPlaying: boolean; readonly isMuted: boolean };
  /** Where the guest has a port for a shared folder. */
  readonly folder?: SharedFolderFacts;
  /** The guest listens to a microphone; "on": to the user's. */
  readonly microphone?: "unwanted" | "wanted" | "on";
}

/** Places of a guest for USB devices of this computer. */
export interface UsbFacts {
  readonly slots: readonly {
    readonly slotId: number;
    /** What is plugged in there; undefined: nothing. */
    readonly deviceName: string | undefined;
    /** A device can be given. */
    readonly isReady: boolean;
  }[];
  /** False: this browser, or the page's address, has no WebUSB. */
  readonly isSupported: boolean;
}

/** A folder of this computer that a guest may use. */
export interface SharedFolderFacts {
  /** This browser lets pages ask for a folder. */
  readonly canChoose: boolean;
  /** The guest runs the program that uses it. */
  readonly isGuestReady: boolean;
  /** Undefined: none is shared. */
  readonly name: string | undefined;
  readonly isWritable: boolean;
}

/** A file on its way to a guest. */
export interface FileTransfer {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  /** Present when it is over. */
  readonly end?: { readonly isSuccess: true } | { readonly isSuccess: false; readonly problem: string };
}

/** A key to press or release in the guest. `code` is KeyboardEvent.code, `keysym` the X11 keysym. */
export interface GuestKey {
  readonly keysym: number;
  readonly code: string;
}

/** What every kind of console can do. */
export interface ConsoleSession extends Disposable {
  readonly protocol: ConsoleProtocol;
  readonly state: SessionState;
  readonly facts: SessionFacts;
  readonly onStateChange: Event<SessionState>;
  readonly onFactsChange: Event<SessionFacts>;
  /** The guest put text on its clipboard. */
  readonly onClipboard: Event<string>;
  readonly onBell: Event<void>;

  /** Where it paints. The owner puts it into the page and may move it; the session never removes it. */
  readonly element: HTMLElement;
  /** Hidden sessions stay connected at a fraction of the cost; their last picture is never older than a second. */
  setVisible(isVisible: boolean): void;
  focus(): void;
  /** Releases every key and button that is down in the guest, then gives up the keyboard. */
  blur(): void;

  sendKeys(keys: readonly GuestKey[]): void;
  /** One key down or up. */
  sendKey(key: GuestKey, isDown: boolean): void;
  /** Releases every key that is down in the guest. */
  releaseKeys(): void;
  /** Whether `sendKey` keeps this key down, by KeyboardEvent.code. */
  isKeyHeld(code: string): boolean;
  /** A key went down or up through `sendKey`, or all were released. */
  readonly onHeldKeysChange: Event<void>;
  setClipboard(text: string): void;
  configure(settings: ConsoleSettings, terminal: TerminalSettings): void;
  /** A PNG of the whole guest's picture (for text: of the visible screen); undefined before the first one. */
  screenshot(): Promise<Blob | undefined>;
  /** A cheap picture for previews, the switch display and the dimmed view; undefined before the first one. */
  preview(maxWidthPx: number): HTMLCanvasElement | undefined;
  /** Only where `facts.needsPointerLock`. */
  requestPointerLock(): void;
}

/** What only consoles of guests with an agent can do. */
export interface AgentSession extends ConsoleSession {
  readonly protocol: "spice";
  /** The guest put a picture on its clipboard (PNG). */
  readonly onClipboardPicture: Event<Blob>;
  readonly onFilesChange: Event<readonly FileTransfer[]>;
  /** Something cannot be done, or the guest's host has something to say; each text comes once. */
  readonly onRemark: Event<{ readonly tone: "info" | "error"; readonly text: string }>;
  /** As `setClipboard`, for a picture (PNG). */
  setClipboardPicture(png: Blob): void;
  /** Fetches what the guest has; `onClipboard` or `onClipboardPicture` brings it. False: it has nothing new. */
  fetchClipboard(): boolean;
  /** The user's own mute; the guest's volume stays as it is. */
  setMuted(isMuted: boolean): void;
  /** Rejects where the user or the browser refuses the microphone. */
  setMicrophone(isOn: boolean): Promise<void>;
  /** Asks the user for a folder, and shares it for reading; in answer to a click. Rejects where the browser refuses. */
  shareFolder(): Promise<void>;
  unshareFolder(): void;
  /** In answer to a click. Rejects where the user or the browser refuses. */
  setFolderWritable(isWritable: boolean): Promise<void>;
  sendFiles(files: readonly File[]): void;
  /** Asks the user for a USB device and gives it to the guest; only in an act of the user. */
  redirectUsb(slotId: number): void;
  /** Takes it away from the guest. */
  giveBackUsb(slotId: number): void;
  /** Stops one that is on its way; takes one that has ended off the list. */
  cancelFile(fileId: number): void;
}

export function isAgentSession(session: ConsoleSession): session is AgentSession {
  return session.protocol === "spice";
}

/** What only text consoles can do. */
export interface TextSession extends ConsoleSession {
  readonly protocol: "serial" | "tn3270";
  find(text: string, direction: "next" | "previous"): boolean;
  clearFind(): void;
  selection(): string;
  paste(text: string): void;
  clear(): void;
}

export function isTextSession(session: ConsoleSession): session is TextSession {
  return session.protocol === "serial" || session.protocol === "tn3270";
}
