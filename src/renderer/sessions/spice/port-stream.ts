import { AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { type ByteStream } from "../serial-session.ts";
import { type SpiceConnectionLease } from "./spice-connection.ts";

/**
 * A port of a SPICE guest as a byte stream of its own, for a text console. Its bytes go through the page: text is little. It is
 * open when the guest has a port of that name, and ends with the connection.
 */
export class PortStream extends EventTarget implements ByteStream, Disposable {
  readonly OPEN = 1;
  binaryType: BinaryType = "arraybuffer";
  readyState: 0 | 1 | 2 | 3 = 0;
  readonly #lease: SpiceConnectionLease;
  readonly #name: string;
  readonly #owned = new DisposableStore();

  constructor(lease: SpiceConnectionLease, name: string) {
    super();
    this.#lease = lease;
    this.#name = name;
    const { connection } = lease;
    this.#owned.add(lease);
    this.#owned.add(
      connection.onMessage((message) => {
        if (message.kind === "ports") this.#handlePorts(message.names);
        else if (message.kind === "portData" && message.name === name) {
          this.dispatchEvent(new MessageEvent("message", { data: message.bytes.buffer }));
        }
      }),
    );
    this.#owned.add(connection.onEnded(() => this.#end()));
    // After the session has put its listeners on.
    queueMicrotask(() => {
      if (connection.end !== undefined) this.#end();
      connection.replay((message) => {
        if (message.kind === "ports") this.#handlePorts(message.names);
      });
    });
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== this.OPEN) throw new AppError("BUG", "a port that is not open was written to");
    this.#lease.connection.post({ kind: "writePort", name: this.#name, bytes: data.slice() });
  }

  close(): void {
    this.dispose();
  }

  dispose(): void {
    if (this.readyState === this.OPEN) this.#lease.connection.post({ kind: "leavePort", name: this.#name });
    this.readyState = 3;
    this.#owned.dispose();
  }

  #handlePorts(names: readonly string[]): void {
    if (this.readyState === 0 && names.includes(this.#name)) {
      this.readyState = this.OPEN;
      this.dispatchEvent(new Event("open"));
      this.#lease.connection.post({ kind: "listenToPort", name: this.#name });
    } else if (this.readyState === this.OPEN && !names.includes(this.#name)) this.#end();
  }

  #end(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(new CloseEvent("close"));
  }
}
