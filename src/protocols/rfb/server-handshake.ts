import { ByteQueue } from "../bytes/byte-queue.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { SECURITY_TYPE } from "./security-type.ts";
import { encodeVersion, parseVersion, VERSION_BYTES } from "./version.ts";

/** A viewer sends thirteen bytes before ClientInit; it may send ClientInit and its first requests in the same chunk. */
const MAX_INBOX_BYTES = 64 * 1024;
const OK = Uint8Array.of(0, 0, 0, 0);

export type RfbServerOutput =
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  /** What comes now, beginning with `rest`, is for the real server: ClientInit first. */
  | { readonly kind: "done"; readonly rest: Uint8Array };

/**
 * The server's side of RFB 3.8 up to ClientInit, offering only security type None (RFB, section 7.1): what the page talks
 * to, whatever the real server asked for.
 */
export class RfbServerHandshake {
  readonly #inbox = new ByteQueue({ maxBytes: MAX_INBOX_BYTES });
  #phase: "version" | "security-type" | "done" = "version";

  /** The first bytes to send. */
  start(): Uint8Array {
    return encodeVersion("3.8");
  }

  receive(chunk: Uint8Array): RfbServerOutput[] {
    this.#inbox.push(chunk);
    const outputs: RfbServerOutput[] = [];
    if (this.#phase === "version") {
      const version = this.#inbox.read(VERSION_BYTES);
      if (version === undefined) return outputs;
      const { major, minor } = parseVersion(version);
      if (major !== 3 || minor !== 8) throw new ProtocolError("mismatch", "the viewer does not speak RFB 3.8");
      outputs.push({ kind: "send", bytes: Uint8Array.of(1, SECURITY_TYPE.none) });
      this.#phase = "security-type";
    }
    if (this.#phase === "security-type") {
      const type = this.#inbox.read(1);
      if (type === undefined) return outputs;
      if (type[0] !== SECURITY_TYPE.none) throw new ProtocolError("malformed", "the viewer chose what was not offered");
      outputs.push({ kind: "send", bytes: OK }, { kind: "done", rest: this.#inbox.readAll() });
      this.#phase = "done";
    }
    return outputs;
  }
}
