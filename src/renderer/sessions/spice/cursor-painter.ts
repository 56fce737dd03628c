import { type ScreenLayout } from "./screen-layout.ts";
import { type CursorMessage, type MouseMode } from "./worker-messages.ts";

/** Browsers show no larger cursor than this. */
const MAX_CSS_CURSOR_PX = 128;

/** Where a guest shows no cursor, the user's own pointer must still be found: a dot, light within dark. */
const DOT_CURSOR =
  "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='5' height='5'%3E%3Crect width='5' height='5' fill='%23000'/%3E%3Crect x='1' y='1' width='3' height='3' fill='%23fff'/%3E%3C/svg%3E\") 2 2, default";

/**
 * The guest's cursor. Where the guest takes places, it is the page's own pointer with the guest's shape; where it takes
 * movements, the guest says where its cursor is, and it is drawn there.
 */
export class CursorPainter {
  readonly #layout: ScreenLayout;
  readonly #picture = document.createElement("canvas");
  #mode: MouseMode = "client";
  #isShown = false;
  #hot = { x: 0, y: 0 };
  #place = { x: 0, y: 0 };
  /** Where the shown screen begins in the guest's whole picture. */
  #screenOrigin = { x: 0, y: 0 };

  constructor(layout: ScreenLayout) {
    this.#layout = layout;
    this.#picture.style.cssText =
      "position:absolute;left:0;top:0;transform-origin:0 0;pointer-events:none;image-rendering:inherit";
    this.#picture.hidden = true;
    this.#picture.dataset["testid"] = "guest-cursor";
    layout.overlay(this.#picture);
    this.#apply();
  }

  setMode(mode: MouseMode): void {
    this.#mode = mode;
    this.#apply();
  }

  setScreenOrigin({ x, y }: { readonly x: number; readonly y: number }): void {
    this.#screenOrigin = { x, y };
    this.move();
  }

  handle(message: CursorMessage): void {
    switch (message.kind) {
      case "cursorShape": {
        const { widthPx, heightPx, rgba, hotX, hotY } = message;
        this.#hot = { x: hotX, y: hotY };
        this.#isShown = widthPx > 0 && heightPx > 0;
        if (!this.#isShown) break;
        this.#picture.width = widthPx;
        this.#picture.height = heightPx;
        this.#picture.getContext("2d")?.putImageData(new ImageData(rgba, widthPx, heightPx), 0, 0);
        break;
      }
      case "cursorHidden":
        this.#isShown = false;
        break;
      case "cursorMoved":
        this.#place = { x: message.x, y: message.y };
        this.move();
        return;
    }
    this.#apply();
  }

  /** The scale changed, or where the cursor is. */
  move(): void {
    const { scale } = this.#layout;
    const left = (this.#place.x - this.#screenOrigin.x - this.#hot.x) * scale;
    const top = (this.#place.y - this.#screenOrigin.y - this.#hot.y) * scale;
    this.#picture.style.transform = `translate(${left}px,${top}px) scale(${scale})`;
  }

  #apply(): void {
    const { canvas } = this.#layout;
    this.#picture.hidden = this.#mode === "client" || !this.#isShown;
    if (this.#mode === "server") {
      canvas.style.cursor = "default";
      this.move();
      return;
    }
    const { width, height } = this.#picture;
    if (!this.#isShown || Math.max(width, height) > MAX_CSS_CURSOR_PX) canvas.style.cursor = DOT_CURSOR;
    else canvas.style.cursor = `url("${this.#picture.toDataURL()}") ${this.#hot.x} ${this.#hot.y}, default`;
  }
}
