import { type SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { AGENT_CAPABILITY, AGENT_MESSAGE } from "./agent-protocol.ts";
import type { OutgoingMessage } from "./agent-outbox.ts";

/** A piece of a file in one message: 32 pieces of agent data. Agents write each message to disk at once. */
export const MAX_FILE_CHUNK_BYTES = 32 * 2048;

/** Files on their way at once; each has one chunk in the queue at most. */
export const MAX_FILES = 256;

/** VD_AGENT_FILE_XFER_STATUS. */
const STATUS = {
  canSendData: 0,
  cancelled: 1,
  error: 2,
  success: 3,
  notEnoughSpace: 4,
  sessionLocked: 5,
  agentNotConnected: 6,
  disabled: 7,
} as const;

export type FileOutcome =
  | { readonly kind: "success" }
  /** By either side. */
  | { readonly kind: "cancelled" }
  /** The agent's error number (GIOErrorEnum), where it tells. */
  | { readonly kind: "error"; readonly code: number | undefined }
  | { readonly kind: "notEnoughSpace"; readonly freeBytes: number | undefined }
  /** Somebody must unlock the guest's session first. */
  | { readonly kind: "sessionLocked" }
  /** Nobody is logged in, or the agent has gone. */
  | { readonly kind: "agentNotConnected" }
  /** The guest or its host forbids it. */
  | { readonly kind: "disabled" };

export type FileEvent =
  /** Give the bytes from there on, by pushFileChunk, `maxBytes` at most. Comes once for each chunk. */
  | { readonly kind: "fileWantsData"; readonly id: number; readonly fromByte: number; readonly maxBytes: number }
  /** The last event of a file. */
  | { readonly kind: "fileEnded"; readonly id: number; readonly outcome: FileOutcome };

export interface FileStart {
  /** A u32 that no other file of the session has. */
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
}

interface FileState {
  readonly id: number;
  readonly sizeBytes: number;
  sentBytes: number;
  /** Whether the agent has said that data may come; only then and when a chunk is gone the next one is wanted. */
  isWanted: boolean;
}

export interface AgentFilesOptions {
  readonly can: (capability: number) => boolean;
  readonly send: (message: OutgoingMessage) => boolean;
  readonly takeBack: (topic: string) => void;
  readonly handleEvent: (event: FileEvent) => void;
}

/** Files that are given to the guest (FILE_XFER messages of vd_agent.h). */
export class AgentFiles {
  readonly #options: AgentFilesOptions;
  readonly #fileById = new Map<number, FileState>();

  constructor(options: AgentFilesOptions) {
    this.#options = options;
  }

  /** Offers a file; events say how it goes. False: an id that is taken, or too many files. */
  start({ id, name, sizeBytes }: FileStart): boolean {
    if (this.#fileById.has(id) || this.#fileById.size >= MAX_FILES) return false;
    if (this.#options.can(AGENT_CAPABILITY.fileXferDisabled)) {
      this.#options.handleEvent({ kind: "fileEnded", id, outcome: { kind: "disabled" } });
      return true;
    }
    const text = `[vdagent-file-xfer]\nname=${escapeKeyFileText(baseName(name))}\nsize=${String(sizeBytes)}\n\0`;
    const body = new SpiceWriter().u32(id).bytes(new TextEncoder().encode(text)).finish();
    if (!this.#options.send({ type: AGENT_MESSAGE.fileXferStart, parts: [body] })) return false;
    this.#fileById.set(id, { id, sizeBytes, sentBytes: 0, isWanted: false });
    return true;
  }

  /** Answers "fileWantsData". False: the file has ended meanwhile, or these are not the bytes that were wanted. */
  pushChunk(id: number, bytes: Uint8Array): boolean {
    const file = this.#fileById.get(id);
    if (file?.isWanted !== true) return false;
    if (bytes.length === 0 || bytes.length > wantedBytes(file)) return false;
    file.isWanted = false;
    return this.#sendData(file, bytes);
  }

  cancel(id: number): void {
    if (!this.#fileById.has(id)) return;
    this.#options.takeBack(topicOf(id));
    const body = new SpiceWriter().u32(id).u32(STATUS.cancelled).finish();
    this.#options.send({ type: AGENT_MESSAGE.fileXferStatus, parts: [body] });
    this.#end(id, { kind: "cancelled" });
  }

  /** FILE_XFER_STATUS. Throws ProtocolError. */
  handleStatus(reader: SpiceReader): void {
    const id = reader.u32();
    const result = reader.u32();
    const file = this.#fileById.get(id);
    // Of a file that was cancelled here meanwhile.
    if (file === undefined) return;
    if (result !== STATUS.canSendData) {
      this.#options.takeBack(topicOf(id));
      this.#end(id, outcomeOf(result, reader));
    } else if (file.sentBytes === 0 && !file.isWanted) {
      // An empty file is one empty message; with none the agent would wait for ever.
      if (file.sizeBytes === 0) this.#sendData(file, new Uint8Array(0));
      else this.#want(file);
    }
  }

  /** The agent has gone. */
  reset(): void {
    for (const id of [...this.#fileById.keys()]) this.#end(id, { kind: "agentNotConnected" });
  }

  #want(file: FileState): void {
    file.isWanted = true;
    const { id, sentBytes } = file;
    this.#options.handleEvent({ kind: "fileWantsData", id, fromByte: sentBytes, maxBytes: wantedBytes(file) });
  }

  #sendData(file: FileState, bytes: Uint8Array): boolean {
    const head = new SpiceWriter().u32(file.id).u64(BigInt(bytes.length)).finish();
    file.sentBytes += bytes.length;
    const handleSent = (): void => {
      // Once all is sent the agent says how it ended.
      if (this.#fileById.get(file.id) === file && file.sentBytes < file.sizeBytes) this.#want(file);
    };
    return this.#options.send({
      type: AGENT_MESSAGE.fileXferData,
      parts: [head, bytes],
      replaces: topicOf(file.id),
      handleSent,
    });
  }

  #end(id: number, outcome: FileOutcome): void {
    this.#fileById.delete(id);
    this.#options.handleEvent({ kind: "fileEnded", id, outcome });
  }
}

function topicOf(id: number): string {
  return `file ${String(id)}`;
}

function wantedBytes({ sizeBytes, sentBytes }: FileState): number {
  return Math.min(MAX_FILE_CHUNK_BYTES, sizeBytes - sentBytes);
}

/** Details come with the agent's capability and are left out by agents that know none. */
function outcomeOf(result: number, reader: SpiceReader): FileOutcome {
  switch (result) {
    case STATUS.success:
      return { kind: "success" };
    case STATUS.cancelled:
      return { kind: "cancelled" };
    case STATUS.notEnoughSpace:
      return { kind: "notEnoughSpace", freeBytes: reader.remaining >= 8 ? Number(reader.u64()) : undefined };
    case STATUS.sessionLocked:
      return { kind: "sessionLocked" };
    case STATUS.agentNotConnected:
      return { kind: "agentNotConnected" };
    case STATUS.disabled:
      return { kind: "disabled" };
    default: {
      // VDAgentFileXferStatusError: u8 kind of number (0: GIOErrorEnum), u32 number.
      const isTold = result === STATUS.error && reader.remaining >= 5 && reader.u8() === 0;
      return { kind: "error", code: isTold ? reader.u32() : undefined };
    }
  }
}

/** A file's name alone: the guest decides where it goes. */
function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
}

/** A value of GLib's key files: a backslash escapes backslash, line ends, and white space at the beginning. */
function escapeKeyFileText(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\0", "");
  return escaped.replace(/^[ \t]+/, (space) => space.replaceAll(" ", "\\s").replaceAll("\t", "\\t"));
}
