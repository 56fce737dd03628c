import type { ChannelRequest } from "../../../shared/contracts/api.ts";
import type { ErrorReport } from "../../../shared/contracts/error-report.ts";
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
  | InputMessage;

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

export type FromWorker =
  /** The worker needs a stream for this channel: answer with `streamReady` or `streamRefused`. */
  | { readonly kind: "needStream"; readonly requestId: number; readonly channel: ChannelRequest }
  /** The main channel is up: the session has begun. */
  | { readonly kind: "begun" }
  | { readonly kind: "screens"; readonly screens: readonly ScreenFacts[] }
  /** A view's canvas has a new picture; said at once for the first, then at most every PRESENTED_INTERVAL_MS. */
  | { readonly kind: "presented"; readonly viewId: number; readonly widthPx: number; readonly heightPx: number }
  | { readonly kind: "mouseMode"; readonly mode: MouseMode }
  | { readonly kind: "guestLockKeys"; readonly keys: LockKeys }
  | { readonly kind: "screenshot"; readonly requestId: number; readonly png: Blob | undefined }
  /** Something cannot be done, or the server has something to say; each text comes once. */
  | { readonly kind: "remark"; readonly tone: "info" | "error"; readonly text: string }
  /** The session is over. Final. */
  | { readonly kind: "ended"; readonly error: ErrorReport }
  | CursorMessage;
