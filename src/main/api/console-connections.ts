import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { CHANNEL_TYPE } from "../../protocols/spice/constants/channel-kind.ts";
import { AppError, asAppError, cancelled } from "../../shared/errors/app-error.ts";
import { MAX_STREAMS_PER_CONSOLE, type ChannelRequest } from "../../shared/contracts/api.ts";
import { reportOf } from "../../shared/contracts/error-report.ts";
import { ConnectionId, type ConsoleId, type GuestId, type TicketId } from "../../shared/contracts/ids.ts";
import type { ConsoleProtocol } from "../../shared/contracts/inventory.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import type { ApiCall } from "../gateway/api-connection.ts";
import type { TicketOffice } from "../gateway/tickets.ts";
import type { ConsoleEndpoint, OpenConsoleOptions } from "../providers/provider.ts";

/** Consoles open at once, over all pages. */
const MAX_CONNECTIONS = 1_000;

interface Connection {
  readonly endpoint: ConsoleEndpoint;
  /** The page's link that opened it; its end closes the connection. */
  readonly page: DisposableStore;
  readonly notify: ApiCall["notify"];
  readonly owned: DisposableStore;
  /** Streams that are open or being opened. */
  streamCount: number;
  /** Those of them without which there is no console. */
  vitalStreamCount: number;
}

/**
 * Whether a stream's end can be the console's end. A SPICE console is its main channel, which says what else there is; each
 * other channel ends alone when its device or screen is taken away. A moved guest has two main channels for a while.
 */
function isVital({ endpoint }: Connection, channel: ChannelRequest | undefined): boolean {
  return endpoint.protocol !== "spice" || channel === undefined || channel.type === CHANNEL_TYPE.main;
}

interface OpenedStream {
  readonly stream: Duplex;
  /** Closes it and lets go of it. */
  readonly release: () => void;
}

type OpenEndpoint = (guestId: GuestId, consoleId: ConsoleId, options: OpenConsoleOptions) => Promise<ConsoleEndpoint>;

/** The consoles that pages have open. A page can only reach its own. */
export class ConsoleConnections {
  readonly #byId = new Map<ConnectionId, Connection>();
  readonly #tickets: TicketOffice;
  readonly #openEndpoint: OpenEndpoint;

  constructor(options: { tickets: TicketOffice; openEndpoint: OpenEndpoint }) {
    this.#tickets = options.tickets;
    this.#openEndpoint = options.openEndpoint;
  }

  /** Opens a console and its first stream, through TLS, SSH and login, and gives the right to use it. */
  async open(
    target: { guestId: GuestId; consoleId: ConsoleId; ask: OpenConsoleOptions["ask"] },
    call: ApiCall,
  ): Promise<{ connectionId: ConnectionId; protocol: ConsoleProtocol; ticket: TicketId }> {
    if (this.#byId.size >= MAX_CONNECTIONS) {
      throw new AppError("CONSOLE_UNAVAILABLE", "too many consoles", {
        reason: `${MAX_CONNECTIONS} consoles are open already`,
      });
    }
    const { signal } = call;
    const endpoint = await this.#openEndpoint(target.guestId, target.consoleId, { signal, ask: target.ask });
    const connectionId = ConnectionId.parse(randomUUID());
    const connection: Connection = {
      endpoint,
      page: call.page,
      notify: call.notify,
      owned: new DisposableStore(),
      streamCount: 0,
      vitalStreamCount: 0,
    };
    connection.owned.add(endpoint);
    try {
      const opened = await this.#openStream(connection, undefined, signal);
      this.#byId.set(connectionId, connection);
      connection.owned.defer(() => this.#byId.delete(connectionId));
      // Also for a page that went while the console opened: its store is disposed and then disposes at once.
      call.page.add(connection.owned);
      const ticket = this.#issue(connectionId, connection, opened);
      return { connectionId, protocol: endpoint.protocol, ticket };
    } catch (error) {
      connection.owned.dispose();
      throw error;
    }
  }

  /** A further stream of a console; `channel` says which, where there are several kinds. */
  async openFurtherStream(
    connectionId: ConnectionId,
    channel: ChannelRequest | undefined,
    call: ApiCall,
  ): Promise<TicketId> {
    const connection = this.#mine(connectionId, call);
    try {
      return this.#issue(connectionId, connection, await this.#openStream(connection, channel, call.signal));
    } catch (error) {
      // The old main channel ended while the new one, which was to carry on, was being opened in vain.
      this.#closeWithoutMain(connectionId, connection, asAppError(error));
      throw error;
    }
  }

  resize(connectionId: ConnectionId, size: { columns: number; rows: number }, call: ApiCall): void {
    this.#mine(connectionId, call).endpoint.resize?.(size.columns, size.rows);
  }

  close(connectionId: ConnectionId, call: ApiCall): void {
    const connection = this.#byId.get(connectionId);
    if (connection?.page === call.page) call.page.delete(connection.owned);
  }

  async #openStream(
    connection: Connection,
    channel: ChannelRequest | undefined,
    signal: AbortSignal,
  ): Promise<OpenedStream> {
    if (connection.streamCount >= MAX_STREAMS_PER_CONSOLE) {
      throw new AppError("CONSOLE_UNAVAILABLE", "too many streams", { reason: "it asked for too many streams" });
    }
    // Counted while it opens, so that the old main channel's end does not close what the new one is about to carry on.
    const weight = isVital(connection, channel) ? 1 : 0;
    connection.streamCount += 1;
    connection.vitalStreamCount += weight;
    let stream: Duplex | undefined;
    const held = connection.owned.defer(() => {
      connection.streamCount -= 1;
      connection.vitalStreamCount -= weight;
      stream?.destroy();
    });
    const release = (): void => connection.owned.delete(held);
    try {
      stream = await connection.endpoint.openStream({ signal, channel });
      // An error before the page has come is told by the ticket office; without a listener it would end the process.
      stream.on("error", () => undefined);
      if (signal.aborted || connection.owned.isDisposed) {
        stream.destroy();
        throw cancelled();
      }
      return { stream, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #issue(connectionId: ConnectionId, connection: Connection, { stream, release }: OpenedStream): TicketId {
    try {
      return this.#tickets.issue({
        stream,
        handleEnd: (error) => {
          release();
          this.#closeWithoutMain(connectionId, connection, error);
        },
      });
    } catch (error) {
      release();
      throw error;
    }
  }

  #closeWithoutMain(connectionId: ConnectionId, connection: Connection, error: AppError | undefined): void {
    if (connection.owned.isDisposed || connection.vitalStreamCount > 0) return;
    if (error !== undefined) connection.notify({ name: "console-closed", connectionId, error: reportOf(error) });
    connection.page.delete(connection.owned);
  }

  #mine(connectionId: ConnectionId, call: ApiCall): Connection {
    const connection = this.#byId.get(connectionId);
    if (connection?.page !== call.page) throw new AppError("NOT_FOUND", "no such connection", { what: "The console" });
    return connection;
  }
}
