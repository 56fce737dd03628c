import { ERROR_TEXTS, type ErrorCode, type Hop } from "./error-codes.ts";

/** Facts about a failure, for texts and the log. Never a password, ticket or key. */
export type ErrorDetail = Readonly<Record<string, string | number>>;

/**
 * A failure that has a name. `message` is a lower-case clause for chains and the log; the user reads the text that
 * belongs to `code`. What is not an AppError is a bug and goes to the one sink.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "AppError";
    this.code = code;
    this.detail = detail;
  }

  /** Where on the way it failed. */
  get hop(): Hop {
    return ERROR_TEXTS[this.code].hop;
  }
}

/** Nobody is told of a cancellation: the person who cancelled knows. */
export function cancelled(): AppError {
  return new AppError("CANCELLED", "cancelled");
}

export function isCancelled(error: unknown): boolean {
  if (error instanceof AppError) return error.code === "CANCELLED";
  return error instanceof Error && error.name === "AbortError";
}

/** The given error if it is an AppError, else a BUG that carries it as its cause. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isCancelled(error)) return cancelled();
  return new AppError("BUG", "unexpected failure", {}, { cause: error });
}
