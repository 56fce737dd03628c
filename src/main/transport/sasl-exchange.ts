/** One SASL exchange with a user name and a password. Breaks with ProtocolError. */
export interface SaslExchange {
  readonly mechanism: string;
  /** What is sent with the choice of the mechanism; undefined where the server speaks first. */
  start(): Uint8Array | undefined;
  /** The answer to what the server sent. */
  step(challenge: Uint8Array): Promise<Uint8Array>;
}

export interface SaslCredentials {
  readonly userName: string;
  readonly password: string;
}
