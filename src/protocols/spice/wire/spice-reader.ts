import { ProtocolError } from "../../bytes/protocol-error.ts";

/**
 * Reads one whole SPICE message body: little-endian numbers (spice.proto; spice-protocol's headers are packed). Some
 * structures stand elsewhere in the same body and are named by their offset from its start: `at` reads there. Reading
 * past the end throws ProtocolError "malformed".
 */
export class SpiceReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  /** From the start of the body, in bytes. */
  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  i16(): number {
    return this.#view.getInt16(this.#advance(2), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** A view of the next `count` bytes, not a copy. */
  bytes(count: number): Uint8Array {
    const at = this.#advance(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** A view of all that is left. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  skip(count: number): void {
    this.#advance(count);
  }

  /** A second reader of the same body at an offset that stood in it. */
  at(offset: number): SpiceReader {
    if (offset > this.#bytes.length) {
      throw new ProtocolError(
        "malformed",
        `offset ${String(offset)} is outside of a message of ${String(this.#bytes.length)} bytes`,
      );
    }
    return new SpiceReader(this.#bytes, offset);
  }

  #advance(count: number): number {
    if (count > this.remaining) {
      throw new ProtocolError("malformed", `message ends ${String(count - this.remaining)} bytes too early`);
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }
}
