import { ByteQueue } from "../bytes/byte-queue.ts";
import { ByteReader } from "../bytes/byte-reader.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";

/** Width, height, pixel format, name length (RFB, section 7.3.2). */
const FIXED_BYTES = 24;
/** A desktop's name is a line. */
const MAX_NAME_BYTES = 64 * 1024;
/** Tight's extension: four counts, then capabilities of 16 bytes (RFB, section 7.4.1). */
const TIGHT_COUNTS_BYTES = 8;
const TIGHT_CAPABILITY_BYTES = 16;
const MAX_TIGHT_CAPABILITIES = 1_024;
const MAX_INBOX_BYTES = 1024 * 1024;

export interface RfbServerInit {
  readonly width: number;
  readonly height: number;
  /** ServerInit without Tight's extension, then what came after it. */
  readonly bytes: Uint8Array;
}

/** Reads the one ServerInit message at the start of a server's stream and takes Tight's extension out of it. */
export class RfbServerInitReader {
  readonly #inbox = new ByteQueue({ maxBytes: MAX_INBOX_BYTES });
  readonly #isTight: boolean;

  constructor(options: { isTight: boolean }) {
    this.#isTight = options.isTight;
  }

  /** Undefined until the message is whole. */
  receive(chunk: Uint8Array): RfbServerInit | undefined {
    this.#inbox.push(chunk);
    const fixed = this.#inbox.peek(FIXED_BYTES);
    if (fixed === undefined) return undefined;
    const reader = new ByteReader(fixed);
    const width = reader.u16();
    const height = reader.u16();
    reader.skip(16);
    const nameBytes = reader.u32();
    if (nameBytes > MAX_NAME_BYTES) throw new ProtocolError("limit", `a desktop name of ${String(nameBytes)} bytes`);
    const messageBytes = FIXED_BYTES + nameBytes;
    if (!this.#isTight) {
      if (this.#inbox.length < messageBytes) return undefined;
      return { width, height, bytes: this.#inbox.readAll() };
    }
    const extensionBytes = this.#extensionBytes(messageBytes);
    if (extensionBytes === undefined || this.#inbox.length < messageBytes + extensionBytes) return undefined;
    const message = this.#inbox.read(messageBytes) ?? new Uint8Array(0);
    this.#inbox.read(extensionBytes);
    const rest = this.#inbox.readAll();
    const bytes = new Uint8Array(message.length + rest.length);
    bytes.set(message);
    bytes.set(rest, message.length);
    return { width, height, bytes };
  }

  #extensionBytes(messageBytes: number): number | undefined {
    const counts = this.#inbox.peek(messageBytes + TIGHT_COUNTS_BYTES);
    if (counts === undefined) return undefined;
    const reader = new ByteReader(counts.subarray(messageBytes));
    const count = reader.u16() + reader.u16() + reader.u16();
    if (count > MAX_TIGHT_CAPABILITIES) throw new ProtocolError("limit", `${String(count)} Tight capabilities`);
    return TIGHT_COUNTS_BYTES + count * TIGHT_CAPABILITY_BYTES;
  }
}
