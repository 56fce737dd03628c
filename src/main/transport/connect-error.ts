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

/** OpenSSL's own short clause ("wrong version number") rather than its line of numbers. */
export function tlsReasonOf(error: unknown): string {
  const reason = error instanceof Error ? (error as { reason?: unknown }).reason : undefined;
  if (reason === "wrong version number" || reason === "packet length too long") return "it does not speak TLS";
  return typeof reason === "string" ? reason.slice(0, 300) : reasonOf(error);
}

/** Why an open stream ended: pass the stream's "error", if there was one. */
export function lostStreamError(error: unknown, address: string): AppError {
  if (error instanceof AppError) return error;
  if (systemCodeOf(error).startsWith("ERR_SSL_")) {
    return new AppError("TLS_FAILED", "TLS ended", { address, reason: tlsReasonOf(error) }, { cause: error });
  }
  return new AppError("CONNECTION_LOST", "connection was lost", { address }, { cause: error });
}
