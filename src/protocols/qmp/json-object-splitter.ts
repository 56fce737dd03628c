import { ProtocolError } from "../bytes/protocol-error.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Cuts a byte stream into JSON objects. It counts braces rather than lines, because a monitor with `pretty=on`
 * spreads one message over many lines. What it gives is balanced, not necessarily valid JSON.
 */
export class JsonObjectSplitter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(options: { maxBytes: number }) {
    this.#maxBytes = options.maxBytes;
  }

  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#depth === 0) {
        if (WHITE_SPACE.has(byte)) continue;
        if (byte !== OPEN_BRACE) throw new ProtocolError("malformed", "a message does not begin with a brace");
        this.#depth = 1;
        start = at;
      } else if (this.#endsAt(byte)) {
        yield this.#take(chunk.subarray(start, at + 1));
      }
    }
    // A copy: the caller may use its buffer again.
    if (this.#depth > 0) this.#keep(chunk.slice(start));
  }

  /** Follows one byte inside an object; true at its last brace. */
  #endsAt(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isInString) {
      if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInString = false;
    } else if (byte === QUOTE) this.#isInString = true;
    else if (byte === OPEN_BRACE) this.#depth += 1;
    else if (byte === CLOSE_BRACE) this.#depth -= 1;
    return this.#depth === 0;
  }

  #keep(part: Uint8Array): void {
    if (this.#partsBytes + part.length > this.#maxBytes) {
      throw new ProtocolError("limit", `a message has more than ${this.#maxBytes} bytes`);
    }
    this.#parts.push(part);
    this.#partsBytes += part.length;
  }

  #take(last: Uint8Array): Uint8Array {
    this.#keep(last);
    const message = new Uint8Array(this.#partsBytes);
    let filled = 0;
    for (const part of this.#parts) {
      message.set(part, filled);
      filled += part.length;
    }
    this.#parts = [];
    this.#partsBytes = 0;
    return message;
  }
}
