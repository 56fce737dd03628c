import { AppError } from "../../shared/errors/app-error.ts";
import type { HostId } from "../../shared/contracts/ids.ts";
import type { HostSnapshot } from "../../shared/contracts/inventory.ts";
import type { Settings } from "../../shared/contracts/settings.ts";
import type { HostConfig, Logger } from "../providers/provider.ts";
import { hostIdOf, type Inventory } from "./inventory.ts";

interface Wanted {
  readonly config: HostConfig;
  readonly label: string | undefined;
  readonly origin: HostSnapshot["origin"];
}

/** Addresses of the hosts that the program itself has. */
const SAMPLE_URI = "sample:";
const ADDRESS_BOOK_URI = "address-book:";

/**
 * Keeps the inventory's hosts equal to what is wanted: those of the command line, those of the settings, those found on this
 * machine, the address book and the sample guests.
 */
export class WantedHosts {
  readonly #inventory: Inventory;
  readonly #settings: () => Settings;
  readonly #isDemo: boolean;
  readonly #isOnlyOptions: boolean;
  readonly #passwordOf: (uri: string) => string | undefined;
  readonly #log: Logger;
  readonly #fromOptions: HostConfig[];
  /** By id; once found, a host stays until its discovery is switched off: one that went away comes back by itself. */
  readonly #found = new Map<HostId, HostConfig>();

  /** Throws URI_INVALID for a wrong address of the command line. */
  constructor(options: {
    inventory: Inventory;
    settings: () => Settings;
    isDemo: boolean;
    /** Only `optionUris` are wanted. */
    isOnlyOptions: boolean;
    optionUris: readonly string[];
    /** Hosts of the command line that have no address: those of connection files. */
    optionConfigs: readonly HostConfig[];
    /** A password that the user typed with a host's address in this run. */
    passwordOf: (uri: string) => string | undefined;
    log: Logger;
  }) {
    this.#inventory = options.inventory;
    this.#settings = options.settings;
    this.#isDemo = options.isDemo;
    this.#isOnlyOptions = options.isOnlyOptions;
    this.#passwordOf = options.passwordOf;
    this.#log = options.log;
    this.#fromOptions = [
      ...options.optionConfigs,
      ...options.optionUris.map((uri) => options.inventory.parse(uri).config),
    ];
  }

  /** One more host as if the command line had named it: what a second start asks for. */
  addOption(config: HostConfig): void {
    if (!this.#fromOptions.some((one) => hostIdOf(one) === hostIdOf(config))) this.#fromOptions.push(config);
    this.reconcile();
  }

  /** Looks on this machine, then takes in what was found. */
  async discover(options: { signal: AbortSignal }): Promise<void> {
    if (this.#isDemo || this.#isOnlyOptions) return;
    for (const config of await this.#inventory.discover((kind) => this.#isLookedFor(kind), options)) {
      // An empty address book is no host worth a line in the tree.
      if (config.uri !== ADDRESS_BOOK_URI) this.#found.set(hostIdOf(config), config);
    }
    this.reconcile();
  }

  /** Adds what is missing and removes what is not wanted any more. */
  reconcile(): void {
    const wanted = new Map<HostId, Wanted>();
    for (const one of this.#all()) {
      const id = hostIdOf(one.config);
      if (!wanted.has(id)) wanted.set(id, one);
    }
    for (const host of this.#inventory.hosts) {
      if (!wanted.has(host.id)) this.#inventory.remove(host.id);
    }
    for (const { config, label, origin } of wanted.values()) this.#inventory.add(config, { label, origin });
  }

  *#all(): Generator<Wanted> {
    for (const config of this.#fromOptions) yield { config, label: undefined, origin: "option" };
    if (this.#isOnlyOptions) return;
    const settings = this.#settings();
    if (!this.#isDemo) {
      for (const { uri, label } of settings.hosts) {
        const config = this.#parseConfigured(uri);
        if (config !== undefined) yield { config, label, origin: "configured" };
      }
      for (const config of this.#found.values()) {
        if (this.#isLookedFor(config.kind)) yield { config, label: undefined, origin: "automatic" };
      }
      if (settings.addressBook.length > 0) {
        yield { config: this.#inventory.parse(ADDRESS_BOOK_URI).config, label: undefined, origin: "automatic" };
      }
    }
    if (this.#isDemo || settings.hasSampleGuests) {
      yield { config: this.#inventory.parse(SAMPLE_URI).config, label: undefined, origin: "automatic" };
    }
  }

  /** A wrong address in the settings file (edited by hand) leaves that host out, and the log tells. */
  #parseConfigured(uri: string): HostConfig | undefined {
    try {
      const { config } = this.#inventory.parse(uri);
      const password = this.#passwordOf(config.uri);
      return password === undefined ? config : { ...config, password };
    } catch (error) {
      this.#log.warn("a host of the settings has a wrong address", {
        error: error instanceof AppError ? error : String(error),
      });
      return undefined;
    }
  }

  #isLookedFor(kind: string): boolean {
    const { discovery } = this.#settings();
    if (kind === "libvirt") return discovery.libvirt;
    if (kind === "qemu") return discovery.qemu;
    if (kind === "mdns") return discovery.mdns;
    return true;
  }
}
