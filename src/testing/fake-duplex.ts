import { Duplex } from "node:stream";

export interface FakeDuplexOptions {
  /** Delivers what `receive` gets in pieces of these lengths, repeated; one byte at a time by default, the hardest way. */
  readonly cuts?: readonly number[];
  /** What may wait to be taken by the peer before `write` answers false. */
  readonly highWaterMark?: number;
  /** True: the peer takes nothing until `takeAll`. */
  readonly isStalled?: boolean;
}

/** A byte stream whose far side is the test: it delivers bytes as it likes and records what was sent. */
export class FakeDuplex extends Duplex {
  readonly #cuts: readonly number[];
  readonly #sent: Uint8Array[] = [];
  #isStalled: boolean;
  #takeStalled: (() => void) | undefined;
  #hasPeerEnded = false;

  constructor(options: FakeDuplexOptions = {}) {
    super(options.highWaterMark === undefined ? {} : { writableHighWaterMark: options.highWaterMark });
    this.#cuts = options.cuts ?? [1];
    this.#isStalled = options.isStalled ?? false;
  }

  /** All bytes that were written so far, in one piece. */
  get sent(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#sent));
  }

  /** What was written, as text of one byte a character. */
  get sentText(): string {
    return Buffer.concat(this.#sent).toString("latin1");
  }

  /** What was written since the last call. */
  takeSent(): Uint8Array {
    const bytes = this.sent;
    this.#sent.length = 0;
    return bytes;
  }

  /** The peer sends. */
  receive(bytes: Uint8Array | string): void {
    const all = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    let at = 0;
    for (let turn = 0; at < all.length; turn += 1) {
      const length = Math.max(1, this.#cuts[turn % this.#cuts.length] ?? 1);
      // A copy: the receiver may keep it.
      this.push(Buffer.from(all.subarray(at, at + length)));
      at += length;
    }
  }

  /** The peer closes its side. */
  endFromPeer(): void {
    if (this.#hasPeerEnded) return;
    this.#hasPeerEnded = true;
    this.push(null);
  }

  /** The connection breaks. */
  failFromPeer(error: Error = new Error("connection reset by the test")): void {
    this.destroy(error);
  }

  /** A stalled peer takes everything, and from now on takes what comes. */
  takeAll(): void {
    this.#isStalled = false;
    this.#takeStalled?.();
    this.#takeStalled = undefined;
  }

  override _read(): void {
    // Bytes come when the test sends them.
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sent.push(Uint8Array.from(chunk));
    if (this.#isStalled) this.#takeStalled = done;
    else done();
  }
}
