import { ConsoleId, guestIdOf, type HostId } from "../../../shared/contracts/ids.ts";
import type { AddressBookEntry } from "../../../shared/contracts/settings.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { HostConfig, HostLink, Provider, ProviderContext } from "../provider.ts";
import type { ConnectionFile } from "../../../protocols/connection-file/connection-file.ts";
import { parseAddressBookUri } from "./address-book-uri.ts";
import { targetOfConnectionFile } from "./connection-target.ts";
import type { AddressBookUri } from "./console-address.ts";
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

/** The host of one console that a connection file leads to. Throws CONNECTION_FILE_INVALID. */
export function connectionFileConfig(connectionFile: ConnectionFile): HostConfig {
  return { ...configOf(targetOfConnectionFile(connectionFile)), connectionFile };
}

function parse(uri: string): HostConfig | undefined {
  if (uri.trim() === ADDRESS_BOOK_URI) return { kind: KIND, uri: ADDRESS_BOOK_URI, label: "Address book" };
  const parsed = parseAddressBookUri(uri);
  return parsed === undefined ? undefined : configOf(parsed);
}

function entryOf(
  hostId: HostId,
  { id, name, group }: Omit<AddressBookEntry, "uri">,
  target: AddressBookUri | undefined,
): Entry {
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
      setEntries: (entries) => link.set(entries.map((entry) => entryOf(context.hostId, entry, tryParse(entry.uri)))),
    }),
  });
}

function connectSingle(config: HostConfig, context: ProviderContext): HostLink {
  const { connectionFile } = config;
  const target =
    connectionFile === undefined ? parseAddressBookUri(config.uri) : targetOfConnectionFile(connectionFile);
  if (target === undefined) {
    throw new AppError("URI_INVALID", "not an address", { uri: config.uri, reason: "it is no address of a console" });
  }
  const link = new EntriesLink(context, { password: config.password });
  link.set([entryOf(context.hostId, { id: SINGLE_LOCAL_ID, name: config.label }, target)]);
  return link;
}

/** Consoles by their address: the entries of the settings as one host, or one address as a host of one guest. */
export const addressBookProvider: Provider = {
  kind: KIND,
  examples: [
    { uri: "vnc://host:5900", meaning: "a VNC server" },
    { uri: "vnc+unix:///run/vm/vnc.sock", meaning: "a VNC server on a Unix socket" },
    { uri: "spice://host:5900?tls-port=5901", meaning: "a SPICE server, with or without TLS" },
    { uri: "spice+tls://host:5901", meaning: "a SPICE server, with TLS only" },
    { uri: "spice+unix:///run/vm/spice.sock", meaning: "a SPICE server on a Unix socket" },
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
