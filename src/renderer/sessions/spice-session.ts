import { AppError } from "../../shared/errors/app-error.ts";
import { reportOf, type ErrorReport } from "../../shared/contracts/error-report.ts";
import { type ConsoleSettings } from "../../shared/contracts/settings.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { PreviewPainter } from "../screen/preview-painter.ts";
import { type ConsoleStreams } from "./console-opener.ts";
import { HeldKeys } from "./held-keys.ts";
import {
  type AgentSession,
  type ConsoleSession,
  type FileTransfer,
  type GuestKey,
  type SessionFacts,
  type SessionState,
  type UsbFacts,
} from "./session.ts";
import { ClipboardLink } from "./spice/clipboard-link.ts";
import { CursorPainter } from "./spice/cursor-painter.ts";
import { FileTransfers } from "./spice/file-transfers.ts";
import { KeyboardInput } from "./spice/keyboard-input.ts";
import { LockKeySync } from "./spice/lock-key-sync.ts";
import { PointerInput } from "./spice/pointer-input.ts";
import { ScreenLayout } from "./spice/screen-layout.ts";
import { leaseSpiceConnection, startSpiceWorker, type WorkerPort } from "./spice/spice-connection.ts";
import {
  type FolderFacts,
  type FromWorker,
  type MouseMode,
  type ScreenFacts,
  type ScreenSize,
  type ToWorker,
} from "./spice/worker-messages.ts";
import { askToWrite, canChooseFolder, chooseFolder } from "./spice/folder/choose-folder.ts";
import { type SoundFacts } from "./spice/sound/page-sound.ts";

/** From the start of the session to its first picture; as for VNC. */
export const FIRST_PICTURE_TIMEOUT_MS = 15_000;

/** So long must a window rest before a guest is asked for its size: guests need a second for each, and flicker. */
export const RESIZE_REST_MS = 250;

export interface SpiceSessionOptions {
  readonly streams: ConsoleStreams;
  /** For error texts: the guest's name. */
  readonly address: string;
  readonly settings: ConsoleSettings;
  readonly isVisible: boolean;
  /** Which of the guest's screens; 0 is the first. */
  readonly screenIndex: number;
  /** Tests put a fake here. */
  readonly startWorker?: () => WorkerPort;
}

/** One screen of a live SPICE console. Channels and pictures are in the connection's worker; here are input and the page's part. */
export function createSpiceSession(options: SpiceSessionOptions): ConsoleSession {
  return new SpiceSession(options);
}

class SpiceSession implements AgentSession {
  readonly protocol = "spice";
  readonly element: HTMLElement;

  readonly #options: SpiceSessionOptions;
  readonly #owned = new DisposableStore();
  readonly #stateChange = this.#owned.add(new Emitter<SessionState>());
  readonly #factsChange = this.#owned.add(new Emitter<SessionFacts>());
  readonly #clipboard = this.#owned.add(new Emitter<string>());
  readonly #bell = this.#owned.add(new Emitter<void>());
  readonly #clipboardPicture = this.#owned.add(new Emitter<Blob>());
  readonly #filesChange = this.#owned.add(new Emitter<readonly FileTransfer[]>());
  readonly #remark = this.#owned.add(new Emitter<{ tone: "info" | "error"; text: string }>());
  readonly onStateChange = this.#stateChange.event;
  readonly onFactsChange = this.#factsChange.event;
  readonly onClipboard = this.#clipboard.event;
  readonly onClipboardPicture = this.#clipboardPicture.event;
  readonly onFilesChange = this.#filesChange.event;
  readonly onRemark = this.#remark.event;
  /** SPICE has none. */
  readonly onBell = this.#bell.event;
  readonly #heldKeys = this.#owned.add(new HeldKeys());
  readonly onHeldKeysChange = this.#heldKeys.onChange;

  readonly #connection;
  readonly #viewId: number;
  readonly #layout: ScreenLayout;
  readonly #cursor: CursorPainter;
  readonly #keyboard: KeyboardInput;
  readonly #pointer: PointerInput;
  readonly #lockKeys: LockKeySync;
  readonly #clipboardLink: ClipboardLink;
  readonly #files: FileTransfers;
  readonly #previews = new PreviewPainter();
  readonly #firstPictureTimer: Disposable;
  readonly #screenshotById = new Map<number, (png: Blob | undefined) => void>();
  #settings: ConsoleSettings;
  #state: SessionState = { phase: "connecting" };
  #isVisible: boolean;
  #pictureCount = 0;
  #mouseMode: MouseMode = "client";
  /** The display channel that this screen lies on. */
  #channelId = 0;
  #lastScreenshotId = 0;
  #agent: Extract<FromWorker, { kind: "agent" }> | undefined;
  #screenCount = 1;
  #screenLimit = 1;
  #ports: readonly string[] = [];
  #folder: FolderFacts | undefined;
  /** The guest had no such screen when this tab wanted it: it is made by wishing it a size. */
  #isScreenMissing = false;
  #wishTimer: Disposable | undefined;
  #wishedSize: ScreenSize | undefined;

  constructor(options: SpiceSessionOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#isVisible = options.isVisible;
    const { streams, address, isVisible, startWorker = startSpiceWorker } = options;
    const lease = this.#owned.add(leaseSpiceConnection({ streams, address, startWorker }));
    const { connection } = lease;
    this.#connection = connection;
    this.#viewId = connection.createViewId();

    this.element = document.createElement("div");
    this.element.style.cssText = "position:absolute;inset:0;overflow:hidden";
    this.#layout = this.#owned.add(new ScreenLayout({ isVisible, handleRoomChange: () => this.#handleRoomChange() }));
    this.element.append(this.#layout.element);
    const { canvas } = this.#layout;
    this.#cursor = new CursorPainter(this.#layout);
    this.#lockKeys = new LockKeySync((keys) => this.#post({ kind: "lockKeys", keys }));
    this.#keyboard = this.#owned.add(
      new KeyboardInput({
        element: canvas,
        platform: navigator.platform,
        isEnabled: () => this.#takesInput,
        send: (code, isDown) => this.#post({ kind: "key", code, isDown }),
        handleLockKeys: (keys) => this.#lockKeys.handleLocal(keys),
      }),
    );
    this.#pointer = this.#owned.add(
      new PointerInput({
        canvas,
        viewId: this.#viewId,
        isEnabled: () => this.#takesInput,
        mouseMode: () => this.#mouseMode,
        isLocked: () => this.#isPointerLocked,
        pictureSize: () => this.#layout.picture,
        send: (message) => this.#post(message),
        handleLockWanted: () => this.requestPointerLock(),
      }),
    );
    this.#clipboardLink = new ClipboardLink({
      settings: options.settings,
      isVisible,
      send: (message) => this.#post(message),
      handleContent: ({ text, png }) => {
        if (text !== undefined) this.#clipboard.fire(text);
        if (png !== undefined) this.#clipboardPicture.fire(png);
      },
      handleAskingChange: () => this.#factsChange.fire(this.facts),
    });
    this.#files = new FileTransfers({
      send: (message) => this.#post(message),
      handleChange: (files) => this.#filesChange.fire(files),
      nextId: () => connection.createFileId(),
    });
    this.#owned.defer(() => this.#wishTimer?.dispose());
    this.#owned.add(connection.onMessage((message) => this.#handle(message)));
    this.#owned.add(connection.onUsbChange(() => this.#factsChange.fire(this.facts)));
    this.#owned.add(connection.onSoundChange(() => this.#factsChange.fire(this.facts)));
    this.#owned.add(connection.onEnded((error) => this.#close(error)));
    this.#firstPictureTimer = this.#owned.add(
      after(FIRST_PICTURE_TIMEOUT_MS, () => {
        this.#close(this.#timeoutReport());
      }),
    );
    const handleLockChange = (): void => this.#handlePointerLockChange();
    document.addEventListener("pointerlockchange", handleLockChange);
    this.#owned.defer(() => {
      document.removeEventListener("pointerlockchange", handleLockChange);
    });
    this.configure(options.settings);
    const offscreen = canvas.transferControlToOffscreen();
    const { screenIndex } = options;
    this.#post({ kind: "attachView", viewId: this.#viewId, screenIndex, canvas: offscreen, isVisible }, [offscreen]);
    // Another tab's session may have begun long ago.
    connection.replay((message) => this.#handle(message));
    if (connection.end !== undefined) this.#close(connection.end);
  }

  get state(): SessionState {
    return this.#state;
  }

  get facts(): SessionFacts {
    const { widthPx, heightPx } = this.#layout.picture;
    return {
      protocol: "spice",
      width: widthPx,
      height: heightPx,
      canResizeGuest: this.#agent?.canResizeGuest === true,
      canUseClipboard: this.#agent?.canUseClipboard === true,
      needsPointerLock: this.#mouseMode === "server",
      isPointerLocked: this.#isPointerLocked,
      screenCount: this.#screenCount,
      screenLimit: this.#screenLimit,
      ports: this.#ports,
      canTakeFiles: this.#agent?.canTakeFiles === true,
      isClipboardOffered: this.#clipboardLink.isAsking,
      ...usbFacts(this.#connection.usb.facts),
      ...(this.#folder === undefined ? {} : { folder: { canChoose: canChooseFolder(), ...this.#folder } }),
      ...soundFacts(this.#connection.sound.facts),
    };
  }

  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    if (this.#state.phase === "closed") return;
    if (!isVisible) this.releaseKeys();
    this.#post({ kind: "showView", viewId: this.#viewId, isVisible });
    this.#layout.setVisible(isVisible);
    this.#clipboardLink.setVisible(isVisible);
    this.#cursor.move();
  }

  focus(): void {
    this.#layout.canvas.focus({ preventScroll: true });
  }

  blur(): void {
    this.releaseKeys();
    this.#layout.canvas.blur();
    if (this.#isPointerLocked) document.exitPointerLock();
  }

  sendKeys(keys: readonly GuestKey[]): void {
    for (const key of keys) this.sendKey(key, true);
    for (const key of keys.toReversed()) this.sendKey(key, false);
  }

  sendKey(key: GuestKey, isDown: boolean): void {
    if (this.#state.phase === "closed") return;
    this.#heldKeys.note(key, isDown);
    if (!this.#settings.isViewOnly) this.#post({ kind: "key", code: key.code, isDown });
  }

  isKeyHeld(code: string): boolean {
    return this.#heldKeys.has(code);
  }

  releaseKeys(): void {
    if (this.#state.phase === "closed") return;
    for (const key of this.#heldKeys.newestFirst) this.sendKey(key, false);
    this.#keyboard.release();
    this.#pointer.release();
  }

  setClipboard(text: string): void {
    this.#clipboardLink.share({ text });
  }

  setClipboardPicture(png: Blob): void {
    this.#clipboardLink.share({ png });
  }

  fetchClipboard(): boolean {
    return this.#clipboardLink.fetch();
  }

  sendFiles(files: readonly File[]): void {
    if (!this.#settings.isViewOnly) this.#files.start(files);
  }

  setMuted(isMuted: boolean): void {
    this.#connection.sound.setMuted(isMuted);
  }

  setMicrophone(isOn: boolean): Promise<void> {
    return this.#connection.sound.setMicrophone(isOn);
  }

  redirectUsb(slotId: number): void {
    drop(this.#connection.usb.redirect(slotId));
  }

  giveBackUsb(slotId: number): void {
    this.#connection.usb.giveBack(slotId);
  }

  async shareFolder(): Promise<void> {
    const handle = await chooseFolder();
    if (handle === undefined) return;
    this.#connection.sharedFolder = handle;
    this.#post({ kind: "shareFolder", handle });
  }

  unshareFolder(): void {
    this.#connection.sharedFolder = undefined;
    this.#post({ kind: "unshareFolder" });
  }

  async setFolderWritable(isWritable: boolean): Promise<void> {
    const handle = this.#connection.sharedFolder;
    if (handle === undefined) return;
    if (isWritable && !(await askToWrite(handle))) throw new AppError("CANCELLED", "the user does not allow writing");
    if (handle === this.#connection.sharedFolder) this.#post({ kind: "allowFolderWrites", isWritable });
  }

  cancelFile(fileId: number): void {
    this.#files.cancel(fileId);
  }

  configure(settings: ConsoleSettings): void {
    if (settings.isViewOnly && !this.#settings.isViewOnly) this.releaseKeys();
    this.#settings = settings;
    if (this.#state.phase === "closed") return;
    this.#clipboardLink.configure(settings);
    this.#layout.setScaling(settings.scaling);
    this.#wishSizeSoon();
    this.#cursor.move();
  }

  screenshot(): Promise<Blob | undefined> {
    if (this.#pictureCount === 0 || this.#state.phase === "closed") return Promise.resolve(undefined);
    const requestId = (this.#lastScreenshotId += 1);
    return new Promise((resolve) => {
      this.#screenshotById.set(requestId, resolve);
      this.#post({ kind: "takeScreenshot", requestId, viewId: this.#viewId });
    });
  }

  preview(maxWidthPx: number): HTMLCanvasElement | undefined {
    if (this.#pictureCount === 0) return undefined;
    return this.#previews.paint(this.#layout.canvas, this.#pictureCount, maxWidthPx);
  }

  requestPointerLock(): void {
    if (this.#mouseMode === "client" || this.#isPointerLocked || this.#settings.isViewOnly) return;
    // Rejects when the user left a lock a moment ago; the hint stays and the next click tries again.
    Promise.resolve(this.#layout.canvas.requestPointerLock()).catch(() => undefined);
  }

  dispose(): void {
    this.#close("user");
    this.#owned.dispose();
  }

  get #isPointerLocked(): boolean {
    return document.pointerLockElement === this.#layout.canvas;
  }

  get #takesInput(): boolean {
    return this.#state.phase === "live" && this.#isVisible && !this.#settings.isViewOnly;
  }

  #handle(message: FromWorker): void {
    if (this.#state.phase === "closed") return;
    switch (message.kind) {
      case "begun":
        if (this.#state.phase === "connecting") this.#setState({ phase: "waiting-for-picture" });
        return;
      case "presented":
        if (message.viewId === this.#viewId) this.#handlePresented(message.widthPx, message.heightPx);
        return;
      case "screens":
        this.#handleScreens(message.screens, message.limit);
        return;
      case "mouseMode":
        this.#handleMouseMode(message.mode);
        return;
      case "guestLockKeys":
        this.#lockKeys.handleGuest(message.keys);
        return;
      case "screenshot":
        this.#screenshotById.get(message.requestId)?.(message.png);
        this.#screenshotById.delete(message.requestId);
        return;
      case "cursorShape":
      case "cursorPlace":
        if (message.channelId === this.#channelId) this.#cursor.handle(message);
        return;
      case "agent":
        this.#agent = message;
        this.#wishedSize = undefined;
        this.#wishSizeSoon();
        this.#factsChange.fire(this.facts);
        return;
      case "clipboardOffered":
        this.#clipboardLink.handleOffered(message.formats);
        return;
      case "clipboardFetched":
        this.#clipboardLink.handleFetched(message.content);
        return;
      case "fileProgress":
      case "fileEnded":
        this.#files.handle(message);
        return;
      case "ports":
        this.#ports = message.names;
        this.#factsChange.fire(this.facts);
        return;
      case "folder":
        this.#folder = message.folder;
        this.#factsChange.fire(this.facts);
        return;
      case "portData":
        return;
      case "remark":
        this.#remark.fire({ tone: message.tone, text: message.text });
        return;
      case "needStream":
      case "ended":
        return;
    }
  }

  #handlePresented(widthPx: number, heightPx: number): void {
    this.#pictureCount += 1;
    const { picture } = this.#layout;
    const isResized = picture.widthPx !== widthPx || picture.heightPx !== heightPx;
    if (isResized) {
      this.#layout.setPicture({ widthPx, heightPx });
      this.#cursor.move();
    }
    if (this.#state.phase === "connecting" || this.#state.phase === "waiting-for-picture") {
      this.#firstPictureTimer.dispose();
      this.#setState({ phase: "live" });
      this.#factsChange.fire(this.facts);
    } else if (isResized) this.#factsChange.fire(this.facts);
  }

  #handleScreens(screens: readonly ScreenFacts[], limit: number): void {
    if (screens.length === 0) return;
    if (!this.#isScreenMissing && this.#options.screenIndex >= screens.length) {
      this.#isScreenMissing = true;
      this.#wishSizeSoon();
    }
    if (screens.length !== this.#screenCount || limit !== this.#screenLimit) {
      this.#screenCount = screens.length;
      this.#screenLimit = limit;
      this.#factsChange.fire(this.facts);
    }
    const mine = screens[this.#options.screenIndex];
    if (mine === undefined) return;
    this.#channelId = mine.channelId;
    this.#cursor.setScreenOrigin(mine);
  }

  #handleMouseMode(mode: MouseMode): void {
    if (mode === this.#mouseMode) return;
    this.#pointer.release();
    this.#mouseMode = mode;
    this.#cursor.setMode(mode);
    if (mode === "client" && this.#isPointerLocked) document.exitPointerLock();
    this.#factsChange.fire(this.facts);
  }

  #handleRoomChange(): void {
    this.#cursor.move();
    this.#wishSizeSoon();
  }

  /** A window that is being dragged has many sizes; the guest is asked for the one at which it rests. */
  #wishSizeSoon(): void {
    this.#wishTimer?.dispose();
    if (this.#state.phase === "closed" || this.#agent?.canResizeGuest !== true) return;
    this.#wishTimer = after(RESIZE_REST_MS, () => this.#wishSize());
  }

  #wishSize(): void {
    // A hidden console keeps the size that it had when it was seen.
    const isWished = this.#isScreenMissing || (this.#settings.scaling === "resize-guest" && !this.#settings.isViewOnly);
    const size = isWished ? (this.#layout.wantedGuestSize ?? this.#wishedSize) : undefined;
    const isSame = size?.widthPx === this.#wishedSize?.widthPx && size?.heightPx === this.#wishedSize?.heightPx;
    if (isSame) return;
    this.#wishedSize = size;
    this.#post({ kind: "wishScreenSize", viewId: this.#viewId, size });
  }

  #handlePointerLockChange(): void {
    if (!this.#isPointerLocked) this.releaseKeys();
    this.#factsChange.fire(this.facts);
  }

  #timeoutReport(): ErrorReport {
    const { address } = this.#options;
    const detail = { address, seconds: FIRST_PICTURE_TIMEOUT_MS / 1000 };
    return this.#state.phase === "connecting"
      ? reportOf(new AppError("PROTOCOL_TIMEOUT", "no SPICE session", { address, act: "the SPICE handshake" }))
      : reportOf(new AppError("FIRST_FRAME_TIMEOUT", "no picture in time", detail));
  }

  #close(cause: "user" | ErrorReport): void {
    if (this.#state.phase === "closed") return;
    if (cause === "user") this.releaseKeys();
    this.#post({ kind: "detachView", viewId: this.#viewId });
    this.#state = { phase: "closed", cause };
    this.#firstPictureTimer.dispose();
    this.#wishTimer?.dispose();
    if (this.#isPointerLocked) document.exitPointerLock();
    for (const resolve of this.#screenshotById.values()) resolve(undefined);
    this.#screenshotById.clear();
    this.#stateChange.fire(this.#state);
  }

  #post(message: ToWorker, transfer?: Transferable[]): void {
    this.#connection.post(message, transfer);
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#stateChange.fire(state);
  }
}

function soundFacts({ isPlaying, isMuted, microphone }: SoundFacts): Pick<SessionFacts, "sound" | "microphone"> {
  return { sound: { isPlaying, isMuted }, microphone };
}

function usbFacts(usb: UsbFacts | undefined): Pick<SessionFacts, "usb"> {
  return usb === undefined ? {} : { usb };
}
