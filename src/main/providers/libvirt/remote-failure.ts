import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";
import type { RemoteError } from "../../../protocols/libvirt/remote-messages.ts";
import { ERROR_NUMBER } from "../../../protocols/libvirt/remote-procedures.ts";
import { AppError } from "../../../shared/errors/app-error.ts";

/** Long enough for libvirt's sentences, short enough for a status line. */
const MAX_REASON_CHARACTERS = 400;

/** What the daemon answered instead of a result; the cause of an AppError. */
class RemoteFailure extends Error {
  readonly remote: RemoteError;

  constructor(remote: RemoteError) {
    super(remote.message);
    this.name = "RemoteFailure";
    this.remote = remote;
  }
}

/** A peer's text on its way to a person: one line, bounded. */
export function reasonText(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, MAX_REASON_CHARACTERS);
}

export function remoteFailureError(remote: RemoteError, address: string): AppError {
  const reason = reasonText(remote.message);
  const cause = new RemoteFailure(remote);
  return new AppError("HOST_REPLY", "the daemon answered with an error", { address, reason }, { cause });
}

/** virErrorNumber of an error made by `remoteFailureError`; undefined for any other. */
export function remoteErrorNumber(error: unknown): number | undefined {
  return error instanceof AppError && error.cause instanceof RemoteFailure ? error.cause.remote.code : undefined;
}

/** The daemon's own words, or the error's. */
export function remoteReason(error: unknown): string {
  if (error instanceof AppError && error.cause instanceof RemoteFailure) return reasonText(error.cause.message);
  return error instanceof Error ? reasonText(error.message) : "unknown";
}

export function isDomainGone(error: unknown): boolean {
  return remoteErrorNumber(error) === ERROR_NUMBER.noDomain;
}

/** What broken bytes of a libvirt daemon mean for the user. */
export function libvirtProtocolError(error: unknown, address: string): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof ProtocolError)) return new AppError("BUG", "unexpected failure", {}, { cause: error });
  const detail = { address, protocol: "libvirt", reason: reasonText(error.message) };
  switch (error.reason) {
    case "mismatch":
      return new AppError("PROTOCOL_MISMATCH", "not a libvirt daemon", detail, { cause: error });
    case "limit":
      return new AppError("PROTOCOL_LIMIT", "a limit was passed", detail, { cause: error });
    case "malformed":
      return new AppError("PROTOCOL_ERROR", "a message was malformed", detail, { cause: error });
  }
}
