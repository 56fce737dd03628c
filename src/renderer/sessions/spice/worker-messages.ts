import type { ChannelRequest } from "../../../shared/contracts/api.ts";
import type { ErrorReport } from "../../../shared/contracts/error-report.ts";
import type { SoundFormat } from "../../../protocols/spice/sound/sound-format.ts";
import type { StreamPass } from "../../host-client/host-api.ts";

/**
 * What the page and a SPICE connection's worker say to each other. The worker holds the streams and paints; bytes of channels
 * and pixels of screens never pass through here.
 */

export type MouseButton = "left" | "middle" | "right" | "side" | "extra";

/** Where the pointer is taken: "client" takes places, "server" movements. */
export type MouseMode = "client" | "server";

export interface LockKeys {
  readonly scrollLock: boolean;
  readonly numLock: boolean;
  readonly capsLock: boolean;
}

/** One of the guest's screens that can have a tab of its own. Its place in the list is its index. */
export interface ScreenFacts {
  /** The display channel that it lies on. */
  readonly channelId: number;
  /** Where it lies in the guest's whole picture. */
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export type InputMessage =
  /** `code` is KeyboardEvent.code. Keys that no keyboard of a guest has are dropped. */
  | { readonly kind: "key"; readonly code: string; readonly isDown: boolean }
  | { readonly kind: "lockKeys"; readonly keys: LockKeys }
  /** In pixels of the view's screen. */
  | { readonly kind: "pointerMoved"; readonly viewId: number; readonly x: number; readonly y: number }
  | { readonly kind: "pointerMovedBy"; readonly deltaX: number; readonly deltaY: number }
  | { readonly kind: "button"; readonly button: MouseButton; readonly isDown: boolean }
  /** One notch. */
  | { readonly kind: "wheel"; readonly direction: "up" | "down" };

/** What a clipboard holds, in the forms that both sides know. */
export interface SharedClipboard {
  readonly text?: string;
  readonly png?: Blob;
}

export type ClipboardForm = "text" | "png";

export type AgentMessage =
  /** What this computer's clipboard holds; the guest gets it when it asks for it. */
  | { readonly kind: "shareClipboard"; readonly content: SharedClipboard }
  /** Asks for what `clipboardOffered` told of; `clipboardFetched` answers. */
  | { readonly kind: "fetchClipboard"; readonly format: ClipboardForm }
  | { readonly kind: "sendFile"; readonly fileId: number; readonly file: File }
  | { readonly kind: "cancelFile"; readonly fileId: number };

/** Of the ports that are text consoles, by name. */
export type PortMessage =
  /** A tab shows it: what it says, and the last of what it said, comes as `portData`. */
  | { readonly kind: "listenToPort"; readonly name: string }
  | { readonly kind: "leavePort"; readonly name: string }
  | { readonly kind: "writePort"; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> };

/** The folder that the guest's webdav port gives access to. Folders are read-only until the user says otherwise. */
export type FolderMessage =
  | { readonly kind: "shareFolder"; readonly handle: FileSystemDirectoryHandle }
  | { readonly kind: "allowFolderWrites"; readonly isWritable: boolean }
  | { readonly kind: "unshareFolder" };

export interface FolderFacts {
  /** A program of the guest holds the port open. */
  readonly isGuestReady: boolean;
  /** Undefined: none is shared. */
  readonly name: string | undefined;
  readonly isWritable: boolean;
}

/** How a file's way to the guest ended. */
export type FileOutcomeKind =
  | "success"
  | "cancelled"
  | "error"
  | "notEnoughSpace"
  | "sessionLocked"
  | "agentNotConnected"
  | "disabled"
  /** Here, not there. */
  | "unreadable";

export type ToWorker =
  | { readonly kind: "start"; readonly pass: StreamPass; readonly address: string }
  | { readonly kind: "streamReady"; readonly requestId: number; readonly pass: StreamPass }
  | { readonly kind: "streamRefused"; readonly requestId: number; readonly error: ErrorReport }
  | {
      readonly kind: "attachView";
      readonly viewId: number;
      readonly screenIndex: number;
      readonly canvas: OffscreenCanvas;
      readonly isVisible: boolean;
    }
  | { readonly kind: "detachView"; readonly viewId: number }
  | { readonly kind: "showView"; readonly viewId: number; readonly isVisible: boolean }
  | { readonly kind: "takeScreenshot"; readonly requestId: number; readonly viewId: number }
  /** The size that this view's screen should have, in guest pixels; undefined: as it is. */
  | { readonly kind: "wishScreenSize"; readonly viewId: number; readonly size: ScreenSize | undefined }
  /** The user lets the guest hear: blocks of `FromCapture` come over the port. */
  | { readonly kind: "microphoneOn"; readonly port: MessagePort }
  | { readonly kind: "microphoneOff" }
  /** What a USB device of this computer says, to the place of the guest that it was given to. */
  | { readonly kind: "writeUsb"; readonly channelId: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | AgentMessage
  | PortMessage
  | FolderMessage
  | InputMessage;

export interface ScreenSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A guest's cursor: RGBA, not premultiplied, rows top down. The place in it that points is `hotX`, `hotY`. */
export interface CursorShape {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hotX: number;
  readonly hotY: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** Of one display channel's cursor. */
export type CursorMessage =
  /** Undefined: the guest has set none, and the page's own will do. */
  | { readonly kind: "cursorShape"; readonly channelId: number; readonly shape: CursorShape | undefined }
  /** Where it is, in pixels of the primary surface, is told only while the guest's mouse takes movements. */
  | {
      readonly kind: "cursorPlace";
      readonly channelId: number;
      readonly isVisible: boolean;
      readonly x: number;
      readonly y: number;
    };

export type SoundMessage =
  /** The guest plays; samples come over the port, which is for the sound card's thread (`ToPlayback`, `FromPlayback`). */
  | { readonly kind: "soundStarted"; readonly format: SoundFormat; readonly port: MessagePort }
  | { readonly kind: "soundStopped" }
  /** 0..1 */
  | { readonly kind: "soundVolume"; readonly volume: number }
  | { readonly kind: "soundMuted"; readonly isMuted: boolean }
  /** The guest listens to a microphone, or no more. */
  | { readonly kind: "microphoneWanted"; readonly format: SoundFormat }
  | { readonly kind: "microphoneFree" };

/** Of the guest's places for USB devices, each of which is a channel. */
export type UsbMessage =
  /** Anew: whatever was said on it before is over. */
  | { readonly kind: "usbOpened"; readonly channelId: number }
  | { readonly kind: "usbClosed"; readonly channelId: number }
  | { readonly kind: "usbData"; readonly channelId: number; readonly bytes: Uint8Array<ArrayBuffer> };

export type FromWorker =
  /** The worker needs a stream for this channel: answer with `streamReady` or `streamRefused`. */
  | { readonly kind: "needStream"; readonly requestId: number; readonly channel: ChannelRequest }
  /** The main channel is up: the session has begun. */
  | { readonly kind: "begun" }
  /** `limit`: as many as the guest's cards can have. */
  | { readonly kind: "screens"; readonly screens: readonly ScreenFacts[]; readonly limit: number }
  /** A view's canvas has a new picture; said at once for the first, then at most every PRESENTED_INTERVAL_MS. */
  | { readonly kind: "presented"; readonly viewId: number; readonly widthPx: number; readonly heightPx: number }
  | { readonly kind: "mouseMode"; readonly mode: MouseMode }
  | { readonly kind: "guestLockKeys"; readonly keys: LockKeys }
  | { readonly kind: "screenshot"; readonly requestId: number; readonly png: Blob | undefined }
  /** What the guest's agent can; nothing while there is none. */
  | {
      readonly kind: "agent";
      readonly isReady: boolean;
      readonly canUseClipboard: boolean;
      readonly canResizeGuest: boolean;
      readonly canTakeFiles: boolean;
    }
  /** Something was copied in the guest; empty: it is gone. */
  | { readonly kind: "clipboardOffered"; readonly formats: readonly ClipboardForm[] }
  | { readonly kind: "clipboardFetched"; readonly content: SharedClipboard }
  | { readonly kind: "ports"; readonly names: readonly string[] }
  /** Undefined: the guest has no port for it. */
  | { readonly kind: "folder"; readonly folder: FolderFacts | undefined }
  | { readonly kind: "portData"; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "fileProgress"; readonly fileId: number; readonly sentBytes: number }
  | { readonly kind: "fileEnded"; readonly fileId: number; readonly outcome: FileOutcomeKind }
  /** Something cannot be done, or the server has something to say; each text comes once. */
  | { readonly kind: "remark"; readonly tone: "info" | "error"; readonly text: string }
  /** The session is over. Final. */
  | { readonly kind: "ended"; readonly error: ErrorReport }
  | CursorMessage
  | SoundMessage
  | UsbMessage;
