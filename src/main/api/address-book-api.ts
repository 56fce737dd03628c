import { randomUUID } from "node:crypto";
import type { HostId } from "../../shared/contracts/ids.ts";
import type { AddressBookEntry } from "../../shared/contracts/settings.ts";
import { hostIdOf } from "../inventory/inventory.ts";
import type { HostConfig } from "../providers/provider.ts";
import { formatAddressBookFile, parseAddressBookFile } from "../providers/index.ts";
import type { SettingsStore } from "../settings/settings-store.ts";

/** The address book is a part of the settings; this is what can be done to it. */
export class AddressBookApi {
  readonly #settings: SettingsStore;
  /** Throws URI_INVALID for an address that no book entry can have. */
  readonly #parse: (uri: string) => HostConfig;

  constructor(options: { settings: SettingsStore; parse: (uri: string) => HostConfig }) {
    this.#settings = options.settings;
    this.#parse = options.parse;
  }

  /** Adds one address under a new id; gives the book's host id. */
  async add(config: HostConfig, name: string | undefined): Promise<HostId> {
    await this.put({
      id: randomUUID(),
      name: name === undefined || name === "" ? config.label : name,
      uri: config.uri,
    });
    return hostIdOf({ kind: config.kind, uri: "address-book:" });
  }

  /** Adds an entry or replaces the one with its id. */
  async put(entry: AddressBookEntry): Promise<void> {
    await this.#putAll([{ ...entry, uri: this.#parse(entry.uri).uri }]);
  }

  async remove(id: string): Promise<void> {
    await this.#settings.change({ addressBook: this.#entries.filter((entry) => entry.id !== id) });
  }

  /** All or none: throws IMPORT_INVALID, and then nothing is changed. */
  async import(text: string): Promise<number> {
    const entries = parseAddressBookFile(text);
    await this.#putAll(entries);
    return entries.length;
  }

  export(): string {
    return formatAddressBookFile(this.#entries);
  }

  get #entries(): readonly AddressBookEntry[] {
    return this.#settings.settings.addressBook;
  }

  async #putAll(entries: readonly AddressBookEntry[]): Promise<void> {
    const byId = new Map(this.#entries.map((entry) => [entry.id, entry]));
    for (const entry of entries) byId.set(entry.id, entry);
    await this.#settings.change({ addressBook: [...byId.values()] });
  }
}
