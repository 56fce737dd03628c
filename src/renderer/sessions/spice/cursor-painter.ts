import { type ScreenLayout } from "./screen-layout.ts";
import { type CursorMessage, type CursorShape, type MouseMode } from "./worker-messages.ts";

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
  #isVisible = true;
  #shape: CursorShape | undefined;
  /** The shape's picture; undefined where it is too large for a browser's cursor. */
  #url: string | undefined;
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
    if (message.kind === "cursorPlace") {
      this.#place = { x: message.x, y: message.y };
      if (this.#isVisible === message.isVisible) {
        this.move();
        return;
      }
      this.#isVisible = message.isVisible;
    } else {
      this.#shape = message.shape;
      if (message.shape !== undefined) this.#draw(message.shape);
    }
    this.#apply();
  }

  /** The scale changed, or where the cursor is. */
  move(): void {
    const { scale } = this.#layout;
    if (this.#picture.hidden || this.#shape === undefined) return;
    const left = (this.#place.x - this.#screenOrigin.x - this.#shape.hotX) * scale;
    const top = (this.#place.y - this.#screenOrigin.y - this.#shape.hotY) * scale;
    this.#picture.style.transform = `translate(${left}px,${top}px) scale(${scale})`;
  }

  #draw({ widthPx, heightPx, rgba }: CursorShape): void {
    if (widthPx === 0 || heightPx === 0) return;
    this.#picture.width = widthPx;
    this.#picture.height = heightPx;
    this.#picture.getContext("2d")?.putImageData(new ImageData(rgba, widthPx, heightPx), 0, 0);
    this.#url = Math.max(widthPx, heightPx) > MAX_CSS_CURSOR_PX ? undefined : this.#picture.toDataURL();
  }

  #apply(): void {
    this.#picture.hidden = this.#mode === "client" || !this.#isVisible || this.#shape === undefined;
    this.#layout.canvas.style.cursor = this.#pageCursor();
    this.move();
  }

  #pageCursor(): string {
    if (this.#mode === "server") return "default";
    if (!this.#isVisible) return DOT_CURSOR;
    if (this.#shape === undefined || this.#url === undefined) return "default";
    return `url("${this.#url}") ${this.#shape.hotX} ${this.#shape.hotY}, default`;
  }
}
