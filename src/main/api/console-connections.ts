import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { AppError, cancelled } from "../../shared/errors/app-error.ts";
import { reportOf } from "../../shared/contracts/error-report.ts";
import { ConnectionId, type ConsoleId, type GuestId, type TicketId } from "../../shared/contracts/ids.ts";
import type { ConsoleProtocol } from "../../shared/contracts/inventory.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import type { ApiCall } from "../gateway/api-connection.ts";
import type { TicketOffice } from "../gateway/tickets.ts";
import type { ConsoleEndpoint, OpenConsoleOptions } from "../providers/provider.ts";

/** Consoles open at once, over all pages. */
const MAX_CONNECTIONS = 1_000;

/** Streams of one console: SPICE opens one a channel, of which there are at most a few dozen with USB. */
const MAX_STREAMS_PER_CONNECTION = 64;

interface Connection {
  readonly endpoint: ConsoleEndpoint;
  /** The page's link that opened it; its end closes the connection. */
  readonly page: DisposableStore;
  readonly notify: ApiCall["notify"];
  readonly owned: DisposableStore;
  streamCount: number;
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
    };
    connection.owned.add(endpoint);
    try {
      const stream = await this.#openStream(connection, signal);
      this.#byId.set(connectionId, connection);
      connection.owned.defer(() => this.#byId.delete(connectionId));
      // Also for a page that went while the console opened: its store is disposed and then disposes at once.
      call.page.add(connection.owned);
      const ticket = this.#issue(connectionId, connection, stream);
      return { connectionId, protocol: endpoint.protocol, ticket };
    } catch (error) {
      connection.owned.dispose();
      throw error;
    }
  }

  /** A further stream of a console. */
  async openFurtherStream(connectionId: ConnectionId, call: ApiCall): Promise<TicketId> {
    const connection = this.#mine(connectionId, call);
    return this.#issue(connectionId, connection, await this.#openStream(connection, call.signal));
  }

  resize(connectionId: ConnectionId, size: { columns: number; rows: number }, call: ApiCall): void {
    this.#mine(connectionId, call).endpoint.resize?.(size.columns, size.rows);
  }

  close(connectionId: ConnectionId, call: ApiCall): void {
    const connection = this.#byId.get(connectionId);
    if (connection?.page === call.page) call.page.delete(connection.owned);
  }

  async #openStream(connection: Connection, signal: AbortSignal): Promise<Duplex> {
    if (connection.streamCount >= MAX_STREAMS_PER_CONNECTION) {
      throw new AppError("CONSOLE_UNAVAILABLE", "too many streams", { reason: "it asked for too many streams" });
    }
    connection.streamCount += 1;
    const stream = await connection.endpoint.openStream({ signal });
    // An error before the page has come is told by the ticket office; without a listener it would end the process.
    stream.on("error", () => undefined);
    if (signal.aborted || connection.owned.isDisposed) {
      stream.destroy();
      throw cancelled();
    }
    connection.owned.defer(() => stream.destroy());
    return stream;
  }

  #issue(connectionId: ConnectionId, connection: Connection, stream: Duplex): TicketId {
    return this.#tickets.issue({
      stream,
      handleEnd: (error) => {
        if (connection.owned.isDisposed) return;
        if (error !== undefined) connection.notify({ name: "console-closed", connectionId, error: reportOf(error) });
        // A console is its streams: when one ends, the protocol above has ended.
        connection.page.delete(connection.owned);
      },
    });
  }

  #mine(connectionId: ConnectionId, call: ApiCall): Connection {
    const connection = this.#byId.get(connectionId);
    if (connection?.page !== call.page) throw new AppError("NOT_FOUND", "no such connection", { what: "The console" });
    return connection;
  }
}
