import type { Duplex } from "node:stream";
import type { ConsoleDescription } from "../../../shared/contracts/inventory.ts";
import { ConsoleId } from "../../../shared/contracts/ids.ts";
import { openTcp } from "../../transport/tcp.ts";
import { openUnix } from "../../transport/unix.ts";
import { openSecuredVnc } from "../../transport/vnc-security.ts";
import type { ConsoleEndpoint, OpenConsoleOptions, ProviderContext } from "../provider.ts";
import { openThroughProxy } from "../../transport/http-proxy.ts";
import { createSpiceEndpoint } from "../../transport/spice-endpoint.ts";
import type { SpiceServer } from "../../transport/spice-server.ts";
import { parseAddressBookUri } from "./address-book-uri.ts";
import type { AddressBookUri, ConsoleAddress, SpiceAddress } from "./console-address.ts";
import { StreamEndpoint } from "../../transport/stream-endpoint.ts";
import { TelnetStream } from "../../transport/telnet-stream.ts";

/** The one console of an address. */
export function consoleOf({ protocol, isTelnet }: AddressBookUri): ConsoleDescription {
  if (protocol === "spice") return { id: ConsoleId.parse("spice"), protocol, label: "SPICE" };
  return protocol === "vnc"
    ? { id: ConsoleId.parse("vnc"), protocol, label: "VNC" }
    : { id: ConsoleId.parse("serial"), protocol, label: isTelnet ? "Telnet" : "Serial" };
}

function openAddress(address: ConsoleAddress, options: { signal: AbortSignal }): Promise<Duplex> {
  return address.kind === "unix" ? openUnix(address.path, options) : openTcp(address, options);
}

/** The places of a SPICE server, as its address says them. */
function openSpice(
  entry: AddressBookUri,
  spice: SpiceAddress,
  context: ProviderContext,
  options: OpenConsoleOptions & { readonly password?: string | undefined },
): ConsoleEndpoint {
  const { proxy, ...places } = spice;
  const trust = { pins: context.pins, ask: options.ask };
  const server: SpiceServer = {
    ...places,
    label: entry.label,
    password: options.password ?? entry.password,
    userName: entry.userName,
    way: proxy === undefined ? "direct" : "proxy",
    open: (place, opening) =>
      proxy === undefined || place.kind === "unix"
        ? openAddress(place, opening)
        : openThroughProxy(proxy, place, trust, opening),
  };
  const secretKey = `spice ${entry.uri}`;
  return createSpiceEndpoint(() => Promise.resolve(server), { ...trust, secrets: context.secrets, secretKey });
}

/** `password` is one that the user gave with the address; it is tried before any question. */
export function openEntry(
  entry: AddressBookUri,
  context: ProviderContext,
  options: OpenConsoleOptions & { readonly password?: string | undefined },
): ConsoleEndpoint {
  const { address, label } = entry;
  if (entry.protocol === "serial") {
    return new StreamEndpoint("serial", async ({ signal }) => {
      const socket = await openAddress(address, { signal });
      return entry.isTelnet ? new TelnetStream(socket, { address: label }) : socket;
    });
  }
  if (entry.spice !== undefined) return openSpice(entry, entry.spice, context, options);
  const security = {
    target: label,
    secrets: context.secrets,
    secretKey: `vnc ${label}`,
    ask: options.ask,
    pins: context.pins,
    password: options.password ?? entry.password,
    userName: entry.userName,
    tls: address.kind === "tcp" ? { host: address.host, port: address.port } : undefined,
  };
  return new StreamEndpoint("vnc", ({ signal }) =>
    openSecuredVnc(() => openAddress(address, { signal }), security, { signal }),
  );
}

/** The parsed address, or undefined when it is none: for lists of which one line may be wrong. */
export function tryParse(uri: string): AddressBookUri | undefined {
  try {
    return parseAddressBookUri(uri);
  } catch {
    return undefined;
  }
}
