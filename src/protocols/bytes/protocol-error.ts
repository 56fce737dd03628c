/** What any protocol engine throws at input that breaks the protocol or a limit; never anything else. */
export class ProtocolError extends Error {
  /** "limit": more than is accepted; "malformed": not allowed by the protocol; "mismatch": another protocol. */
  readonly reason: "limit" | "malformed" | "mismatch";

  constructor(reason: "limit" | "malformed" | "mismatch", message: string) {
    super(message);
    this.name = "ProtocolError";
    this.reason = reason;
  }
}
