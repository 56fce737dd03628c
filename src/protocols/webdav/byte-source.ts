import { ProtocolError } from "../bytes/protocol-error.ts";

/** What one client may have sent ahead of what was read. The port is held back long before; this is for clients that do not care. */
export const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** One client's bytes, for a reader that waits for them. One reader at a time. */
export class ByteSource {
  readonly #chunks: Uint8Array[] = [];
  readonly #handleTaken: () => void;
  #offset = 0;
  #waitingBytes = 0;
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** `handleTaken`: the reader has taken some. */
  constructor(handleTaken: () => void = () => undefined) {
    this.#handleTaken = handleTaken;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Throws ProtocolError "limit". */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.#isEnded) return;
    if (this.#waitingBytes + chunk.length > MAX_WAITING_BYTES) {
      throw new ProtocolError("limit", `more than ${String(MAX_WAITING_BYTES)} bytes wait to be read`);
    }
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#awaken();
  }

  /** Nothing more comes; what is there can still be read. */
  end(): void {
    this.#isEnded = true;
    this.#awaken();
  }

  /** At least one byte and at most `maxBytes`; undefined at the end. */
  async read(maxBytes: number): Promise<Uint8Array | undefined> {
    const chunk = await this.#current();
    return chunk === undefined ? undefined : this.#take(Math.min(maxBytes, chunk.length - this.#offset));
  }

  /** Up to a line feed, without it and a carriage return before it; a character is a byte. Undefined at the end. Throws ProtocolError. */
  async readLine(maxBytes: number): Promise<string | undefined> {
    let line = "";
    for (;;) {
      const chunk = await this.#current();
      if (chunk === undefined) return undefined;
      const end = chunk.indexOf(0x0a, this.#offset);
      const piece = this.#take((end === -1 ? chunk.length : end + 1) - this.#offset);
      if (line.length + piece.length > maxBytes) {
        throw new ProtocolError("limit", `a line of more than ${String(maxBytes)} bytes`);
      }
      for (const byte of piece) line += String.fromCharCode(byte);
      if (end !== -1) return line.replace(/\r?\n$/, "");
    }
  }

  async #current(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#chunks[0];
  }

  #take(count: number): Uint8Array {
    const chunk = this.#chunks[0] ?? new Uint8Array(0);
    const piece = chunk.subarray(this.#offset, this.#offset + count);
    this.#offset += piece.length;
    this.#waitingBytes -= piece.length;
    if (this.#offset >= chunk.length) {
      this.#chunks.shift();
      this.#offset = 0;
    }
    this.#handleTaken();
    return piece;
  }

  #awaken(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
