import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { AppError } from "../../shared/errors/app-error.ts";
import { toDisposable, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { Emitter, type Event } from "../../shared/lifecycle/event.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import type { Logger } from "../providers/provider.ts";
import { addressText } from "./address.ts";
import { reasonOf } from "./connect-error.ts";
import { waitWithLimit } from "./limited-wait.ts";

/** The far side connects to the target in this time, or says that it cannot. */
const SSH_CHANNEL_TIMEOUT_MS = 15_000;

/** One login; carries many streams. Disposing it closes all of them. */
export interface SshConnection extends Disposable {
  forwardTcp(host: string, port: number, options: { signal: AbortSignal }): Promise<Duplex>;
  forwardUnix(path: string, options: { signal: AbortSignal }): Promise<Duplex>;
  /** Standard input and output of a command on the far side. */
  exec(command: string, options: { signal: AbortSignal }): Promise<Duplex>;
  /** The connection ended by itself; fires once, also for a listener that comes too late. */
  readonly onClosed: Event<AppError>;
}

type OpenChannel = (callback: (error: Error | undefined, channel: ClientChannel) => void) => void;

/** A connection over a client that is logged in. `jump` is the connection that carries it, if any. */
export class LoggedInSsh implements SshConnection {
  readonly #client: Client;
  readonly #address: string;
  readonly #log: Logger;
  readonly #jump: Disposable | undefined;
  readonly #closed = new Emitter<AppError>();
  #isOver = false;
  #closedBy: AppError | undefined;

  readonly onClosed: Event<AppError> = (listener) => {
    const subscription = this.#closed.event(listener);
    const error = this.#closedBy;
    if (error === undefined) return subscription;
    const late = after(0, () => listener(error));
    return toDisposable(() => {
      late.dispose();
      subscription.dispose();
    });
  };

  constructor(client: Client, options: { address: string; log: Logger; jump: Disposable | undefined }) {
    this.#client = client;
    this.#address = options.address;
    this.#log = options.log;
    this.#jump = options.jump;
    let cause: unknown;
    client.on("error", (error: unknown) => {
      cause = error;
    });
    client.on("close", () => this.#end(cause));
  }

  forwardTcp(host: string, port: number, options: { signal: AbortSignal }): Promise<Duplex> {
    const open: OpenChannel = (callback) => this.#client.forwardOut("127.0.0.1", 0, host, port, callback);
    return this.#openChannel(open, addressText(host, port), options);
  }

  forwardUnix(path: string, options: { signal: AbortSignal }): Promise<Duplex> {
    const open: OpenChannel = (callback) => this.#client.openssh_forwardOutStreamLocal(path, callback);
    return this.#openChannel(open, path, options);
  }

  async exec(command: string, options: { signal: AbortSignal }): Promise<Duplex> {
    const open: OpenChannel = (callback) => this.#client.exec(command, callback);
    const channel = await this.#openChannel(open, "a command", options);
    // Unread output on stderr would stop the channel's window.
    channel.stderr.resume();
    channel.once("exit", (code: number | null) => {
      if (code !== 0) this.#log.debug("ssh command ended", { address: this.#address, code: code ?? "signal" });
    });
    return channel;
  }

  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#closed.dispose();
    this.#client.end();
    this.#client.destroy();
    this.#jump?.dispose();
  }

  #end(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#client.destroy();
    this.#jump?.dispose();
    this.#closedBy = new AppError("CONNECTION_LOST", "SSH connection ended", { address: this.#address }, { cause });
    this.#closed.fire(this.#closedBy);
    this.#closed.dispose();
  }

  #openChannel(open: OpenChannel, target: string, options: { signal: AbortSignal }): Promise<ClientChannel> {
    const address = this.#address;
    const refused = (reason: string, cause?: unknown): AppError =>
      new AppError("SSH_FORWARD_REFUSED", "channel was not opened", { address, target, reason }, { cause });
    const limits = {
      signal: options.signal,
      limitMs: SSH_CHANNEL_TIMEOUT_MS,
      limitError: () => refused("no answer in time"),
    };
    return waitWithLimit<ClientChannel>(limits, (resolve, reject, owned) => {
      if (this.#isOver) throw new AppError("CONNECTION_LOST", "SSH connection is closed", { address });
      try {
        open((error, channel) => {
          if (error !== undefined) reject(refused(reasonOf(error), error));
          else if (owned.isDisposed) channel.destroy();
          else {
            // A stream without an error listener would end the process. Its owner sees "close".
            channel.on("error", () => undefined);
            resolve(channel);
          }
        });
      } catch (error) {
        reject(refused(reasonOf(error), error));
      }
    });
  }
}
