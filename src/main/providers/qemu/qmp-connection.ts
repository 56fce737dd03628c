import type { Duplex } from "node:stream";
import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";
import { QmpEngine, type QmpOutput } from "../../../protocols/qmp/qmp-engine.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, toDisposable, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { Emitter, type Event } from "../../../shared/lifecycle/event.ts";
import { waitWithLimit } from "../../transport/limited-wait.ts";

/**
 * A QMP socket serves one client; a second one is connected by the system and then hears nothing. So silence after
 * this long means that somebody else holds the socket. QEMU answers in 1 ms, also when its guest is busy.
 */
export const QMP_GREETING_TIMEOUT_MS = 1_500;
/** A screendump of a large screen is the slowest command that is used here. */
const QMP_REPLY_TIMEOUT_MS = 10_000;

export interface QmpEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface WaitingCommand {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
}

/** One QMP connection over a stream that it owns. */
export class QmpConnection implements Disposable {
  readonly #stream: Duplex;
  readonly #address: string;
  readonly #engine = new QmpEngine();
  readonly #owned = new DisposableStore();
  readonly #events = this.#owned.add(new Emitter<QmpEvent>());
  readonly #closed = this.#owned.add(new Emitter<AppError>());
  readonly #waitingById = new Map<number, WaitingCommand>();
  #handleReady: (() => void) | undefined;
  #end: AppError | undefined;

  private constructor(stream: Duplex, address: string) {
    this.#stream = stream;
    this.#address = address;
    const handleData = (chunk: Uint8Array): void => this.#receive(chunk);
    const handleEnd = (): void =>
      this.#close(new AppError("REMOTE_CLOSED", "QMP connection was closed", { address: this.#address }));
    stream.on("data", handleData).on("end", handleEnd).on("close", handleEnd).on("error", handleEnd);
    this.#owned.add(
      toDisposable(() => {
        stream.off("data", handleData).off("end", handleEnd).off("close", handleEnd);
        stream.destroy();
      }),
    );
  }

  /** Takes the stream over and waits until commands may be sent. The stream is destroyed when that fails. */
  static async open(stream: Duplex, options: { address: string; signal: AbortSignal }): Promise<QmpConnection> {
    const { address, signal } = options;
    const connection = new QmpConnection(stream, address);
    const act = "the QMP greeting (another program may hold this socket, which serves one at a time)";
    const limitError = (): AppError => new AppError("PROTOCOL_TIMEOUT", "no QMP greeting", { address, act });
    try {
      await waitWithLimit<undefined>(
        { signal, limitMs: QMP_GREETING_TIMEOUT_MS, limitError },
        (resolve, reject, owned) => {
          connection.#handleReady = () => resolve(undefined);
          owned.add(connection.onClosed(reject));
        },
      );
      return connection;
    } catch (error) {
      connection.dispose();
      throw error;
    }
  }

  get onEvent(): Event<QmpEvent> {
    return this.#events.event;
  }

  /** Fires once, unless disposed before. */
  get onClosed(): Event<AppError> {
    return this.#closed.event;
  }

  /** Sends a command and waits for its reply. An error that QEMU answers becomes HOST_REPLY. */
  execute(
    command: string,
    commandArguments: Readonly<Record<string, unknown>> | undefined,
    options: { signal: AbortSignal },
  ): Promise<unknown> {
    const address = this.#address;
    const limitError = (): AppError => new AppError("PROTOCOL_TIMEOUT", "no QMP reply", { address, act: command });
    return waitWithLimit(
      { signal: options.signal, limitMs: QMP_REPLY_TIMEOUT_MS, limitError },
      (resolve, reject, owned) => {
        if (this.#end !== undefined) throw this.#end;
        const { id, bytes } = this.#engine.execute(command, commandArguments);
        this.#waitingById.set(id, { resolve, reject });
        owned.defer(() => this.#waitingById.delete(id));
        this.#stream.write(bytes);
      },
    );
  }

  dispose(): void {
    this.#end ??= new AppError("REMOTE_CLOSED", "QMP connection was closed", { address: this.#address });
    const waiting = [...this.#waitingById.values()];
    this.#owned.dispose();
    for (const command of waiting) command.reject(this.#end);
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const output of this.#engine.receive(chunk)) this.#handle(output);
    } catch (error) {
      this.#close(protocolFailure(error, this.#address));
    }
  }

  #handle(output: QmpOutput): void {
    switch (output.kind) {
      case "send":
        this.#stream.write(output.bytes);
        return;
      case "ready":
        this.#handleReady?.();
        return;
      case "reply":
        this.#waitingById.get(output.id)?.resolve(output.value);
        return;
      case "failure": {
        const reason = output.description.slice(0, 300);
        const error = new AppError("HOST_REPLY", "QMP command failed", { address: this.#address, reason });
        this.#waitingById.get(output.id)?.reject(error);
        return;
      }
      case "event":
        this.#events.fire({ name: output.name, data: output.data });
        return;
      case "greeting":
    }
  }

  #close(error: AppError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#closed.fire(error);
    this.dispose();
  }
}

function protocolFailure(error: unknown, address: string): AppError {
  if (!(error instanceof ProtocolError)) return new AppError("BUG", "QMP engine failed", {}, { cause: error });
  const detail = { address, protocol: "QMP", reason: error.message };
  const code = { limit: "PROTOCOL_LIMIT", malformed: "PROTOCOL_ERROR", mismatch: "PROTOCOL_MISMATCH" } as const;
  return new AppError(code[error.reason], "the far side broke QMP", detail, { cause: error });
}
