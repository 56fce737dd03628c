import { z } from "zod";
import { AppError, asAppError } from "../errors/app-error.ts";
import { ERROR_CODES, type ErrorCode } from "../errors/error-codes.ts";

/** An AppError as it crosses a border. The user's text is made from code and detail on the other side. */
export const ErrorReport = z.object({
  code: z.enum(ERROR_CODES as [ErrorCode, ...ErrorCode[]]),
  message: z.string().max(4096),
  detail: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type ErrorReport = z.infer<typeof ErrorReport>;

export function reportOf(error: unknown): ErrorReport {
  const { code, message, detail } = asAppError(error);
  return { code, message: message.slice(0, 4096), detail: { ...detail } };
}

export function errorOf(report: ErrorReport): AppError {
  return new AppError(report.code, report.message, report.detail);
}
