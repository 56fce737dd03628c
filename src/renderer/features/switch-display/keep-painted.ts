import type { TabId } from "../../../shared/contracts/ids.ts";
import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { after } from "../../../shared/lifecycle/timer.ts";
import { paintCover } from "./paint-cover.ts";

/** A guest's picture in a card, in CSS pixels; the style sheet has the same. */
const PICTURE_WIDTH_PX = 136;
const PICTURE_HEIGHT_PX = 85;

/** How often the pictures follow the guests. */
const REPAINT_MS = 250;

export const CARD_MARKED_CLASS = "switch-display-card-marked";
const CARD_DARK_CLASS = "switch-display-card-dark";

/** The last picture of a tab, no wider than asked. */
export type PreviewOf = (tabId: TabId, maxWidthPx: number) => HTMLCanvasElement | undefined;

/**
 * Paints the cards in view, again and again until disposed. One card a task, and the first not before the next frame: the
 * guest that was switched to is on the screen before its little picture is, however many consoles are open.
 */
export function keepPainted(row: HTMLElement, previewOf: PreviewOf): Disposable {
  const owned = new DisposableStore();
  let timer: Disposable | undefined;

  const paintNext = (cards: HTMLElement[]): void => {
    timer?.dispose();
    const card = cards.shift();
    if (card === undefined) {
      timer = after(REPAINT_MS, begin);
      return;
    }
    paintCard(card, previewOf);
    timer = after(0, () => {
      paintNext(cards);
    });
  };

  const begin = (): void => {
    paintNext(cardsInView(row));
  };

  const frame = requestAnimationFrame(() => {
    timer = after(0, begin);
  });
  owned.defer(() => {
    cancelAnimationFrame(frame);
    timer?.dispose();
  });
  row.addEventListener("scroll", begin, { passive: true });
  owned.defer(() => {
    row.removeEventListener("scroll", begin);
  });
  return owned;
}

/** The marked one first: that is where the eyes are. */
function cardsInView(row: HTMLElement): HTMLElement[] {
  const frame = row.getBoundingClientRect();
  return [...row.querySelectorAll<HTMLElement>("[data-tab-id]")]
    .filter((card) => {
      const { left, right } = card.getBoundingClientRect();
      return right >= frame.left && left <= frame.right;
    })
    .sort((a, b) => Number(b.classList.contains(CARD_MARKED_CLASS)) - Number(a.classList.contains(CARD_MARKED_CLASS)));
}

function paintCard(card: HTMLElement, previewOf: PreviewOf): void {
  const canvas = card.querySelector("canvas");
  if (canvas === null) return;
  const scale = window.devicePixelRatio;
  // Twice the width, so that a picture wider than the card is sharp after its sides are cut off.
  const picture = previewOf(card.dataset["tabId"] as TabId, Math.ceil(PICTURE_WIDTH_PX * 2 * scale));
  const isPainted = paintCover(canvas, picture, PICTURE_WIDTH_PX * scale, PICTURE_HEIGHT_PX * scale);
  card.classList.toggle(CARD_DARK_CLASS, !isPainted);
}
