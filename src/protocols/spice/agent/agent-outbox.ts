import { SpiceWriter } from "../wire/spice-writer.ts";
import { AGENT_HEADER_BYTES, AGENT_PROTOCOL, MAX_AGENT_DATA_BYTES } from "./agent-protocol.ts";

/**
 * Messages that wait for tokens, in bytes. A clipboard is one message; files give the next piece only when the last one is
 * gone. Twice VdAgent's default for a clipboard, so that a second copy does not have to wait for a slow guest.
 */
export const MAX_OUTBOX_BYTES = 64 * 1024 * 1024;

export interface OutgoingMessage {
  readonly type: number;
  /** Put one behind the other, without a copy of the whole. */
  readonly parts: readonly Uint8Array[];
  /** A message of the same topic that is still waiting and was not begun is taken back for this one. */
  readonly replaces?: string;
  /** When the last byte has been sent. */
  readonly handleSent?: () => void;
}

interface Queued {
  readonly message: OutgoingMessage;
  /** Header and parts. */
  readonly segments: readonly Uint8Array[];
  readonly bytes: number;
  sentBytes: number;
}

/** Cuts messages into pieces of agent data and sends one for each token that the server grants. */
export class AgentOutbox {
  readonly #sendData: (piece: Uint8Array) => void;
  #queue: Queued[] = [];
  #queuedBytes = 0;
  #tokens = 0;
  #isSending = false;

  constructor(options: { sendData: (piece: Uint8Array) => void }) {
    this.#sendData = options.sendData;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  setTokens(count: number): void {
    this.#tokens = count;
    this.#sendQueued();
  }

  addTokens(count: number): void {
    // A sum of u32 stays exact for longer than any session lasts.
    this.#tokens += count;
    this.#sendQueued();
  }

  /** False: there is no room for it until the guest has read what waits. */
  push(message: OutgoingMessage): boolean {
    const size = message.parts.reduce((sum, part) => sum + part.length, 0);
    if (message.replaces !== undefined) this.takeBack(message.replaces);
    if (this.#queuedBytes > 0 && this.#queuedBytes + size > MAX_OUTBOX_BYTES) return false;
    const header = new SpiceWriter().u32(AGENT_PROTOCOL).u32(message.type).u64(0n).u32(size).finish();
    const bytes = AGENT_HEADER_BYTES + size;
    this.#queue.push({ message, segments: [header, ...message.parts], bytes, sentBytes: 0 });
    this.#queuedBytes += bytes;
    this.#sendQueued();
    return true;
  }

  /** Forgets messages of this topic that were not begun. */
  takeBack(topic: string): void {
    this.#queue = this.#queue.filter((queued) => {
      const isTaken = queued.message.replaces === topic && queued.sentBytes === 0;
      if (isTaken) this.#queuedBytes -= queued.bytes;
      return !isTaken;
    });
  }

  clear(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #sendQueued(): void {
    // `handleSent` may push the next message; the loop below takes it up.
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#queue[0]; next !== undefined && this.#tokens > 0; next = this.#queue[0]) {
        this.#tokens -= 1;
        const piece = cut(next, MAX_AGENT_DATA_BYTES);
        next.sentBytes += piece.length;
        this.#queuedBytes -= piece.length;
        const isSent = next.sentBytes === next.bytes;
        if (isSent) this.#queue.shift();
        this.#sendData(piece);
        if (isSent) next.message.handleSent?.();
      }
    } finally {
      this.#isSending = false;
    }
  }
}

function cut({ segments, bytes, sentBytes }: Queued, maxBytes: number): Uint8Array {
  const piece = new Uint8Array(Math.min(maxBytes, bytes - sentBytes));
  let filled = 0;
  let skip = sentBytes;
  for (const segment of segments) {
    if (skip >= segment.length) {
      skip -= segment.length;
      continue;
    }
    const part = segment.subarray(skip, skip + piece.length - filled);
    piece.set(part, filled);
    filled += part.length;
    skip = 0;
    if (filled === piece.length) break;
  }
  return piece;
}
