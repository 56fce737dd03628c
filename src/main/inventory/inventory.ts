import { createHash } from "node:crypto";
import { AppError } from "../../shared/errors/app-error.ts";
import { HostId, splitGuestId, type ConsoleId, type GuestId } from "../../shared/contracts/ids.ts";
import type {
  DiscoveryFinding,
  GuestSnapshot,
  HostSnapshot,
  InventoryChange,
} from "../../shared/contracts/inventory.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import type { Disposable } from "../../shared/lifecycle/disposable.ts";
import { orAborted } from "../../shared/lifecycle/or-aborted.ts";
import type {
  ConsoleEndpoint,
  HostConfig,
  HostLink,
  OpenConsoleOptions,
  Provider,
  ProviderContext,
} from "../providers/provider.ts";
import { HostEntry } from "./host-entry.ts";

/** Hosts at once, found and configured. */
const MAX_HOSTS = 2_000;

/** Looking for hosts on this machine may take this long for each provider. */
const DISCOVERY_TIMEOUT_MS = 5_000;

/** The same host has the same id after a restart. */
export function hostIdOf(config: Pick<HostConfig, "kind" | "uri">): HostId {
  return HostId.parse(createHash("sha256").update(`${config.kind}\n${config.uri}`).digest("base64url").slice(0, 16));
}

export interface AddHostOptions {
  readonly label?: string | undefined;
  readonly origin: HostSnapshot["origin"];
}

/** The merged, live list of hosts and guests. */
export class Inventory implements Disposable {
  readonly #providers: readonly Provider[];
  readonly #contextOf: (hostId: HostId) => ProviderContext;
  readonly #entries = new Map<HostId, HostEntry>();
  readonly #onChange = new Emitter<InventoryChange>();
  #findings: readonly DiscoveryFinding[] = [];
  readonly onChange = this.#onChange.event;

  constructor(options: { providers: readonly Provider[]; contextOf: (hostId: HostId) => ProviderContext }) {
    this.#providers = options.providers;
    this.#contextOf = options.contextOf;
  }

  /** What a URI means. Throws URI_INVALID. */
  parse(uri: string): { provider: Provider; config: HostConfig } {
    for (const provider of this.#providers) {
      const config = provider.parse(uri);
      if (config !== undefined) return { provider, config };
    }
    throw new AppError("URI_INVALID", "no provider knows the address", {
      uri: uri.slice(0, 200),
      reason: "no provider knows addresses of this kind",
    });
  }

  /** Adds a host and starts to connect. One that is there already keeps its connection, unless a new password came for it. */
  add(config: HostConfig, options: AddHostOptions): HostId {
    const hostId = hostIdOf(config);
    const present = this.#entries.get(hostId);
    if (present !== undefined) {
      if (config.password === undefined || config.password === present.config.password) {
        present.describe({ label: options.label ?? config.label, origin: options.origin });
        return hostId;
      }
      this.remove(hostId);
    }
    if (this.#entries.size >= MAX_HOSTS)
      throw new AppError("INVALID_REQUEST", "too many hosts", { reason: `more than ${MAX_HOSTS} hosts` });
    const provider = this.#providers.find((one) => one.kind === config.kind);
    if (provider === undefined) throw new AppError("BUG", `no provider is called ${config.kind}`);
    const entry = new HostEntry({
      provider,
      config,
      context: this.#contextOf(hostId),
      snapshot: {
        id: hostId,
        kind: config.kind,
        uri: config.uri,
        label: options.label ?? config.label,
        state: { phase: "connecting" },
        origin: options.origin,
        isAddressBook: config.uri === "address-book:",
      },
      events: {
        handleHost: (host) => {
          this.#onChange.fire({ kind: "host", host });
        },
        handleGuests: (changed, removed) => {
          this.#onChange.fire({ kind: "guests", hostId, changed: [...changed], removed: [...removed] });
        },
      },
    });
    this.#entries.set(hostId, entry);
    entry.connect();
    return hostId;
  }

  remove(hostId: HostId): void {
    const entry = this.#entries.get(hostId);
    if (entry === undefined) return;
    this.#entries.delete(hostId);
    entry.dispose();
    this.#onChange.fire({ kind: "host-removed", hostId });
  }

  has(hostId: HostId): boolean {
    return this.#entries.has(hostId);
  }

  retry(hostId: HostId): void {
    this.#entryOf(hostId).connect();
  }

  /** Asks each provider what is on this machine. One that is slow or fails only misses its own line. */
  async discover(wanted: (kind: string) => boolean, options: { signal: AbortSignal }): Promise<readonly HostConfig[]> {
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(DISCOVERY_TIMEOUT_MS)]);
    const found = await Promise.all(
      this.#providers
        .filter((provider) => wanted(provider.kind))
        .map(async (provider) => {
          try {
            const finding = provider.discover?.({ signal });
            return finding === undefined ? { hosts: [], findings: [] } : await orAborted(finding, signal);
          } catch {
            const finding: DiscoveryFinding = {
              what: provider.kind,
              where: "this computer",
              outcome: "absent",
              note: "looking for it failed",
            };
            return { hosts: [], findings: [finding] };
          }
        }),
    );
    this.#findings = found.flatMap((one) => one.findings);
    this.#onChange.fire({ kind: "findings", findings: [...this.#findings] });
    return found.flatMap((one) => one.hosts);
  }

  get hosts(): readonly HostSnapshot[] {
    return [...this.#entries.values()].map((entry) => entry.snapshot);
  }

  get guests(): readonly GuestSnapshot[] {
    return [...this.#entries.values()].flatMap((entry) => [...entry.guests.values()]);
  }

  get findings(): readonly DiscoveryFinding[] {
    return this.#findings;
  }

  /** The whole picture, for a page that comes new. */
  reset(): InventoryChange {
    return { kind: "reset", hosts: [...this.hosts], guests: [...this.guests], findings: [...this.#findings] };
  }

  /** Throws NOT_FOUND. */
  guest(guestId: GuestId): GuestSnapshot {
    const guest = this.#entries.get(splitGuestId(guestId).hostId)?.guests.get(guestId);
    if (guest === undefined) throw new AppError("NOT_FOUND", "guest is not there", { what: "The guest" });
    return guest;
  }

  /** The live link to a host. Throws NOT_FOUND, or why it is not connected. */
  linkOf(hostId: HostId): HostLink {
    return this.#entryOf(hostId).link;
  }

  async openConsole(guestId: GuestId, consoleId: ConsoleId, options: OpenConsoleOptions): Promise<ConsoleEndpoint> {
    const link = this.linkOf(splitGuestId(guestId).hostId);
    this.guest(guestId);
    return await link.openConsole(guestId, consoleId, options);
  }

  dispose(): void {
    for (const entry of this.#entries.values()) entry.dispose();
    this.#entries.clear();
    this.#onChange.dispose();
  }

  #entryOf(hostId: HostId): HostEntry {
    const entry = this.#entries.get(hostId);
    if (entry === undefined) throw new AppError("NOT_FOUND", "host is not there", { what: "The host" });
    return entry;
  }
}
