import type { Duplex } from "node:stream";
import type { ConsoleDescription } from "../../../shared/contracts/inventory.ts";
import { ConsoleId } from "../../../shared/contracts/ids.ts";
import { openTcp } from "../../transport/tcp.ts";
import { openUnix } from "../../transport/unix.ts";
import { openSecuredVnc } from "../../transport/vnc-security.ts";
import type { ConsoleEndpoint, OpenConsoleOptions, ProviderContext } from "../provider.ts";
import { parseAddressBookUri, type AddressBookUri, type ConsoleAddress } from "./address-book-uri.ts";
import { StreamEndpoint } from "../../transport/stream-endpoint.ts";
import { TelnetStream } from "../../transport/telnet-stream.ts";

/** The one console of an address. */
export function consoleOf({ protocol, isTelnet }: AddressBookUri): ConsoleDescription {
  return protocol === "vnc"
    ? { id: ConsoleId.parse("vnc"), protocol, label: "VNC" }
    : { id: ConsoleId.parse("serial"), protocol, label: isTelnet ? "Telnet" : "Serial" };
}

function openAddress(address: ConsoleAddress, options: { signal: AbortSignal }): Promise<Duplex> {
  return address.kind === "unix" ? openUnix(address.path, options) : openTcp(address, options);
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
