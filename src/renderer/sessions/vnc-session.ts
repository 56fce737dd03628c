import { AppError } from "../../shared/errors/app-error.ts";
import { reportOf, type ErrorReport } from "../../shared/contracts/error-report.ts";
import { type ConsoleSettings } from "../../shared/contracts/settings.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { PreviewPainter } from "../screen/preview-painter.ts";
import { HeldKeys } from "./held-keys.ts";
import { type ConsoleSession, type GuestKey, type SessionFacts, type SessionState } from "./session.ts";
import { GuardedRfb, MAX_CLIPBOARD_BYTES } from "./vnc/guarded-rfb.ts";
import { VncChannel } from "./vnc/vnc-channel.ts";

/** From the start of the session to its first picture. The stream is connected and secured when it starts. */
export const FIRST_FRAME_TIMEOUT_MS = 15_000;

export interface VncSessionOptions {
  /** Binary messages both ways; the far side speaks RFB 3.8 with security None (the host process has done the login). */
  readonly stream: WebSocket;
  /** For error texts: the guest's name. */
  readonly address: string;
  readonly settings: ConsoleSettings;
  readonly isVisible: boolean;
  readonly now?: () => number;
}

/** One live VNC console over noVNC. */
export function createVncSession(options: VncSessionOptions): ConsoleSession {
  return new VncSession(options);
}

class VncSession implements ConsoleSession {
  readonly protocol = "vnc";
  readonly element: HTMLElement;

  readonly #options: VncSessionOptions;
  readonly #owned = new DisposableStore();
  readonly #stateChange = this.#owned.add(new Emitter<SessionState>());
  readonly #factsChange = this.#owned.add(new Emitter<SessionFacts>());
  readonly #clipboard = this.#owned.add(new Emitter<string>());
  readonly #bell = this.#owned.add(new Emitter<void>());
  readonly onStateChange = this.#stateChange.event;
  readonly onFactsChange = this.#factsChange.event;
  readonly onClipboard = this.#clipboard.event;
  readonly onBell = this.#bell.event;

  readonly #channel: VncChannel;
  readonly #rfb: GuardedRfb;
  readonly #previews = new PreviewPainter();
  /** noVNC knows only of keys that it caught itself. */
  readonly #heldKeys = this.#owned.add(new HeldKeys());
  readonly onHeldKeysChange = this.#heldKeys.onChange;
  readonly #firstFrameTimer: Disposable;
  #settings: ConsoleSettings;
  #state: SessionState = { phase: "connecting" };
  #isVisible: boolean;
  #paintCount = 0;

  constructor(options: VncSessionOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#isVisible = options.isVisible;
    this.element = document.createElement("div");
    this.element.style.cssText = "position:absolute;inset:0;overflow:hidden";
    this.#channel = new VncChannel({
      stream: options.stream,
      address: options.address,
      now: options.now ?? (() => performance.now()),
      onFailure: (error) => {
        this.#close(reportOf(error));
      },
    });
    this.#rfb = this.#createRfb();
    this.#firstFrameTimer = this.#owned.add(
      after(FIRST_FRAME_TIMEOUT_MS, () => {
        this.#close(this.#timeoutReport());
      }),
    );
    const handleLockChange = (): void => {
      this.#handlePointerLockChange();
    };
    document.addEventListener("pointerlockchange", handleLockChange);
    this.#owned.defer(() => {
      document.removeEventListener("pointerlockchange", handleLockChange);
    });
    this.configure(options.settings);
    this.#rfb.setHidden(!options.isVisible);
  }

  #createRfb(): GuardedRfb {
    const rfb = new GuardedRfb(this.element, this.#channel, {
      handlePainted: () => {
        this.#handlePainted();
      },
      handleResized: () => this.#factsChange.fire(this.facts),
      handleFactsChanged: () => this.#factsChange.fire(this.facts),
      handleLockWanted: () => {
        this.requestPointerLock();
      },
      handleLimit: (error) => {
        this.#close(reportOf(error));
      },
    });
    rfb.background = "transparent";
    rfb.showDotCursor = true;
    rfb.canvas.dataset["testid"] = "guest-screen";
    const handleConnect = (): void => {
      if (this.#state.phase === "connecting") this.#setState({ phase: "waiting-for-picture" });
    };
    const handleDisconnect = (): void => {
      this.#close(this.#disconnectReport());
    };
    const handleClipboard = (event: CustomEvent<{ text: string }>): void => {
      if (this.#settings.clipboard === "both") this.#clipboard.fire(event.detail.text);
    };
    const handleBell = (): void => {
      this.#bell.fire();
    };
    rfb.addEventListener("connect", handleConnect);
    rfb.addEventListener("disconnect", handleDisconnect);
    rfb.addEventListener("clipboard", handleClipboard);
    rfb.addEventListener("bell", handleBell);
    this.#owned.defer(() => {
      rfb.removeEventListener("connect", handleConnect);
      rfb.removeEventListener("disconnect", handleDisconnect);
      rfb.removeEventListener("clipboard", handleClipboard);
      rfb.removeEventListener("bell", handleBell);
    });
    return rfb;
  }

  get state(): SessionState {
    return this.#state;
  }

  get facts(): SessionFacts {
    return {
      protocol: "vnc",
      width: this.#rfb.widthPx,
      height: this.#rfb.heightPx,
      canResizeGuest: this.#rfb.canResizeGuest,
      canUseClipboard: true,
      needsPointerLock: this.#rfb.isRelativePointer,
      isPointerLocked: this.#isPointerLocked,
    };
  }

  get #isPointerLocked(): boolean {
    return document.pointerLockElement === this.#rfb.canvas;
  }

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible;
    if (this.#state.phase === "closed") return;
    if (!isVisible) this.releaseKeys();
    this.#rfb.setHidden(!isVisible);
    this.#applyResizing();
  }

  focus(): void {
    this.#rfb.focus({ preventScroll: true });
  }

  blur(): void {
    this.releaseKeys();
    this.#rfb.blur();
    if (this.#isPointerLocked) document.exitPointerLock();
  }

  sendKeys(keys: readonly GuestKey[]): void {
    for (const key of keys) this.sendKey(key, true);
    for (const key of keys.toReversed()) this.sendKey(key, false);
  }

  sendKey(key: GuestKey, isDown: boolean): void {
    if (this.#state.phase === "closed") return;
    this.#heldKeys.note(key, isDown);
    this.#rfb.sendKey(key.keysym, key.code, isDown);
  }

  isKeyHeld(code: string): boolean {
    return this.#heldKeys.has(code);
  }

  releaseKeys(): void {
    if (this.#state.phase === "closed") return;
    for (const key of this.#heldKeys.newestFirst) this.sendKey(key, false);
    this.#rfb.releaseKeysAndButtons();
  }

  setClipboard(text: string): void {
    if (this.#settings.clipboard === "off" || this.#state.phase === "closed") return;
    if (text.length > MAX_CLIPBOARD_BYTES) {
      const detail = { what: "A clipboard of that size", reason: `more than ${MAX_CLIPBOARD_BYTES} characters` };
      throw new AppError("UNSUPPORTED", "clipboard text above the limit", detail);
    }
    this.#rfb.clipboardPasteFrom(text);
  }

  configure(settings: ConsoleSettings): void {
    this.#settings = settings;
    if (this.#state.phase === "closed") return;
    if (settings.isViewOnly && !this.#rfb.viewOnly) this.releaseKeys();
    this.#rfb.viewOnly = settings.isViewOnly;
    this.#rfb.qualityLevel = settings.quality;
    this.#rfb.compressionLevel = settings.compression;
    this.#rfb.isFit = settings.scaling === "fit";
    this.#applyResizing();
  }

  screenshot(): Promise<Blob | undefined> {
    if (this.#paintCount === 0) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#rfb.picture.toBlob((blob) => {
        resolve(blob ?? undefined);
      }, "image/png");
    });
  }

  preview(maxWidthPx: number): HTMLCanvasElement | undefined {
    if (this.#paintCount === 0) return undefined;
    return this.#previews.paint(this.#rfb.picture, this.#paintCount, maxWidthPx);
  }

  requestPointerLock(): void {
    if (!this.#rfb.isRelativePointer || this.#isPointerLocked || this.#settings.isViewOnly) return;
    // Rejects when the user left a lock a moment ago; the hint stays and the next click tries again.
    Promise.resolve(this.#rfb.canvas.requestPointerLock()).catch(() => undefined);
  }

  dispose(): void {
    this.#close("user");
    this.#owned.dispose();
  }

  #applyResizing(): void {
    this.#rfb.resizeSession = this.#settings.scaling === "resize-guest" && this.#isVisible;
  }

  #handlePainted(): void {
    this.#paintCount += 1;
    if (this.#state.phase !== "waiting-for-picture") return;
    this.#firstFrameTimer.dispose();
    this.#setState({ phase: "live" });
    this.#factsChange.fire(this.facts);
  }

  #handlePointerLockChange(): void {
    const isLocked = this.#isPointerLocked;
    if (!isLocked) this.releaseKeys();
    this.#rfb.isPointerLocked = isLocked;
    this.#factsChange.fire(this.facts);
  }

  #timeoutReport(): ErrorReport {
    const { address } = this.#options;
    const detail = { address, seconds: FIRST_FRAME_TIMEOUT_MS / 1000 };
    return this.#state.phase === "connecting"
      ? reportOf(new AppError("PROTOCOL_TIMEOUT", "no VNC handshake", { address, act: "the VNC handshake" }))
      : reportOf(new AppError("FIRST_FRAME_TIMEOUT", "no picture in time", detail));
  }

  #disconnectReport(): ErrorReport {
    const { address } = this.#options;
    const reason = this.#rfb.failure;
    if (reason === undefined || reason.startsWith("Connection closed")) {
      return reportOf(new AppError("REMOTE_CLOSED", "the far side closed the stream", { address }));
    }
    return reportOf(new AppError("PROTOCOL_ERROR", reason, { address, protocol: "VNC", reason }));
  }

  #close(cause: "user" | ErrorReport): void {
    if (this.#state.phase === "closed") return;
    if (cause === "user") this.releaseKeys();
    this.#state = { phase: "closed", cause };
    this.#firstFrameTimer.dispose();
    if (this.#isPointerLocked) document.exitPointerLock();
    this.#rfb.end();
    this.#channel.dispose();
    this.#stateChange.fire(this.#state);
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#stateChange.fire(state);
  }
}
