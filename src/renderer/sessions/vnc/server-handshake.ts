import { ByteQueue } from "../../../protocols/bytes/byte-queue.ts";
import { ByteReader } from "../../../protocols/bytes/byte-reader.ts";
import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";

/** A desktop name longer than this is refused; names are a line of text. */
export const MAX_DESKTOP_NAME_BYTES = 64 * 1024;

/** Bytes that may wait for the rest of a handshake step: all of it, with the longest name, is far below. */
const MAX_HANDSHAKE_BYTES = 8 * 1024 * 1024;

const SECURITY_NONE = 1;
const VERSION_LINE_BYTES = 12;
/** ServerInit without the name (RFC 6143, 7.3.2). */
const SERVER_INIT_BYTES = 24;

export interface ServerInit {
  readonly widthPx: number;
  readonly heightPx: number;
}

type Step = "version" | "security-count" | "security-types" | "security-result" | "server-init" | "done";

/**
 * Reads along what a server sends until ServerInit (RFC 6143, 7.1 to 7.3), so that noVNC is given only what it can hold. The
 * host process has done the login and offers 3.8 with security None and nothing else; what differs is refused.
 */
export class ServerHandshakeWatch {
  readonly #inbox = new ByteQueue({ maxBytes: MAX_HANDSHAKE_BYTES });
  #step: Step = "version";
  #typeCount = 0;

  get isDone(): boolean {
    return this.#step === "done";
  }

  /** ServerInit when its header is there; the watch then wants no more bytes. */
  push(chunk: Uint8Array): ServerInit | undefined {
    if (this.#step === "done") return undefined;
    this.#inbox.push(chunk);
    for (;;) {
      const needed = this.#needed();
      const bytes = needed === undefined ? undefined : this.#inbox.read(needed);
      if (bytes === undefined) return undefined;
      const init = this.#take(new ByteReader(bytes));
      if (init !== undefined) return init;
    }
  }

  #needed(): number | undefined {
    switch (this.#step) {
      case "version":
        return VERSION_LINE_BYTES;
      case "security-count":
        return 1;
      case "security-types":
        return this.#typeCount;
      case "security-result":
        return 4;
      case "server-init":
        return SERVER_INIT_BYTES;
      case "done":
        return undefined;
    }
  }

  #take(reader: ByteReader): ServerInit | undefined {
    switch (this.#step) {
      case "version": {
        const line = String.fromCharCode(...reader.bytes(VERSION_LINE_BYTES));
        if (line !== "RFB 003.008\n") throw new ProtocolError("mismatch", "no RFB 3.8 greeting");
        this.#step = "security-count";
        return undefined;
      }
      case "security-count":
        this.#typeCount = reader.u8();
        if (this.#typeCount === 0) throw new ProtocolError("malformed", "no security type is offered");
        this.#step = "security-types";
        return undefined;
      case "security-types":
        if (reader.bytes(this.#typeCount).some((type) => type !== SECURITY_NONE)) {
          throw new ProtocolError("malformed", "a security type other than None is offered");
        }
        this.#step = "security-result";
        return undefined;
      case "security-result":
        if (reader.u32() !== 0) throw new ProtocolError("malformed", "security None was refused");
        this.#step = "server-init";
        return undefined;
      case "server-init":
        return this.#takeServerInit(reader);
      case "done":
        return undefined;
    }
  }

  #takeServerInit(reader: ByteReader): ServerInit {
    const widthPx = reader.u16();
    const heightPx = reader.u16();
    reader.skip(16);
    if (reader.u32() > MAX_DESKTOP_NAME_BYTES) throw new ProtocolError("limit", "the desktop's name is too long");
    this.#step = "done";
    return { widthPx, heightPx };
  }
}
