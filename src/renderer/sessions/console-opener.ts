import { type ChannelRequest } from "../../shared/contracts/api.ts";
import { type ConnectionId, type TicketId } from "../../shared/contracts/ids.ts";
import { type ConsoleProtocol } from "../../shared/contracts/inventory.ts";
import { cancelled } from "../../shared/errors/app-error.ts";
import { type Disposable } from "../../shared/lifecycle/disposable.ts";
import { orAborted } from "../../shared/lifecycle/or-aborted.ts";
import { type HostApi, type StreamPass } from "../host-client/host-api.ts";
import { type ConsoleTarget } from "./console-slot.ts";

/** How a session gets the byte streams of its console. */
export interface ConsoleStreams {
  /** The first stream, for consoles that have only that. Call once; the owner of the opened console closes it. */
  open(): WebSocket;
  /** The first stream, for who opens its WebSocket elsewhere (a worker). Call once, and never beside `open`. */
  readonly firstPass: StreamPass;
  /** A further stream of the same console. Rejects with an AppError. */
  request(channel: ChannelRequest, options: { signal: AbortSignal }): Promise<StreamPass>;
}

/** One opened console; disposing it closes the console, unless another tab shows a part of it. */
export interface OpenedConsole extends Disposable {
  readonly connectionId: ConnectionId;
  readonly protocol: ConsoleProtocol;
  /** The same object for all tabs that share the console. */
  readonly streams: ConsoleStreams;
}

interface SharedConsole {
  readonly opened: Promise<OpenedConsole>;
  readonly controller: AbortController;
  userCount: number;
}

/**
 * Opens consoles. A SPICE console has several parts (screens, text ports), each of which may have a tab: it is opened once and
 * closed with the last of them.
 */
export class ConsoleOpener {
  readonly #api: HostApi;
  readonly #sharedByKey = new Map<string, SharedConsole>();

  constructor(api: HostApi) {
    this.#api = api;
  }

  /** Rejects with an AppError. */
  async open(target: ConsoleTarget, { signal }: { signal: AbortSignal }): Promise<OpenedConsole> {
    if (target.protocol !== "spice") return this.#openAlone(target, signal);
    signal.throwIfAborted();
    const key = JSON.stringify([target.guestId, target.consoleId]);
    const shared = this.#sharedByKey.get(key) ?? this.#share(key, target);
    shared.userCount += 1;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      shared.userCount -= 1;
      if (shared.userCount > 0) return;
      if (this.#sharedByKey.get(key) === shared) this.#sharedByKey.delete(key);
      shared.controller.abort(cancelled());
    };
    try {
      const { connectionId, protocol, streams } = await orAborted(shared.opened, signal);
      return { connectionId, protocol, streams, dispose: release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #share(key: string, target: ConsoleTarget): SharedConsole {
    const controller = new AbortController();
    const opened = this.#openAlone(target, controller.signal);
    const shared: SharedConsole = { opened, controller, userCount: 0 };
    this.#sharedByKey.set(key, shared);
    opened.then(
      (console) => {
        controller.signal.addEventListener("abort", () => console.dispose(), { once: true });
        // The last user went in the very moment in which it opened.
        if (controller.signal.aborted) console.dispose();
      },
      () => {
        if (this.#sharedByKey.get(key) === shared) this.#sharedByKey.delete(key);
      },
    );
    return shared;
  }

  async #openAlone({ guestId, consoleId }: ConsoleTarget, signal: AbortSignal): Promise<OpenedConsole> {
    const api = this.#api;
    const { connectionId, protocol, ticket } = await api.call("console.open", { guestId, consoleId }, { signal });
    let stream: WebSocket | undefined;
    let isDisposed = false;
    return {
      connectionId,
      protocol,
      streams: {
        open: () => (stream = api.openStream(ticket)),
        get firstPass() {
          return api.streamPass(ticket);
        },
        request: async (channel, options) => {
          const further: { ticket: TicketId } = await api.call("console.stream", { connectionId, channel }, options);
          return api.streamPass(further.ticket);
        },
      },
      dispose: () => {
        if (isDisposed) return;
        isDisposed = true;
        stream?.close();
        // When the link is down the connection is gone anyway.
        api.call("console.close", { connectionId }).catch(() => undefined);
      },
    };
  }
}
