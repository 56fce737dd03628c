import { AppError } from "../../../shared/errors/app-error.ts";
import { type KeyboardLayoutId } from "../../../shared/contracts/settings.ts";
import { delay } from "../../../shared/lifecycle/timer.ts";
import { isTextSession, type ConsoleSession } from "../../sessions/session.ts";
import { planStrokes, type KeyPress } from "./key-strokes.ts";

/** At the default pause this takes seven minutes; whoever has more to send has a better way than a keyboard. */
export const MAX_TYPED_CHARACTERS = 20_000;

export interface TypingOptions {
  readonly layout: KeyboardLayoutId;
  /** After each character; slow firmware loses keys without. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  onProgress?(typedCharacters: number, allCharacters: number): void;
}

/**
 * Types `text` in the guest, key by key. A text console takes the text itself, as a paste. Rejects before the first key when
 * the text is too long or the layout lacks a character; rejects with the signal's reason when cancelled, and when the session closes.
 * However it ends, no key stays down.
 */
export async function typeText(session: ConsoleSession, text: string, options: TypingOptions): Promise<void> {
  const { layout, pauseMs, signal } = options;
  signal.throwIfAborted();
  if (text.length > MAX_TYPED_CHARACTERS) {
    throw new AppError("UNSUPPORTED", "text is too long to be typed", {
      what: "Typing this text",
      reason: `it is longer than ${MAX_TYPED_CHARACTERS} characters`,
    });
  }
  if (isTextSession(session)) {
    session.paste(text);
    options.onProgress?.(text.length, text.length);
    return;
  }
  const { strokes, untypable } = planStrokes(text, layout);
  if (untypable.length > 0) {
    throw new AppError("UNSUPPORTED", "layout lacks characters of the text", {
      what: "Typing this text",
      reason: `the layout has no keys for ${untypable.slice(0, 10).join(" ")}`,
    });
  }
  // The user may still hold the keys that started this.
  session.releaseKeys();
  try {
    options.onProgress?.(0, strokes.length);
    for (const [index, stroke] of strokes.entries()) {
      for (const press of stroke.presses) sendPress(session, press);
      options.onProgress?.(index + 1, strokes.length);
      await delay(pauseMs, { signal });
      if (session.state.phase === "closed") {
        throw new AppError("CONNECTION_LOST", "console closed while text was typed", { address: "the guest" });
      }
    }
  } finally {
    session.releaseKeys();
  }
}

function sendPress(session: ConsoleSession, press: KeyPress): void {
  for (const key of press) session.sendKey(key, true);
  for (const key of press.toReversed()) session.sendKey(key, false);
}
