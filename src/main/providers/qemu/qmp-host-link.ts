import { basename } from "node:path";
import { guestIdOf, type ConsoleId, type GuestId } from "../../../shared/contracts/ids.ts";
import type { GuestSnapshot, GuestState } from "../../../shared/contracts/inventory.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, toDisposable, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { drop } from "../../../shared/lifecycle/drop.ts";
import type { Event } from "../../../shared/lifecycle/event.ts";
import type {
  Capabilities,
  ConsoleEndpoint,
  GuestChange,
  HostLink,
  OpenConsoleOptions,
  ProviderContext,
} from "../provider.ts";
import { consolesOfFacts, type GuestConsole, type QemuPlace } from "./guest-consoles.ts";
import { actionsIn, performPowerAction, takeScreenshot } from "./guest-control.ts";
import { openGuestConsole } from "./open-console.ts";
import { openSocket, textOfAddress } from "./open-socket.ts";
import { QmpConnection } from "./qmp-connection.ts";
import { askFacts, askState, type QmpFacts } from "./qmp-facts.ts";
import type { SocketAddress } from "./socket-address.ts";

/** The only guest of such a host; its id stays the same whatever the guest is called. */
const LOCAL_ID = "guest";

/**
 * A host of one guest: the QEMU whose QMP socket the user named. The connection is kept, so that changes are heard as
 * events; nobody else can use that socket meanwhile.
 */
export class QmpHostLink implements HostLink {
  readonly #connection: QmpConnection;
  readonly #context: ProviderContext;
  readonly #address: SocketAddress;
  readonly #owned = new DisposableStore();
  readonly #abort = new AbortController();
  readonly #guestId: GuestId;
  readonly capabilities: Capabilities;
  #facts: QmpFacts;
  #state: GuestState;
  #publish: ((change: GuestChange) => void) | undefined;
  #published = "";
  #isAsking = false;
  #shouldAskAgain = false;

  private constructor(
    connection: QmpConnection,
    address: SocketAddress,
    context: ProviderContext,
    first: { facts: QmpFacts; state: GuestState },
  ) {
    this.#connection = this.#owned.add(connection);
    this.#address = address;
    this.#context = context;
    this.#facts = first.facts;
    this.#state = first.state;
    this.#guestId = guestIdOf(context.hostId, LOCAL_ID);
    this.#owned.defer(() => this.#abort.abort());
    this.#owned.add(connection.onEvent(() => this.#ask()));
    this.capabilities = {
      power: (guestId, action, { signal }) => {
        this.#expect(guestId);
        return performPowerAction(connection, action, { signal });
      },
      ...(this.#place.kind === "here"
        ? {
            screenshot: (guestId, { signal }) => {
              this.#expect(guestId);
              return takeScreenshot(connection, { signal });
            },
          }
        : {}),
    };
  }

  static async connect(
    address: SocketAddress,
    context: ProviderContext,
    options: { signal: AbortSignal },
  ): Promise<QmpHostLink> {
    const asked = { address: textOfAddress(address), signal: options.signal };
    const connection = await QmpConnection.open(await openSocket(address, options), asked);
    try {
      const facts = await askFacts(connection, asked);
      const state = await askState(connection, asked);
      return new QmpHostLink(connection, address, context, { facts, state });
    } catch (error) {
      connection.dispose();
      throw error;
    }
  }

  get onClosed(): Event<AppError> {
    return this.#connection.onClosed;
  }

  watch(publish: (change: GuestChange) => void): Disposable {
    this.#publish = publish;
    const guest = this.#snapshot();
    this.#published = JSON.stringify(guest);
    publish({ kind: "all", guests: [guest] });
    this.#ask();
    return toDisposable(() => {
      if (this.#publish === publish) this.#publish = undefined;
    });
  }

  openConsole(guestId: GuestId, consoleId: ConsoleId, options: OpenConsoleOptions): Promise<ConsoleEndpoint> {
    return Promise.resolve().then(() => {
      this.#expect(guestId);
      const found = this.#consoles().find(({ description }) => description.id === consoleId);
      if (found === undefined) throw new AppError("NOT_FOUND", "no such console", { what: "The console" });
      return openGuestConsole(found, this.#context, options);
    });
  }

  dispose(): void {
    this.#publish = undefined;
    this.#owned.dispose();
  }

  /** A Unix socket is on this machine; a TCP port, even of this machine, may be the end of a tunnel. */
  get #place(): QemuPlace {
    return this.#address.kind === "unix" ? { kind: "here" } : { kind: "remote", host: this.#address.host };
  }

  #expect(guestId: GuestId): void {
    if (guestId !== this.#guestId) throw new AppError("NOT_FOUND", "no such guest", { what: "The guest" });
  }

  #consoles(): GuestConsole[] {
    return consolesOfFacts(this.#facts, this.#place);
  }

  #snapshot(): GuestSnapshot {
    const fallback = this.#address.kind === "unix" ? basename(this.#address.path) : textOfAddress(this.#address);
    return {
      id: this.#guestId,
      hostId: this.#context.hostId,
      name: this.#facts.name ?? fallback,
      state: this.#state,
      consoles: this.#consoles().map(({ description }) => description),
      actions: actionsIn(this.#state),
      hasScreenshot: this.#place.kind === "here",
    };
  }

  /** Asks anew after an event, once at a time; events that come meanwhile make it ask once more. */
  #ask(): void {
    if (this.#isAsking) this.#shouldAskAgain = true;
    else drop(this.#askUntilQuiet());
  }

  async #askUntilQuiet(): Promise<void> {
    this.#isAsking = true;
    const asked = { address: textOfAddress(this.#address), signal: this.#abort.signal };
    try {
      do {
        this.#shouldAskAgain = false;
        this.#state = await askState(this.#connection, asked);
        this.#facts = await askFacts(this.#connection, asked);
        this.#publishChange();
      } while (this.#shouldAskAgain as boolean);
    } catch (error) {
      // The connection's end is told by onClosed; a reply that is missing leaves what was known.
      if (!(error instanceof AppError)) throw error;
      this.#context.log.debug("QMP did not answer", { code: error.code });
    } finally {
      this.#isAsking = false;
    }
  }

  #publishChange(): void {
    const guest = this.#snapshot();
    const text = JSON.stringify(guest);
    if (text === this.#published) return;
    this.#published = text;
    this.#publish?.({ kind: "changed", guests: [guest] });
  }
}
