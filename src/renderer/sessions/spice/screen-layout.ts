import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { type ScalingMode } from "../../../shared/contracts/settings.ts";
import { actualScale, fitScale, guestSizeFor, type SizePx } from "../../screen/scaling.ts";

export interface ScreenLayoutOptions {
  /** The room changed, or how much of the guest fits into it; only while shown. */
  readonly handleRoomChange: () => void;
}

/** A guest's picture in its place: one canvas, scaled as the tab says, and what lies over it. */
export class ScreenLayout implements Disposable {
  /** Fills the session's element. */
  readonly element = document.createElement("div");
  readonly canvas = document.createElement("canvas");
  readonly #frame = document.createElement("div");
  readonly #options: ScreenLayoutOptions;
  readonly #owned = new DisposableStore();
  #picture: SizePx = { widthPx: 0, heightPx: 0 };
  #scaling: ScalingMode = "fit";
  #isVisible: boolean;

  constructor(options: ScreenLayoutOptions & { readonly isVisible: boolean }) {
    this.#options = options;
    this.#isVisible = options.isVisible;
    this.element.style.cssText = "position:absolute;inset:0;display:flex;overflow:hidden";
    this.#frame.style.cssText = "position:relative;flex:none;margin:auto;overflow:hidden";
    this.canvas.style.cssText = "display:block;width:100%;height:100%;outline:none";
    this.canvas.tabIndex = -1;
    this.canvas.dataset["testid"] = "guest-screen";
    this.#frame.append(this.canvas);
    this.element.append(this.#frame);
    const observer = new ResizeObserver(() => {
      this.update();
    });
    observer.observe(this.element);
    this.#owned.defer(() => {
      observer.disconnect();
    });
  }

  get picture(): SizePx {
    return this.#picture;
  }

  /** What the guest's screen should be to fill the room, in guest pixels; undefined while there is none. */
  get wantedGuestSize(): SizePx | undefined {
    const room = this.#room();
    if (!this.#isVisible || room.widthPx <= 0 || room.heightPx <= 0) return undefined;
    return guestSizeFor(room, window.devicePixelRatio);
  }

  setPicture(picture: SizePx): void {
    if (picture.widthPx === this.#picture.widthPx && picture.heightPx === this.#picture.heightPx) return;
    this.#picture = picture;
    this.#apply();
  }

  setScaling(scaling: ScalingMode): void {
    this.#scaling = scaling;
    // Without scrollbars in between: they would take room that "fit" then misses.
    this.element.style.overflow = scaling === "fit" ? "hidden" : "auto";
    this.#apply();
  }

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible;
    this.update();
  }

  /** Something that lies over the picture, placed in guest pixels; moved again whenever the scale changes. */
  overlay(element: HTMLElement): void {
    this.#frame.append(element);
  }

  /** CSS pixels for one guest pixel. */
  get scale(): number {
    const shown = Number.parseFloat(this.#frame.style.width);
    return this.#picture.widthPx === 0 || Number.isNaN(shown) ? 1 : shown / this.#picture.widthPx;
  }

  update(): void {
    // To measure a hidden element makes the browser lay it out; it is measured when it is shown.
    if (!this.#isVisible) return;
    this.#apply();
    this.#options.handleRoomChange();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #apply(): void {
    if (!this.#isVisible) return;
    const ratio = window.devicePixelRatio;
    const scale = this.#scaling === "fit" ? fitScale(this.#picture, this.#room(), ratio) : actualScale(ratio);
    if (scale === undefined) return;
    this.#frame.style.width = `${this.#picture.widthPx * scale.scale}px`;
    this.#frame.style.height = `${this.#picture.heightPx * scale.scale}px`;
    this.canvas.style.imageRendering = scale.isPixelExact ? "pixelated" : "auto";
  }

  #room(): SizePx {
    return { widthPx: this.element.clientWidth, heightPx: this.element.clientHeight };
  }
}
