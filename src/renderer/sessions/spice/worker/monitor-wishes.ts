import type { MonitorLayout } from "../../../../protocols/spice/agent/monitors-config.ts";

interface Wish {
  readonly screenIndex: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A guest is asked for no smaller screen: desktops do not work below, and a pane may be folded to nothing. */
const MIN_SCREEN_PX = 320;

/** Drivers round widths up to this much, some of them with a wrong stride if they are not asked for it. */
const WIDTH_STEP_PX = 8;

/** The sizes that the tabs of one connection wish for their screens, side by side as one desktop. */
export class MonitorWishes {
  readonly #wishByViewId = new Map<number, Wish>();
  /** Screens that are there because a tab wanted them; they go with it. */
  readonly #addedIndexes = new Set<number>();

  /** `screenCount`: screens that the guest has; a wish for one beyond these makes it. */
  set(viewId: number, wish: Wish, screenCount: number): void {
    if (wish.screenIndex >= screenCount) this.#addedIndexes.add(wish.screenIndex);
    this.#wishByViewId.set(viewId, wish);
  }

  /** False: it wished nothing, and nothing changes. */
  delete(viewId: number): boolean {
    return this.#wishByViewId.delete(viewId);
  }

  /**
   * The whole layout; undefined while no tab wishes anything. A screen without a wish stays as it is, but for those that a tab
   * had made and has left.
   */
  layout(current: readonly { readonly widthPx: number; readonly heightPx: number }[]): MonitorLayout[] | undefined {
    const wishes = [...this.#wishByViewId.values()];
    if (wishes.length === 0 && this.#addedIndexes.size === 0) return undefined;
    const count = Math.max(current.length, ...wishes.map(({ screenIndex }) => screenIndex + 1));
    let xPx = 0;
    return Array.from({ length: count }, (_, index) => {
      const wish = wishes.find(({ screenIndex }) => screenIndex === index);
      const left = this.#addedIndexes.has(index) ? NO_SCREEN : (current[index] ?? NO_SCREEN);
      const { widthPx, heightPx } = wish === undefined ? left : acceptable(wish);
      const monitor = { widthPx, heightPx, xPx, yPx: 0 };
      xPx += widthPx;
      return monitor;
    });
  }
}

const NO_SCREEN = { widthPx: 0, heightPx: 0 };

function acceptable({ widthPx, heightPx }: Wish): { widthPx: number; heightPx: number } {
  const width = Math.max(MIN_SCREEN_PX, widthPx);
  return { widthPx: width - (width % WIDTH_STEP_PX), heightPx: Math.max(MIN_SCREEN_PX, heightPx) };
}
