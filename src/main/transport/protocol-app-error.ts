import { ProtocolError } from "../../protocols/bytes/protocol-error.ts";
import { asAppError, AppError } from "../../shared/errors/app-error.ts";

const CODE_BY_REASON = {
  limit: "PROTOCOL_LIMIT",
  malformed: "PROTOCOL_ERROR",
  mismatch: "PROTOCOL_MISMATCH",
} as const;

/** A protocol engine's error as one that names the peer; any other error as it is. */
export function protocolAppError(error: unknown, peer: { address: string; protocol: string }): AppError {
  if (!(error instanceof ProtocolError)) return asAppError(error);
  return new AppError(
    CODE_BY_REASON[error.reason],
    `${peer.protocol}: ${error.reason}`,
    { ...peer, reason: error.message },
    { cause: error },
  );
}
