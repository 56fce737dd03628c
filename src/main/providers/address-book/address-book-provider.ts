import { ConsoleId, guestIdOf, type HostId } from "../../../shared/contracts/ids.ts";
import type { AddressBookEntry } from "../../../shared/contracts/settings.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { HostConfig, HostLink, Provider, ProviderContext } from "../provider.ts";
import { parseAddressBookUri, type AddressBookUri } from "./address-book-uri.ts";
import { EntriesLink, type Entry } from "./entries-link.ts";
import { consoleOf, tryParse } from "./open-entry.ts";

const KIND = "address-book";
/** The host that shows the entries of the settings. */
export const ADDRESS_BOOK_URI = "address-book:";
/** The only guest of a host that is one address. */
const SINGLE_LOCAL_ID = "console";

function configOf(parsed: AddressBookUri): HostConfig {
  const { uri, label, password } = parsed;
  return { kind: KIND, uri, label: label.slice(0, 200), ...(password === undefined ? {} : { password }) };
}

function parse(uri: string): HostConfig | undefined {
  if (uri.trim() === ADDRESS_BOOK_URI) return { kind: KIND, uri: ADDRESS_BOOK_URI, label: "Address book" };
  const parsed = parseAddressBookUri(uri);
  return parsed === undefined ? undefined : configOf(parsed);
}

function entryOf(hostId: HostId, { id, name, uri, group }: AddressBookEntry): Entry {
  const target = tryParse(uri);
  const unavailable = {
    id: ConsoleId.parse("vnc"),
    protocol: "vnc",
    label: "?",
    unavailable: "its address is wrong",
  } as const;
  return {
    target,
    guest: {
      id: guestIdOf(hostId, id),
      hostId,
      name,
      ...(group === undefined || group === "" ? {} : { group }),
      // Nobody tells whether it runs; only trying would show, and a preview must never open a console.
      state: "unknown",
      consoles: [target === undefined ? unavailable : consoleOf(target)],
      actions: [],
      hasScreenshot: false,
    },
  };
}

function connectBook(context: ProviderContext): HostLink {
  return new EntriesLink(context, {
    capabilities: (link) => ({
      setEntries: (entries) => link.set(entries.map((entry) => entryOf(context.hostId, entry))),
    }),
  });
}

function connectSingle(config: HostConfig, context: ProviderContext): HostLink {
  const target = parseAddressBookUri(config.uri);
  if (target === undefined) {
    throw new AppError("URI_INVALID", "not an address", { uri: config.uri, reason: "it is no address of a console" });
  }
  const link = new EntriesLink(context, { password: config.password });
  const entry = { id: SINGLE_LOCAL_ID, name: config.label, uri: target.uri };
  link.set([{ ...entryOf(context.hostId, entry), target }]);
  return link;
}

/** Consoles by their address: the entries of the settings as one host, or one address as a host of one guest. */
export const addressBookProvider: Provider = {
  kind: KIND,
  examples: [
    { uri: "vnc://host:5900", meaning: "a VNC server" },
    { uri: "vnc+unix:///run/vm/vnc.sock", meaning: "a VNC server on a Unix socket" },
    { uri: "telnet://host:23", meaning: "a text console by telnet" },
    { uri: "tcp://host:4555", meaning: "a raw serial console on a TCP port" },
    { uri: "serial+unix:///run/vm/serial.sock", meaning: "a serial console on a Unix socket" },
  ],
  parse,
  connect(config, context, options): Promise<HostLink> {
    return Promise.resolve().then(() => {
      options.signal.throwIfAborted();
      return config.uri === ADDRESS_BOOK_URI ? connectBook(context) : connectSingle(config, context);
    });
  },
};
