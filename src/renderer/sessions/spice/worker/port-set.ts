import { PortChannel, type PortChannelEvent } from "../../../../protocols/spice/port/port-channel.ts";
import type { FromWorker, PortMessage } from "../worker-messages.ts";
import type { ChannelEngine, ChannelWire } from "./channel-set.ts";

/** What a port said while no tab listened: the last screenful or two, so that a console that is opened is not empty. */
export const MAX_PORT_BACKLOG_BYTES = 16 * 1024;

interface Port {
  readonly engine: PortChannel;
  /** Present while no tab listens. */
  backlog: Uint8Array<ArrayBuffer>[] | undefined;
}

/** The guest's ports that are text consoles: by name to the page, as bytes to the tabs that show them. */
export class PortSet {
  readonly #post: (message: FromWorker) => void;
  readonly #portByChannelId = new Map<number, Port>();

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  add(channelId: number, wire: ChannelWire): ChannelEngine {
    const engine = new PortChannel({
      kind: "port",
      sendMessage: wire.sendMessage,
      handleEvent: (event) => this.#handle(channelId, event),
    });
    this.#portByChannelId.set(channelId, { engine, backlog: [] });
    return {
      handleMessage: (message) => {
        engine.handleMessage(message);
      },
      handleEnd: () => {
        this.#portByChannelId.delete(channelId);
        this.#tell();
      },
    };
  }

  handle(message: PortMessage): void {
    const port = [...this.#portByChannelId.values()].find(({ engine }) => engine.name === message.name);
    if (port === undefined) return;
    switch (message.kind) {
      case "listenToPort":
        port.engine.sendEvent("opened");
        for (const bytes of port.backlog ?? []) this.#post({ kind: "portData", name: message.name, bytes });
        port.backlog = undefined;
        return;
      case "leavePort":
        port.engine.sendEvent("closed");
        port.backlog ??= [];
        return;
      case "writePort":
        port.engine.write(message.bytes);
    }
  }

  #handle(channelId: number, event: PortChannelEvent): void {
    const port = this.#portByChannelId.get(channelId);
    const name = port?.engine.name;
    if (port === undefined || name === undefined) return;
    if (event.kind !== "data") {
      this.#tell();
      return;
    }
    // A copy: what was received is a view of the stream's own memory.
    const bytes = event.bytes.slice();
    if (port.backlog === undefined) this.#post({ kind: "portData", name, bytes });
    else port.backlog = trimmed([...port.backlog, bytes]);
  }

  #tell(): void {
    const names = [...this.#portByChannelId.values()].flatMap(({ engine }) =>
      engine.name === undefined ? [] : [engine.name],
    );
    this.#post({ kind: "ports", names: [...new Set(names)] });
  }
}

/** The newest pieces, as far as the limit goes. */
function trimmed(pieces: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
  let total = 0;
  const kept: Uint8Array<ArrayBuffer>[] = [];
  for (const piece of pieces.toReversed()) {
    if (total >= MAX_PORT_BACKLOG_BYTES) break;
    const room = MAX_PORT_BACKLOG_BYTES - total;
    kept.unshift(piece.length > room ? piece.slice(piece.length - room) : piece);
    total += piece.length;
  }
  return kept;
}
