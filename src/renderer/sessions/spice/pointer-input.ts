import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { type SizePx } from "../../screen/scaling.ts";
import { type InputMessage, type MouseButton, type MouseMode } from "./worker-messages.ts";

/** A turn of the wheel by this much is one step: what a mouse's notch gives at least, and a touch pad's finger in a while. */
const WHEEL_STEP_PX = 50;

/** Height of a line, for wheels that count in lines. */
const WHEEL_LINE_PX = 19;

/** Steps of one event; a free-running wheel would otherwise scroll the guest for seconds. */
const MAX_WHEEL_STEPS = 10;

/** Bits of PointerEvent.buttons. */
const BUTTON_BITS: readonly (readonly [MouseButton, number])[] = [
  ["left", 1],
  ["right", 2],
  ["middle", 4],
  ["side", 8],
  ["extra", 16],
];

export interface PointerInputOptions {
  readonly canvas: HTMLCanvasElement;
  readonly viewId: number;
  readonly isEnabled: () => boolean;
  readonly mouseMode: () => MouseMode;
  readonly isLocked: () => boolean;
  readonly pictureSize: () => SizePx;
  readonly send: (message: InputMessage) => void;
  /** The click that asks for the pointer lock. */
  readonly handleLockWanted: () => void;
}

/** Mouse, pen and finger over a guest's picture. */
export class PointerInput implements Disposable {
  readonly #options: PointerInputOptions;
  readonly #owned = new DisposableStore();
  readonly #downButtons = new Set<MouseButton>();
  #lastX = -1;
  #lastY = -1;
  #wheelPx = 0;

  constructor(options: PointerInputOptions) {
    this.#options = options;
    const { canvas } = options;
    canvas.style.touchAction = "none";
    this.#listen("pointerdown", (event) => this.#handleButton(event));
    this.#listen("pointerup", (event) => this.#handleButton(event));
    this.#listen("pointermove", (event) => this.#handleMove(event));
    this.#listen("pointercancel", () => this.release());
    this.#listen("wheel", (event) => this.#handleWheel(event));
    this.#listen("contextmenu", (event) => event.preventDefault());
  }

  /** Lets go of every button that is down. */
  release(): void {
    for (const button of this.#downButtons) this.#options.send({ kind: "button", button, isDown: false });
    this.#downButtons.clear();
    this.#wheelPx = 0;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** A press, or a further button's press or release while one is down, which comes as a move. */
  #handleButton(event: PointerEvent): void {
    event.preventDefault();
    const { canvas, isEnabled, mouseMode, isLocked, handleLockWanted } = this.#options;
    if (event.type === "pointerdown") canvas.focus({ preventScroll: true });
    if (!isEnabled()) return;
    if (mouseMode() === "server" && !isLocked()) {
      if (event.type === "pointerdown") handleLockWanted();
      return;
    }
    if (event.type === "pointerdown" && !isLocked()) capture(canvas, event.pointerId);
    this.#sendPlace(event);
    this.#sendButtons(event);
  }

  #handleMove(event: PointerEvent): void {
    const { isEnabled, mouseMode, isLocked, send } = this.#options;
    if (!isEnabled()) return;
    if (mouseMode() === "server") {
      if (!isLocked()) return;
      const deltaX = Math.round(event.movementX);
      const deltaY = Math.round(event.movementY);
      if (deltaX !== 0 || deltaY !== 0) send({ kind: "pointerMovedBy", deltaX, deltaY });
    } else this.#sendPlace(event);
    if (event.button !== -1) this.#sendButtons(event);
  }

  #handleWheel(event: WheelEvent): void {
    event.preventDefault();
    const { isEnabled, mouseMode, isLocked, send } = this.#options;
    if (!isEnabled() || (mouseMode() === "server" && !isLocked())) return;
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * WHEEL_LINE_PX;
    if (Math.sign(pixels) !== Math.sign(this.#wheelPx)) this.#wheelPx = 0;
    this.#wheelPx += pixels;
    const steps = Math.trunc(this.#wheelPx / WHEEL_STEP_PX);
    this.#wheelPx -= steps * WHEEL_STEP_PX;
    this.#sendPlace(event);
    const direction = steps < 0 ? "up" : "down";
    for (let step = Math.min(Math.abs(steps), MAX_WHEEL_STEPS); step > 0; step -= 1) send({ kind: "wheel", direction });
  }

  #sendPlace(event: MouseEvent): void {
    const { canvas, viewId, mouseMode, pictureSize, send } = this.#options;
    if (mouseMode() === "server") return;
    const { widthPx, heightPx } = pictureSize();
    const box = canvas.getBoundingClientRect();
    const x = guestPlace(event.clientX - box.left, box.width, widthPx);
    const y = guestPlace(event.clientY - box.top, box.height, heightPx);
    if (x === this.#lastX && y === this.#lastY) return;
    this.#lastX = x;
    this.#lastY = y;
    send({ kind: "pointerMoved", viewId, x, y });
  }

  #sendButtons(event: PointerEvent): void {
    for (const [button, bit] of BUTTON_BITS) {
      const isDown = (event.buttons & bit) !== 0;
      if (isDown === this.#downButtons.has(button)) continue;
      if (isDown) this.#downButtons.add(button);
      else this.#downButtons.delete(button);
      this.#options.send({ kind: "button", button, isDown });
    }
  }

  #listen<K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void): void {
    const { canvas } = this.#options;
    canvas.addEventListener(type, listener, { passive: false });
    this.#owned.defer(() => {
      canvas.removeEventListener(type, listener);
    });
  }
}

/** So that a drag goes on outside of the picture. A pointer that is gone by now cannot be captured, nor need be. */
function capture(canvas: HTMLCanvasElement, pointerId: number): void {
  try {
    canvas.setPointerCapture(pointerId);
  } catch {
    // Nothing to be held on to.
  }
}

/** A place on the page as a guest's pixel: the page's first and last pixels are the guest's, whatever the scale. */
export function guestPlace(offsetPx: number, shownPx: number, guestPx: number): number {
  if (guestPx <= 1 || shownPx <= 1) return 0;
  const place = Math.round((offsetPx * (guestPx - 1)) / (shownPx - 1));
  return Math.max(0, Math.min(guestPx - 1, place));
}
