import type { Duplex } from "node:stream";
import type { ConsoleProtocol } from "../../shared/contracts/inventory.ts";
import { cancelled } from "../../shared/errors/app-error.ts";
import { DisposableStore, toDisposable } from "../../shared/lifecycle/disposable.ts";
import type { ConsoleEndpoint, OpenStreamOptions } from "../providers/provider.ts";
import { TelnetStream } from "./telnet-stream.ts";

/** A console of byte streams that are opened one by one and closed together. */
export class StreamEndpoint implements ConsoleEndpoint {
  readonly protocol: ConsoleProtocol;
  readonly #open: (options: OpenStreamOptions) => Promise<Duplex>;
  readonly #owned = new DisposableStore();
  readonly #abort = new AbortController();
  readonly #telnetStreams = new Set<TelnetStream>();

  constructor(protocol: ConsoleProtocol, open: (options: OpenStreamOptions) => Promise<Duplex>) {
    this.protocol = protocol;
    this.#open = open;
    this.#owned.defer(() => this.#abort.abort());
  }

  async openStream(options: OpenStreamOptions): Promise<Duplex> {
    const signal = AbortSignal.any([options.signal, this.#abort.signal]);
    if (signal.aborted) throw cancelled();
    const stream = await this.#open({ ...options, signal });
    const closing = this.#owned.add(toDisposable(() => stream.destroy()));
    if (stream instanceof TelnetStream) this.#telnetStreams.add(stream);
    stream.once("close", () => {
      this.#owned.delete(closing);
      if (stream instanceof TelnetStream) this.#telnetStreams.delete(stream);
    });
    return stream;
  }

  resize(columns: number, rows: number): void {
    for (const stream of this.#telnetStreams) stream.resize(columns, rows);
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
