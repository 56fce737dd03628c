import { ProtocolError } from "../../../../protocols/bytes/protocol-error.ts";
import type { ErrorReport } from "../../../../shared/contracts/error-report.ts";
import { AppError, asAppError } from "../../../../shared/errors/app-error.ts";
import type { ErrorCode } from "../../../../shared/errors/error-codes.ts";

const CODE_BY_REASON: Readonly<Record<ProtocolError["reason"], ErrorCode>> = {
  limit: "PROTOCOL_LIMIT",
  malformed: "PROTOCOL_ERROR",
  mismatch: "PROTOCOL_MISMATCH",
};

/** How a connection's end crosses to the page. What breaks the protocol is the far side's doing; anything else is a bug of ours. */
export function reportOfFailure(error: unknown, address: string): ErrorReport {
  if (error instanceof ProtocolError) {
    const reason = error.message;
    return plain(new AppError(CODE_BY_REASON[error.reason], reason, { address, protocol: "SPICE", reason }));
  }
  const known = asAppError(error);
  if (known.code !== "BUG" || !(error instanceof Error)) return plain(known);
  return plain(new AppError("BUG", `SPICE worker: ${error.stack ?? error.message}`));
}

function plain({ code, message, detail }: AppError): ErrorReport {
  return { code, message: message.slice(0, 4096), detail: { ...detail } };
}
