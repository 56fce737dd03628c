import type { ConsoleId, GuestId, HostId } from "../../../shared/contracts/ids.ts";
import type { GuestSnapshot } from "../../../shared/contracts/inventory.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, toDisposable, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../../shared/lifecycle/event.ts";
import type {
  Capabilities,
  ConsoleEndpoint,
  GuestChange,
  HostLink,
  OpenConsoleOptions,
  ProviderContext,
} from "../provider.ts";
import type { AddressBookUri } from "./console-address.ts";
import { openEntry } from "./open-entry.ts";

/** A guest and where its only console is; no `target`: the address is wrong. */
export interface Entry {
  readonly guest: GuestSnapshot;
  readonly target: AddressBookUri | undefined;
}

/** A host whose guests are a list that somebody sets. It never closes by itself. */
export class EntriesLink implements HostLink {
  readonly #context: ProviderContext;
  readonly #password: string | undefined;
  readonly #owned = new DisposableStore();
  readonly #closed = this.#owned.add(new Emitter<AppError>());
  readonly onClosed = this.#closed.event;
  readonly capabilities: Capabilities;
  #entryById: ReadonlyMap<GuestId, Entry> = new Map();
  #publish: ((change: GuestChange) => void) | undefined;

  constructor(
    context: ProviderContext,
    options: { capabilities?: (link: EntriesLink) => Capabilities; password?: string | undefined } = {},
  ) {
    this.#context = context;
    this.#password = options.password;
    this.capabilities = options.capabilities?.(this) ?? {};
  }

  get hostId(): HostId {
    return this.#context.hostId;
  }

  /** Released with the link. */
  own<T extends Disposable>(disposable: T): T {
    return this.#owned.add(disposable);
  }

  /** Replaces what is shown; only the difference is published. */
  set(entries: readonly Entry[]): void {
    const before = this.#entryById;
    const after = new Map(entries.map((entry) => [entry.guest.id, entry]));
    this.#entryById = after;
    const text = (entry: Entry | undefined): string => JSON.stringify(entry?.guest);
    const changed = [...after.values()].filter((entry) => text(before.get(entry.guest.id)) !== text(entry));
    const removed = [...before.keys()].filter((id) => !after.has(id));
    if (changed.length > 0) this.#publish?.({ kind: "changed", guests: changed.map(({ guest }) => guest) });
    if (removed.length > 0) this.#publish?.({ kind: "removed", guestIds: removed });
  }

  watch(publish: (change: GuestChange) => void): Disposable {
    this.#publish = publish;
    publish({ kind: "all", guests: [...this.#entryById.values()].map(({ guest }) => guest) });
    return toDisposable(() => {
      if (this.#publish === publish) this.#publish = undefined;
    });
  }

  openConsole(guestId: GuestId, consoleId: ConsoleId, options: OpenConsoleOptions): Promise<ConsoleEndpoint> {
    return Promise.resolve().then(() => {
      options.signal.throwIfAborted();
      const entry = this.#entryById.get(guestId);
      if (entry === undefined) throw new AppError("NOT_FOUND", "no such entry", { what: "The entry" });
      const description = entry.guest.consoles.find(({ id }) => id === consoleId);
      if (description === undefined) throw new AppError("NOT_FOUND", "no such console", { what: "The console" });
      if (entry.target === undefined) {
        const reason = description.unavailable ?? "its address is wrong";
        throw new AppError("CONSOLE_UNAVAILABLE", "entry has no address", { reason });
      }
      return openEntry(entry.target, this.#context, { ...options, password: this.#password });
    });
  }

  dispose(): void {
    this.#publish = undefined;
    this.#owned.dispose();
  }
}
