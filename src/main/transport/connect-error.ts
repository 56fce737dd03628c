import { AppError } from "../../shared/errors/app-error.ts";

/** The system's own word for a failure ("ECONNREFUSED"), or an empty text. */
export function systemCodeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : "";
}

/** A short clause for a person; never the whole error, which may carry what is not ours to show. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  return (error.message === "" ? systemCodeOf(error) || error.name : error.message).slice(0, 300);
}

export function connectTimeout(address: string, limitMs: number): AppError {
  return new AppError("CONNECT_TIMEOUT", "no answer within the limit", {
    address,
    seconds: Math.round(limitMs / 1000),
  });
}

/** What a failed TCP connect means. */
export function tcpConnectError(error: unknown, address: string, limitMs: number): AppError {
  const options = { cause: error };
  switch (systemCodeOf(error)) {
    case "ECONNREFUSED":
      return new AppError("CONNECT_REFUSED", "connection refused", { address }, options);
    case "ETIMEDOUT":
      return connectTimeout(address, limitMs);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
    case "ENETDOWN":
    case "EADDRNOTAVAIL":
      return new AppError("CONNECT_UNREACHABLE", "no route", { address }, options);
    default:
      return new AppError("CONNECT_FAILED", "could not connect", { address, reason: reasonOf(error) }, options);
  }
}
