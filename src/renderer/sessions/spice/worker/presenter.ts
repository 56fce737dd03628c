import type { Rect } from "../../../../protocols/spice/display/draw-types.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import type { FrameClock } from "./frame-clock.ts";
import { HeadView, type ShownHead, type ViewCanvas } from "./head-view.ts";

/** A picture that nobody sees is brought up to date this often: it is what the switch display and the tree show. */
export const HIDDEN_PAINT_INTERVAL_MS = 1000;

export interface PresenterOptions {
  readonly clock: FrameClock;
  /** What a view with this head shows now; undefined while there is nothing to show. */
  readonly shownAt: (headIndex: number) => ShownHead | undefined;
  /** Takes over what changed since the last call, on all surfaces that views show. */
  readonly collectDamage: () => void;
  readonly handlePresented: (viewId: number, size: { readonly widthPx: number; readonly heightPx: number }) => void;
}

interface View {
  readonly painter: HeadView;
  readonly headIndex: number;
  isVisible: boolean;
  hasPainted: boolean;
  lastPaintMs: number;
  timer: Disposable | undefined;
}

/**
 * Brings the surfaces onto the canvases of the tabs: shown ones with the screen's frames, hidden ones at most once a second.
 * Nothing runs while nothing changes.
 */
export class Presenter implements Disposable {
  readonly #options: PresenterOptions;
  readonly #viewById = new Map<number, View>();
  #frame: Disposable | undefined;

  constructor(options: PresenterOptions) {
    this.#options = options;
  }

  get hasVisibleView(): boolean {
    return [...this.#viewById.values()].some((view) => view.isVisible);
  }

  attach(viewId: number, view: { canvas: ViewCanvas; headIndex: number; isVisible: boolean }): void {
    const { canvas, headIndex, isVisible } = view;
    this.#viewById.set(viewId, {
      painter: new HeadView(canvas),
      headIndex,
      isVisible,
      hasPainted: false,
      lastPaintMs: 0,
      timer: undefined,
    });
    this.update();
  }

  detach(viewId: number): void {
    this.#viewById.get(viewId)?.timer?.dispose();
    this.#viewById.delete(viewId);
  }

  setVisible(viewId: number, isVisible: boolean): void {
    const view = this.#viewById.get(viewId);
    if (view === undefined || view.isVisible === isVisible) return;
    view.isVisible = isVisible;
    view.timer?.dispose();
    view.timer = undefined;
    // Shown at once, not with the next frame: the picture must be whole when the page shows it.
    if (isVisible) this.#paintNow();
  }

  headIndexOf(viewId: number): number | undefined {
    return this.#viewById.get(viewId)?.headIndex;
  }

  /** A surface changed. */
  update(): void {
    const views = [...this.#viewById.values()];
    // The first picture waits for no frame: there may be none while the whole page is hidden.
    if (views.some((view) => !view.hasPainted)) this.#paintNow();
    if (this.#frame === undefined && views.some((view) => view.isVisible)) {
      this.#frame = this.#options.clock.onNextFrame(() => {
        this.#frame = undefined;
        this.#paintNow();
      });
    }
    for (const [viewId, view] of this.#viewById) if (!view.isVisible) this.#paintLater(viewId, view);
  }

  /** Where the surface of some heads changed; called out of `collectDamage`. */
  addDamage(headIndexes: readonly number[], rects: readonly Rect[]): void {
    for (const view of this.#viewById.values()) {
      if (headIndexes.includes(view.headIndex)) view.painter.addDamage(rects);
    }
  }

  dispose(): void {
    this.#frame?.dispose();
    this.#frame = undefined;
    for (const view of this.#viewById.values()) view.timer?.dispose();
    this.#viewById.clear();
  }

  #paintLater(viewId: number, view: View): void {
    if (view.timer !== undefined) return;
    const { clock } = this.#options;
    const pauseMs = Math.max(0, view.lastPaintMs + HIDDEN_PAINT_INTERVAL_MS - clock.now());
    view.timer = clock.after(pauseMs, () => {
      view.timer = undefined;
      this.#options.collectDamage();
      this.#paint(viewId, view);
    });
  }

  #paintNow(): void {
    this.#options.collectDamage();
    for (const [viewId, view] of this.#viewById) {
      if (view.isVisible || !view.hasPainted) this.#paint(viewId, view);
    }
  }

  #paint(viewId: number, view: View): void {
    const { shownAt, clock, handlePresented } = this.#options;
    const shown = shownAt(view.headIndex);
    if (shown === undefined || !view.painter.paint(shown)) return;
    view.hasPainted = true;
    view.lastPaintMs = clock.now();
    handlePresented(viewId, { widthPx: shown.head.width, heightPx: shown.head.height });
  }
}
