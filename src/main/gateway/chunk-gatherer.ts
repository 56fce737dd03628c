import { type Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";

/** How long the first of several chunks waits for the others. A server sends the pieces of one update within a few of these. */
export const GATHER_MS = 40;

/** No more than this is held; a message of this size costs so much by itself that gathering saves nothing. */
export const MAX_GATHERED_BYTES = 64 * 1024;

/** Passes chunks on at once, or, while gathering, those that come close together as one. */
export class ChunkGatherer implements Disposable {
  readonly #send: (bytes: Buffer) => void;
  #isGathering = false;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  #timer: Disposable | undefined;

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send;
  }

  set isGathering(isGathering: boolean) {
    this.#isGathering = isGathering;
    if (!isGathering) this.flush();
  }

  push(chunk: Buffer): void {
    if (!this.#isGathering) {
      this.#send(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= MAX_GATHERED_BYTES) this.flush();
    else this.#timer ??= after(GATHER_MS, () => this.flush());
  }

  /** What is held goes on now. */
  flush(): void {
    const chunks = this.#chunks;
    this.dispose();
    const [first] = chunks;
    if (first !== undefined) this.#send(chunks.length === 1 ? first : Buffer.concat(chunks));
  }

  /** What is held is lost. */
  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#chunks = [];
    this.#heldBytes = 0;
  }
}
