import { ERROR_TEXTS, type ErrorCode } from "./error-codes.ts";
import { asAppError, isCancelled, type ErrorDetail } from "./app-error.ts";

/** What the user reads: what failed at which hop, and what to do. */
export interface ReadableError {
  readonly text: string;
  readonly act: string | undefined;
}

function fill(template: string, detail: ErrorDetail): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(detail[name] ?? "?"));
}

export function readableError(error: { code: ErrorCode; detail: ErrorDetail }): ReadableError {
  const { text, act } = ERROR_TEXTS[error.code] as { text: string; act?: string };
  return { text: fill(text, error.detail), act: act === undefined ? undefined : fill(act, error.detail) };
}

/** What to write beside the control that caused the error, act included; nothing for a cancellation. */
export function errorSentence(error: unknown): string | undefined {
  if (isCancelled(error)) return undefined;
  const { text, act } = readableError(asAppError(error));
  return act === undefined ? text : `${text} ${act}`;
}
