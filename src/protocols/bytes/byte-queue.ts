import { ProtocolError } from "./protocol-error.ts";

/**
 * Bytes that arrived and were not read yet. Chunks are kept as they came; a read copies only when it spans chunks.
 * Pushing above `maxBytes` throws ProtocolError "limit".
 */
export class ByteQueue {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  /** Read position within the first chunk. */
  #offset = 0;
  #length = 0;

  constructor(options: { maxBytes: number }) {
    this.#maxBytes = options.maxBytes;
  }

  /** Unread bytes. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#length + chunk.length > this.#maxBytes) {
      throw new ProtocolError("limit", `more than ${String(this.#maxBytes)} bytes wait to be read`);
    }
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next `count` bytes, left in the queue; undefined when fewer are there. */
  peek(count: number): Uint8Array | undefined {
    if (count > this.#length) return undefined;
    const first = this.#chunks[0];
    if (first === undefined) return new Uint8Array(0);
    if (first.length - this.#offset >= count) return first.subarray(this.#offset, this.#offset + count);
    const joined = new Uint8Array(count);
    let filled = 0;
    let offset = this.#offset;
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(offset, offset + count - filled);
      joined.set(part, filled);
      filled += part.length;
      offset = 0;
      if (filled === count) break;
    }
    return joined;
  }

  /** The next `count` bytes, removed; undefined when fewer are there. */
  read(count: number): Uint8Array | undefined {
    const bytes = this.peek(count);
    if (bytes !== undefined) this.#skip(count);
    return bytes;
  }

  /** All unread bytes, removed. */
  readAll(): Uint8Array {
    return this.read(this.#length) ?? new Uint8Array(0);
  }

  #skip(count: number): void {
    this.#length -= count;
    this.#offset += count;
    let dropped = 0;
    for (const chunk of this.#chunks) {
      if (this.#offset < chunk.length) break;
      this.#offset -= chunk.length;
      dropped += 1;
    }
    if (dropped > 0) this.#chunks.splice(0, dropped);
  }
}
