import type { CursorState } from "../../../../protocols/spice/cursor/cursor-channel.ts";
import type { CursorMessage } from "../worker-messages.ts";

/** Tells the page of a cursor only what is new: shapes are pictures, and places come with each movement. */
export class CursorNotes {
  readonly #channelId: number;
  readonly #post: (message: CursorMessage) => void;
  #last: CursorState | undefined;

  constructor(options: { channelId: number; post: (message: CursorMessage) => void }) {
    this.#channelId = options.channelId;
    this.#post = options.post;
  }

  handle(state: CursorState, { isPlaceOfUse }: { readonly isPlaceOfUse: boolean }): void {
    const channelId = this.#channelId;
    const last = this.#last;
    this.#last = state;
    if (last === undefined || last.shape !== state.shape) {
      const { shape } = state;
      this.#post({
        kind: "cursorShape",
        channelId,
        shape: shape && {
          widthPx: shape.width,
          heightPx: shape.height,
          hotX: shape.hotSpotX,
          hotY: shape.hotSpotY,
          rgba: shape.rgba,
        },
      });
    }
    const isMoved = last?.x !== state.x || last.y !== state.y;
    if (last?.isVisible !== state.isVisible || (isMoved && isPlaceOfUse)) {
      this.#post({ kind: "cursorPlace", channelId, isVisible: state.isVisible, x: state.x, y: state.y });
    }
  }
}
