import { Duplex } from "node:stream";
import { ProtocolError } from "../../protocols/bytes/protocol-error.ts";
import { TelnetEngine } from "../../protocols/telnet/telnet-engine.ts";
import { AppError } from "../../shared/errors/app-error.ts";

/** Terminal bytes over a telnet connection, which it owns. It reads from the server only while its reader keeps up. */
export class TelnetStream extends Duplex {
  readonly #socket: Duplex;
  readonly #engine = new TelnetEngine();

  constructor(socket: Duplex, options: { address: string }) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk, options.address));
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  resize(columns: number, rows: number): void {
    this.#send(this.#engine.resize(columns, rows));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(this.#engine.encode(chunk), done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #receive(chunk: Uint8Array, address: string): void {
    try {
      const { data, reply } = this.#engine.receive(chunk);
      this.#send(reply);
      if (data.length > 0 && !this.push(data)) this.#socket.pause();
    } catch (error) {
      const reason = error instanceof ProtocolError ? error.message : "unexpected failure";
      const detail = { address, protocol: "telnet", reason };
      this.destroy(new AppError("PROTOCOL_ERROR", "the far side broke telnet", detail, { cause: error }));
    }
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length > 0 && this.#socket.writable) this.#socket.write(bytes);
  }
}
