import { ERROR_TEXTS, type ErrorCode } from "./error-codes.ts";
import type { ErrorDetail } from "./app-error.ts";

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
