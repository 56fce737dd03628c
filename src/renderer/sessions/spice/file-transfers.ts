import { type FileTransfer } from "../session.ts";
import { type AgentMessage, type FileOutcomeKind, type FromWorker } from "./worker-messages.ts";

/** The list shows so many ended transfers; older ones go. */
const MAX_ENDED_TRANSFERS = 20;

/** What a file's end is called, where it is not success. */
const OUTCOME_TEXTS: Readonly<Record<FileOutcomeKind, string | undefined>> = {
  success: undefined,
  cancelled: "cancelled",
  error: "the guest could not save it",
  notEnoughSpace: "the guest has not enough space",
  sessionLocked: "the guest's screen is locked",
  agentNotConnected: "nobody is logged in there, or the agent has gone",
  disabled: "the guest takes no files",
  unreadable: "it could not be read",
};

/** Files on their way to one guest, and how they ended. */
export class FileTransfers {
  readonly #send: (message: AgentMessage) => void;
  readonly #handleChange: (transfers: readonly FileTransfer[]) => void;
  readonly #nextId: () => number;
  #transfers: readonly FileTransfer[] = [];

  constructor(options: {
    readonly send: (message: AgentMessage) => void;
    readonly handleChange: (transfers: readonly FileTransfer[]) => void;
    /** Ids are the connection's: its tabs share one agent. */
    readonly nextId: () => number;
  }) {
    this.#send = options.send;
    this.#handleChange = options.handleChange;
    this.#nextId = options.nextId;
  }

  start(files: readonly File[]): void {
    const started = files.map((file) => ({ id: this.#nextId(), file }));
    this.#set([
      ...this.#transfers,
      ...started.map(({ id, file }): FileTransfer => ({ id, name: file.name, sizeBytes: file.size, sentBytes: 0 })),
    ]);
    for (const { id, file } of started) this.#send({ kind: "sendFile", fileId: id, file });
  }

  /** Stops one that is on its way; takes one that has ended off the list. */
  cancel(fileId: number): void {
    if (this.#transfers.find(({ id }) => id === fileId)?.end === undefined) this.#send({ kind: "cancelFile", fileId });
    else this.#set(this.#transfers.filter(({ id }) => id !== fileId));
  }

  handle(message: Extract<FromWorker, { kind: "fileProgress" | "fileEnded" }>): void {
    this.#set(
      this.#transfers.map((transfer) => {
        if (transfer.id !== message.fileId) return transfer;
        if (message.kind === "fileProgress") return { ...transfer, sentBytes: message.sentBytes };
        const problem = OUTCOME_TEXTS[message.outcome];
        return {
          ...transfer,
          ...(problem === undefined ? { sentBytes: transfer.sizeBytes } : {}),
          end: problem === undefined ? { isSuccess: true } : { isSuccess: false, problem },
        };
      }),
    );
  }

  #set(transfers: readonly FileTransfer[]): void {
    const ended = transfers.filter(({ end }) => end !== undefined);
    const dropped = new Set(ended.slice(0, Math.max(0, ended.length - MAX_ENDED_TRANSFERS)));
    const kept = transfers.filter((transfer) => !dropped.has(transfer));
    const isSame =
      kept.length === this.#transfers.length && kept.every((each, index) => each === this.#transfers[index]);
    if (isSame) return;
    this.#transfers = kept;
    this.#handleChange(kept);
  }
}
