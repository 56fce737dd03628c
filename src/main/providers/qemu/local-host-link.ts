import { guestIdOf, type ConsoleId, type GuestId } from "../../../shared/contracts/ids.ts";
import type { GuestSnapshot, PowerAction } from "../../../shared/contracts/inventory.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, toDisposable, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { drop } from "../../../shared/lifecycle/drop.ts";
import { Emitter } from "../../../shared/lifecycle/event.ts";
import { every } from "../../../shared/lifecycle/timer.ts";
import type {
  Capabilities,
  ConsoleEndpoint,
  GuestChange,
  HostLink,
  OpenConsoleOptions,
  Picture,
  ProviderContext,
} from "../provider.ts";
import { actionsIn, performPowerAction, takeScreenshot } from "./guest-control.ts";
import type { LocalGuest, LocalGuests } from "./local-guests.ts";
import { openGuestConsole } from "./open-console.ts";
import { openSocket, textOfAddress } from "./open-socket.ts";
import { QmpConnection } from "./qmp-connection.ts";

/** How often /proc is read while somebody watches. Linux tells nobody of new processes without privileges. */
export const SCAN_INTERVAL_MS = 2_000;

/** After a guest went it is looked for this often: it may be restarting, and somebody waits at its console. A look takes about 5 ms. */
const BRISK_SCAN_INTERVAL_MS = 500;
const BRISK_SCANS_FOR_MS = 120_000;

/** The host "QEMU on this computer": every QEMU process that libvirt does not manage. It never closes by itself. */
export class LocalHostLink implements HostLink {
  readonly #context: ProviderContext;
  readonly #guests: LocalGuests;
  readonly #owned = new DisposableStore();
  readonly #abort = new AbortController();
  readonly #closed = this.#owned.add(new Emitter<AppError>());
  readonly onClosed = this.#closed.event;
  readonly capabilities: Capabilities = {
    power: (guestId, action, options) => this.#power(guestId, action, options),
    screenshot: (guestId, options) => this.#screenshot(guestId, options),
  };
  #publish: ((change: GuestChange) => void) | undefined;
  #publishedById: ReadonlyMap<GuestId, string> | undefined;
  #scan: Promise<void> | undefined;
  #briskUntilMs = 0;

  constructor(context: ProviderContext, guests: LocalGuests) {
    this.#context = context;
    this.#guests = guests;
    this.#owned.defer(() => this.#abort.abort());
  }

  watch(publish: (change: GuestChange) => void): Disposable {
    this.#publish = publish;
    this.#publishedById = undefined;
    this.#publishChanges();
    let ticks = 0;
    const timer = this.#owned.add(
      every(BRISK_SCAN_INTERVAL_MS, () => {
        ticks += 1;
        const isDue = (ticks * BRISK_SCAN_INTERVAL_MS) % SCAN_INTERVAL_MS === 0;
        if (isDue || performance.now() < this.#briskUntilMs) drop(this.#scanOnce());
      }),
    );
    return toDisposable(() => {
      this.#owned.delete(timer);
      if (this.#publish === publish) this.#publish = undefined;
    });
  }

  async openConsole(guestId: GuestId, consoleId: ConsoleId, options: OpenConsoleOptions): Promise<ConsoleEndpoint> {
    const guest = await this.#find(guestId);
    options.signal.throwIfAborted();
    const found = guest.consoles.find(({ description }) => description.id === consoleId);
    if (found === undefined) throw new AppError("NOT_FOUND", "no such console", { what: "The console" });
    // A stream often ends because its QEMU did.
    return openGuestConsole(found, this.#context, options, () => {
      if (!this.#owned.isDisposed) drop(this.#scanOnce());
    });
  }

  dispose(): void {
    this.#publish = undefined;
    this.#owned.dispose();
  }

  /** A guest that is not in the last list may have been started since: a tab that reconnects shall not wait for the timer. */
  async #find(guestId: GuestId): Promise<LocalGuest> {
    const isWanted = ({ localId }: LocalGuest): boolean => guestIdOf(this.#context.hostId, localId) === guestId;
    const known = this.#guests.current.find(isWanted);
    if (known !== undefined && (await this.#guests.isAlive(known))) return known;
    await this.#scanOnce();
    const found = this.#guests.current.find(isWanted);
    if (found !== undefined) return found;
    throw new AppError("GUEST_OFF", "no QEMU process of this guest", {});
  }

  #scanOnce(): Promise<void> {
    this.#scan ??= this.#scanAndPublish().finally(() => {
      this.#scan = undefined;
    });
    return this.#scan;
  }

  async #scanAndPublish(): Promise<void> {
    try {
      await this.#guests.update({ signal: this.#abort.signal });
    } catch (error) {
      // /proc could not be read just now (too many open files); the next look is soon.
      this.#context.log.warn("QEMU processes could not be listed", { reason: String(error) });
      return;
    }
    this.#publishChanges();
  }

  #publishChanges(): void {
    if (this.#publish === undefined) return;
    const guests = this.#guests.current.map((guest) => this.#snapshot(guest));
    const textById = new Map(guests.map((guest) => [guest.id, JSON.stringify(guest)]));
    const before = this.#publishedById;
    this.#publishedById = textById;
    if (before === undefined) {
      this.#publish({ kind: "all", guests });
      return;
    }
    const changed = guests.filter(({ id }) => before.get(id) !== textById.get(id));
    const removed = [...before.keys()].filter((id) => !textById.has(id));
    if (changed.length > 0) this.#publish({ kind: "changed", guests: changed });
    if (removed.length > 0) {
      this.#briskUntilMs = performance.now() + BRISK_SCANS_FOR_MS;
      this.#publish({ kind: "removed", guestIds: removed });
    }
  }

  #snapshot(guest: LocalGuest): GuestSnapshot {
    return {
      id: guestIdOf(this.#context.hostId, guest.localId),
      hostId: this.#context.hostId,
      name: guest.name,
      state: guest.state,
      consoles: guest.consoles.map(({ description }) => description),
      actions: guest.isQmpReachable ? actionsIn(guest.state) : [],
      hasScreenshot: guest.isQmpReachable,
    };
  }

  async #power(guestId: GuestId, action: PowerAction, { signal }: { signal: AbortSignal }): Promise<void> {
    await this.#withQmp(guestId, signal, (connection) => performPowerAction(connection, action, { signal }));
    // A scan that runs already may have asked before the action.
    await this.#scan;
    this.#guests.askSoon();
    await this.#scanOnce();
  }

  #screenshot(guestId: GuestId, { signal }: { signal: AbortSignal }): Promise<Picture> {
    return this.#withQmp(guestId, signal, (connection) => takeScreenshot(connection, { signal }));
  }

  /** Connects, asks, disconnects: the socket belongs to whoever started the guest. */
  async #withQmp<T>(guestId: GuestId, signal: AbortSignal, use: (connection: QmpConnection) => Promise<T>): Promise<T> {
    const guest = await this.#find(guestId);
    const [address] = guest.qmpAddresses;
    if (address === undefined) {
      throw new AppError("UNSUPPORTED", "guest has no QMP socket", {
        what: "That",
        reason: "the guest has no QMP socket",
      });
    }
    const options = { address: textOfAddress(address), signal: AbortSignal.any([signal, this.#abort.signal]) };
    const connection = await QmpConnection.open(await openSocket(address, options), options);
    try {
      return await use(connection);
    } finally {
      connection.dispose();
    }
  }
}
