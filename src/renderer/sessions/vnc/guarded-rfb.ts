import RFB, { type NovncMouseEvent } from "@novnc/novnc";
import { type AppError } from "../../../shared/errors/app-error.ts";
import { type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { afterFrame } from "../../screen/after-frame.ts";
import { actualScale, fitScale, guestSizeFor } from "../../screen/scaling.ts";
import {
  encodeDisableContinuousUpdates,
  encodePointerEvent,
  encodeQemuKeyEvent,
  encodeUpdateRequest,
} from "./client-messages.ts";
import { isFramebufferAccepted } from "./framebuffer-limit.ts";
import { RawBlockDecoder } from "./raw-decoder.ts";
import { ENCODING_POINTER_MOTION_CHANGE, type VncChannel } from "./vnc-channel.ts";

/**
 * noVNC 1.7.0 with what it lacks. This is the only file that touches members of noVNC that are not its public interface; its
 * test fails when one of them is gone. What is added, and why it cannot be had from outside:
 * - limits: picture, rectangle, cursor and clipboard are measured before noVNC allocates for them;
 * - raw pixels in blocks instead of lines;
 * - one canvas instead of two while hidden, and a receive queue that starts small and shrinks again;
 * - continuous updates are off while hidden;
 * - "1:1" and "fit" that know the screen's pixel ratio;
 * - QEMU's relative pointer;
 * - release of every key and button.
 */

/** Starting size of noVNC's receive queue (its own: 4 MiB). Our streams come in messages of at most 64 KiB; it grows by itself. */
const RECEIVE_QUEUE_BYTES = 256 * 1024;

/** A cursor larger than this in a direction is refused. QEMU's largest is 512. */
const MAX_CURSOR_PX = 512;

/** Clipboard text from a guest above this is refused. */
export const MAX_CLIPBOARD_BYTES = 4 * 1024 * 1024;

const ENCODING_RAW = 0;
/** Tight, whose decoder holds an inflator. */
const ENCODING_TIGHT = 7;
/** The action byte of a "provide" message, alone: "caps" messages have this bit among others (rfbproto, Extended Clipboard). */
const EXTENDED_CLIPBOARD_PROVIDE = 0x10;

/** The middle of the range: no motion (QEMU ui/vnc.c, pointer_event: `x - 0x7FFF`). */
const RELATIVE_ORIGIN = 0x7fff;

/** F24 in XT set 1, which no one holds down, and the keysym of F12 for servers that look at that instead. */
const UNUSED_KEYCODE = 0x76;
const KEYSYM_F12 = 0xffc9;

export interface RfbObserver {
  /** A picture was painted; the first call is the first picture. */
  handlePainted(): void;
  handleResized(): void;
  /** What the far side can do changed. */
  handleFactsChanged(): void;
  /** The click that asks for the pointer lock. */
  handleLockWanted(): void;
  handleLimit(error: AppError): void;
}

export class GuardedRfb extends RFB {
  // RFB's constructor calls _connect before these are there; nothing else of it runs before the first message.
  readonly #channel: VncChannel;
  readonly #observer: RfbObserver;
  #failure: string | undefined;
  #isHidden = false;
  #secondCanvas: Disposable | undefined;
  #hasData = false;
  #isRelative = false;
  #isLocked = false;
  #isFit = true;
  #lastX = 0;
  #lastY = 0;

  constructor(target: HTMLElement, channel: VncChannel, observer: RfbObserver) {
    super(target, channel, { shared: true });
    this.#channel = channel;
    this.#observer = observer;
    this.#watchFlips();
    this._decoders[ENCODING_RAW] = new RawBlockDecoder();
  }

  /** Why noVNC gave up, in its words; undefined when the far side just closed. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get widthPx(): number {
    return this._fbWidth;
  }

  get heightPx(): number {
    return this._fbHeight;
  }

  get canvas(): HTMLCanvasElement {
    return this._canvas;
  }

  /** The canvas that always holds the whole, newest picture. */
  get picture(): HTMLCanvasElement {
    return this._display._backbuffer;
  }

  get canResizeGuest(): boolean {
    return this._supportsSetDesktopSize;
  }

  get isRelativePointer(): boolean {
    return this.#isRelative;
  }

  set isPointerLocked(isLocked: boolean) {
    this.#isLocked = isLocked;
  }

  set isFit(isFit: boolean) {
    this.#isFit = isFit;
    // Without scrollbars in between: they would take room that "fit" then misses.
    this._screen.style.overflow = isFit ? "hidden" : "auto";
    this._updateScale();
  }

  setHidden(isHidden: boolean): void {
    if (this.#isHidden === isHidden) return;
    this.#isHidden = isHidden;
    this.#channel.setPaced(isHidden);
    this.#secondCanvas?.dispose();
    if (isHidden) {
      this.#useOneCanvas();
      this.#shrinkReceiveQueue();
      this.#pauseContinuousUpdates();
    } else {
      // The picture is in the page already; to make room for its copy can wait until it is on the screen.
      this.#secondCanvas = afterFrame(() => this.#useTwoCanvases());
      this._updateScale();
      this._saveExpectedClientSize();
      this.#resumeContinuousUpdates();
      this.#wakeServer();
    }
  }

  /** As `disconnect`, and quiet when noVNC has ended by itself. */
  end(): void {
    this.#secondCanvas?.dispose();
    const state = this._rfbConnectionState;
    if (state === "connecting" || state === "connected") this.disconnect();
  }

  releaseKeysAndButtons(): void {
    this._keyboard._allKeysUp();
    if (this._mouseButtonMask !== 0) this._handleMouseButton(this.#lastX, this.#lastY, 0);
  }

  /**
   * QEMU 7.2 looks at its screen only every 150 to 300 ms while little is asked of it, and goes back to 30 ms at any message of
   * a type above 3 (ui/vnc.c, protocol_client_msg). The release of a key that is not down is one that changes nothing: QEMU
   * filters it (ui/kbd-state.c). Only servers that announced QEMU's key event get it.
   */
  #wakeServer(): void {
    if (!this.#isConnected || !this._qemuExtKeyEventSupported) return;
    this.#channel.sendMessage(encodeQemuKeyEvent(KEYSYM_F12, UNUSED_KEYCODE, false));
  }

  get #isConnected(): boolean {
    return this._rfbConnectionState === "connected";
  }

  protected override _connect(): void {
    this._sock._rQbufferSize = RECEIVE_QUEUE_BYTES;
    super._connect();
  }

  protected override _fail(details: string): false {
    this.#failure ??= details;
    return super._fail(details);
  }

  // --- limits

  protected override _resize(widthPx: number, heightPx: number): void {
    if (!isFramebufferAccepted(widthPx, heightPx)) {
      this.#observer.handleLimit(this.#channel.tooLarge(widthPx, heightPx));
      return;
    }
    // noVNC's resize clears a canvas that is both its buffer and its target.
    this.#useTwoCanvases();
    super._resize(widthPx, heightPx);
    if (this.#isHidden) this.#useOneCanvas();
    this.#observer.handleResized();
  }

  protected override _handleDataRect(): boolean {
    const { x, y, width, height } = this._FBU;
    if (x + width > this._fbWidth || y + height > this._fbHeight) {
      return this._fail(`a rectangle of ${width}x${height} at ${x},${y} is outside the picture`);
    }
    const isWhole = super._handleDataRect();
    if (isWhole) this.#hasData = true;
    return isWhole;
  }

  protected override _handleCursor(): boolean {
    return this.#refuseLargeCursor() ?? super._handleCursor();
  }

  protected override _handleVMwareCursor(): boolean {
    return this.#refuseLargeCursor() ?? super._handleVMwareCursor();
  }

  #refuseLargeCursor(): false | undefined {
    const { width, height } = this._FBU;
    if (width <= MAX_CURSOR_PX && height <= MAX_CURSOR_PX) return undefined;
    return this._fail(`a cursor of ${width}x${height}`);
  }

  /** The message type is read already. ServerCutText: 3 bytes padding, length, text; negative: flags and a zlib stream. */
  protected override _handleServerCutText(): boolean {
    const header = this._sock.rQlen() >= 11 ? this._sock.rQpeekBytes(11) : undefined;
    if (header !== undefined) {
      const view = new DataView(header.buffer, header.byteOffset);
      const length = view.getInt32(3);
      if (Math.abs(length) > MAX_CLIPBOARD_BYTES) return this._fail("a clipboard text above the limit");
      const isProvide = length < 0 && view.getUint8(7) === EXTENDED_CLIPBOARD_PROVIDE;
      if (isProvide && this._sock.rQlen() >= 7 - length && !this.#isProvidedSizeAccepted(7 - length)) {
        return this._fail("a compressed clipboard text above the limit");
      }
    }
    return super._handleServerCutText();
  }

  /** noVNC allocates what the compressed text says of its own size. */
  #isProvidedSizeAccepted(messageBytes: number): boolean {
    const Inflator = this._decoders[ENCODING_TIGHT]?._zlibs?.[0]?.constructor as
      (new () => { setInput(data: Uint8Array): void; inflate(bytes: number): Uint8Array }) | undefined;
    if (Inflator === undefined) return false;
    const inflator = new Inflator();
    try {
      inflator.setInput(this._sock.rQpeekBytes(messageBytes).subarray(11));
      const size = inflator.inflate(4);
      return new DataView(size.buffer, size.byteOffset).getUint32(0) <= MAX_CLIPBOARD_BYTES;
    } catch {
      return false;
    }
  }

  // --- memory and painting

  #watchFlips(): void {
    const display = this._display;
    const flip = display.flip.bind(display);
    display.flip = (fromQueue) => {
      const isQueued = display._renderQ.length !== 0 && fromQueue !== true;
      if (!isQueued && display._backbuffer === display._target) {
        // The picture is where it belongs already.
        display._damageBounds = { left: 65_535, top: 65_535, right: 0, bottom: 0 };
      } else {
        flip(fromQueue);
      }
      if (!isQueued && this.#hasData) this.#observer.handlePainted();
    };
  }

  /** While hidden, noVNC paints straight into the canvas of the page: half the memory, and the picture is there when shown. */
  #useOneCanvas(): void {
    const display = this._display;
    if (display._backbuffer === display._target) return;
    const buffer = display._backbuffer;
    if (buffer.width > 0 && buffer.height > 0) display._targetCtx.drawImage(buffer, 0, 0);
    display._backbuffer = display._target;
    display._drawCtx = display._targetCtx;
    display._prevDrawStyle = "";
    buffer.width = 0;
    buffer.height = 0;
  }

  #useTwoCanvases(): void {
    const display = this._display;
    if (display._backbuffer !== display._target) return;
    const { width, height } = display._target;
    const buffer = document.createElement("canvas");
    const context = buffer.getContext("2d");
    if (context === null) return;
    buffer.width = width;
    buffer.height = height;
    if (width > 0 && height > 0) context.drawImage(display._target, 0, 0);
    display._backbuffer = buffer;
    display._drawCtx = context;
    display._prevDrawStyle = "";
  }

  #shrinkReceiveQueue(): void {
    const sock = this._sock;
    if (sock._rQ === null || sock._rQlen !== sock._rQi || sock._rQbufferSize <= RECEIVE_QUEUE_BYTES) return;
    sock._rQ = new Uint8Array(RECEIVE_QUEUE_BYTES);
    sock._rQbufferSize = RECEIVE_QUEUE_BYTES;
    sock._rQi = 0;
    sock._rQlen = 0;
  }

  // To measure a hidden element makes the browser lay it out; it is measured when it is shown.
  protected override _saveExpectedClientSize(): void {
    if (!this.#isHidden) super._saveExpectedClientSize();
  }

  protected override _updateScale(): void {
    if (this.#isHidden) return;
    const room = { widthPx: this._screen.clientWidth, heightPx: this._screen.clientHeight };
    const picture = { widthPx: this._fbWidth, heightPx: this._fbHeight };
    const ratio = window.devicePixelRatio;
    const scale = this.#isFit ? fitScale(picture, room, ratio) : actualScale(ratio);
    if (scale === undefined) return;
    this._display.scale = scale.scale;
    this._canvas.style.imageRendering = scale.isPixelExact ? "pixelated" : "auto";
  }

  /** In guest pixels: what noVNC asks for with `resizeSession`, the only use it has for this while it does not clip. */
  protected override _screenSize(): { w: number; h: number } {
    const room = { widthPx: this._screen.clientWidth, heightPx: this._screen.clientHeight };
    const { widthPx, heightPx } = guestSizeFor(room, window.devicePixelRatio);
    return { w: widthPx, h: heightPx };
  }

  // --- continuous updates (rfbproto, ContinuousUpdates; Xvnc has them, QEMU does not)

  #pauseContinuousUpdates(): void {
    if (!this.#isConnected || !this._enabledContinuousUpdates) return;
    // From here on noVNC asks after each update, and the pacer holds that. The first request is ours.
    this._enabledContinuousUpdates = false;
    this.#channel.sendMessage(encodeDisableContinuousUpdates());
    this.#channel.sendMessage(encodeUpdateRequest(this._fbWidth, this._fbHeight));
  }

  #resumeContinuousUpdates(): void {
    if (!this.#isConnected || !this._supportsContinuousUpdates) return;
    this._enabledContinuousUpdates = true;
    this._updateContinuousUpdates();
  }

  protected override _updateContinuousUpdates(): void {
    if (this.#isHidden && this._enabledContinuousUpdates) {
      // The server announced them while nobody looks.
      this._enabledContinuousUpdates = false;
      this.#channel.sendMessage(encodeUpdateRequest(this._fbWidth, this._fbHeight));
      return;
    }
    super._updateContinuousUpdates();
  }

  // --- facts

  protected override _handleExtendedDesktopSize(): boolean {
    const before = this._supportsSetDesktopSize;
    const isWhole = super._handleExtendedDesktopSize();
    if (before !== this._supportsSetDesktopSize) this.#observer.handleFactsChanged();
    return isWhole;
  }

  protected override _handleRect(): boolean {
    if (this._FBU.encoding !== ENCODING_POINTER_MOTION_CHANGE) return super._handleRect();
    this.#isRelative = this._FBU.x === 0;
    this.#observer.handleFactsChanged();
    return true;
  }

  // --- pointer

  protected override _handleMouse(event: NovncMouseEvent): void {
    if (!this.#isRelative) {
      super._handleMouse(event);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "click" || event.type === "contextmenu") return;
    if (!this.#isLocked) {
      if (event.type === "mousedown" && !this.viewOnly) this.#observer.handleLockWanted();
      return;
    }
    this._mouseButtonMask = GuardedRfb._convertButtonMask(event.buttons);
    this.#sendMotion(event.movementX, event.movementY);
  }

  #sendMotion(deltaX: number, deltaY: number): void {
    if (!this.#isConnected || this.viewOnly || this.#isHidden) return;
    const bound = (value: number): number => RELATIVE_ORIGIN + Math.max(-0x7ff, Math.min(0x7ff, Math.round(value)));
    this.#channel.sendMessage(encodePointerEvent(this._mouseButtonMask, bound(deltaX), bound(deltaY)));
  }

  protected override _sendMouse(x: number, y: number, mask: number): void {
    // A drag that began before a switch goes on arriving here: noVNC captures the mouse for the whole page.
    if (this.#isHidden && mask !== 0) return;
    if (this.#isRelative) {
      // The wheel, and the release of buttons.
      if (this.#isConnected && !this.viewOnly) {
        this.#channel.sendMessage(encodePointerEvent(mask, RELATIVE_ORIGIN, RELATIVE_ORIGIN));
      }
      return;
    }
    this.#lastX = x;
    this.#lastY = y;
    super._sendMouse(x, y, mask);
  }
}
