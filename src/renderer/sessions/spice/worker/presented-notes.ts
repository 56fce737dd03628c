import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import type { FrameClock } from "./frame-clock.ts";
import type { FromWorker } from "../worker-messages.ts";

/** The page is told of new pictures at most this often: it only wants to know whether a preview is old. */
export const PRESENTED_INTERVAL_MS = 250;

interface Note {
  widthPx: number;
  heightPx: number;
  lastPostMs: number;
  timer: Disposable | undefined;
}

/** Tells the page which canvases have new pictures: the first and a new size at once, else now and then. */
export class PresentedNotes implements Disposable {
  readonly #clock: FrameClock;
  readonly #post: (message: FromWorker) => void;
  readonly #noteByViewId = new Map<number, Note>();

  constructor(options: { clock: FrameClock; post: (message: FromWorker) => void }) {
    this.#clock = options.clock;
    this.#post = options.post;
  }

  add(viewId: number, size: { readonly widthPx: number; readonly heightPx: number }): void {
    const { widthPx, heightPx } = size;
    const known = this.#noteByViewId.get(viewId);
    const note = known ?? { widthPx, heightPx, lastPostMs: 0, timer: undefined };
    this.#noteByViewId.set(viewId, note);
    if (known === undefined || note.widthPx !== widthPx || note.heightPx !== heightPx) {
      note.widthPx = widthPx;
      note.heightPx = heightPx;
      this.#tell(viewId, note);
      return;
    }
    const pauseMs = Math.max(0, note.lastPostMs + PRESENTED_INTERVAL_MS - this.#clock.now());
    note.timer ??= this.#clock.after(pauseMs, () => this.#tell(viewId, note));
  }

  remove(viewId: number): void {
    this.#noteByViewId.get(viewId)?.timer?.dispose();
    this.#noteByViewId.delete(viewId);
  }

  dispose(): void {
    for (const viewId of [...this.#noteByViewId.keys()]) this.remove(viewId);
  }

  #tell(viewId: number, note: Note): void {
    note.timer?.dispose();
    note.timer = undefined;
    note.lastPostMs = this.#clock.now();
    this.#post({ kind: "presented", viewId, widthPx: note.widthPx, heightPx: note.heightPx });
  }
}
