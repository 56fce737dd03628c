import { ByteQueue } from "../../bytes/byte-queue.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { MAX_MESSAGE_BYTES } from "../wire/spice-stream.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { AGENT_HEADER_BYTES, AGENT_MESSAGE, AGENT_PROTOCOL, describeAgentMessage } from "./agent-protocol.ts";

/** Messages other than clipboard data: a list of formats, a status, capabilities. */
export const MAX_AGENT_MESSAGE_BYTES = 64 * 1024;

export type AgentMessage =
  | { readonly kind: "message"; readonly type: number; readonly body: Uint8Array }
  /** Clipboard data above the limit; they were thrown away as they came. */
  | { readonly kind: "tooLong"; readonly sizeBytes: number };

/** Puts agent data together to messages; how it was cut plays no part. */
export class AgentInbox {
  readonly #maxClipboardBytes: number;
  readonly #queue: ByteQueue;
  #header: { readonly type: number; readonly size: number } | undefined;
  /** Bytes of a message that is too long, still to come. */
  #skipBytes = 0;

  constructor(options: { maxClipboardBytes: number }) {
    this.#maxClipboardBytes = options.maxClipboardBytes;
    const longest = Math.max(options.maxClipboardBytes, MAX_AGENT_MESSAGE_BYTES);
    this.#queue = new ByteQueue({ maxBytes: AGENT_HEADER_BYTES + longest + MAX_MESSAGE_BYTES.main });
  }

  /** Throws ProtocolError. */
  *receive(bytes: Uint8Array): Generator<AgentMessage> {
    this.#queue.push(this.#skip(bytes));
    for (let next = this.#next(); next !== undefined; next = this.#next()) yield next;
  }

  #next(): AgentMessage | undefined {
    if (this.#header === undefined) {
      const bytes = this.#queue.read(AGENT_HEADER_BYTES);
      if (bytes === undefined) return undefined;
      const { type, size } = parseHeader(bytes);
      if (size > (type === AGENT_MESSAGE.clipboard ? this.#maxClipboardBytes : MAX_AGENT_MESSAGE_BYTES)) {
        if (type !== AGENT_MESSAGE.clipboard) {
          throw new ProtocolError("limit", `${describeAgentMessage(type)}: ${String(size)} bytes`);
        }
        this.#skipBytes = size;
        this.#queue.push(this.#skip(this.#queue.readAll()));
        return { kind: "tooLong", sizeBytes: size };
      }
      this.#header = { type, size };
    }
    const { type, size } = this.#header;
    const body = this.#queue.read(size);
    if (body === undefined) return undefined;
    this.#header = undefined;
    return { kind: "message", type, body };
  }

  #skip(bytes: Uint8Array): Uint8Array {
    const count = Math.min(this.#skipBytes, bytes.length);
    this.#skipBytes -= count;
    return bytes.subarray(count);
  }
}

function parseHeader(bytes: Uint8Array): { type: number; size: number } {
  const reader = new SpiceReader(bytes);
  const protocol = reader.u32();
  if (protocol !== AGENT_PROTOCOL) {
    throw new ProtocolError("mismatch", `the agent speaks protocol ${String(protocol)}`);
  }
  const type = reader.u32();
  reader.skip(8);
  return { type, size: reader.u32() };
}
