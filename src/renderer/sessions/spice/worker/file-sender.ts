import type { FileEvent } from "../../../../protocols/spice/agent/agent-files.ts";
import type { VdAgent } from "../../../../protocols/spice/agent/vd-agent.ts";
import type { FileOutcomeKind, FromWorker } from "../worker-messages.ts";

export interface FileSenderOptions {
  readonly agent: VdAgent;
  readonly post: (message: FromWorker) => void;
}

/** Gives files to the guest, a piece at a time as its agent takes them in; a file is never read as a whole. */
export class FileSender {
  readonly #options: FileSenderOptions;
  readonly #fileById = new Map<number, File>();

  constructor(options: FileSenderOptions) {
    this.#options = options;
  }

  start(fileId: number, file: File): void {
    this.#fileById.set(fileId, file);
    const isStarted = this.#options.agent.startFile({ id: fileId, name: file.name, sizeBytes: file.size });
    if (!isStarted) this.#end(fileId, "agentNotConnected");
  }

  cancel(fileId: number): void {
    if (!this.#fileById.has(fileId)) return;
    this.#options.agent.cancelFile(fileId);
    this.#end(fileId, "cancelled");
  }

  /** The agent has gone, and with it all that was on its way. */
  forget(): void {
    for (const fileId of [...this.#fileById.keys()]) this.#end(fileId, "agentNotConnected");
  }

  handle(event: FileEvent): void {
    if (event.kind === "fileEnded") this.#end(event.id, event.outcome.kind);
    else this.#sendPiece(event.id, event.fromByte, event.maxBytes);
  }

  #sendPiece(fileId: number, fromByte: number, maxBytes: number): void {
    const file = this.#fileById.get(fileId);
    if (file === undefined) return;
    this.#options.post({ kind: "fileProgress", fileId, sentBytes: fromByte });
    file
      .slice(fromByte, fromByte + maxBytes)
      .arrayBuffer()
      .then(
        (buffer) => {
          if (this.#fileById.has(fileId)) this.#options.agent.pushFileChunk(fileId, new Uint8Array(buffer));
        },
        () => {
          // Changed or removed since it was dropped.
          this.#options.agent.cancelFile(fileId);
          this.#end(fileId, "unreadable");
        },
      );
  }

  #end(fileId: number, outcome: FileOutcomeKind): void {
    if (this.#fileById.delete(fileId)) this.#options.post({ kind: "fileEnded", fileId, outcome });
  }
}
