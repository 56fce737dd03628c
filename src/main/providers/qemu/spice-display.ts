import { isOn, parseOptionText } from "./option-text.ts";
import { absolutePath, portOf, reachableHost, UNKNOWN_FOLDER, type SocketAddress } from "./socket-address.ts";

/** Where a guest's SPICE server listens: without TLS, with it, or both. */
export interface SpiceAddresses {
  readonly plain: SocketAddress | undefined;
  readonly secure: SocketAddress | undefined;
}

/** The `-spice` of a command line. */
export interface SpiceDisplay {
  readonly addresses: SpiceAddresses | undefined;
  /** Why there are none. */
  readonly unavailable: string | undefined;
}

/**
 * `-spice port=…,tls-port=…,addr=…[,unix=on]…` (QEMU manual, "-spice"). Passwords, SASL and certificates are met when the
 * connection is made.
 */
export function parseSpiceDisplay(text: string, folder: string | undefined): SpiceDisplay {
  const options = parseOptionText(text);
  const address = options.valueByKey.get("addr") ?? "";
  const absent = (unavailable: string): SpiceDisplay => ({ addresses: undefined, unavailable });
  if (isOn(options, "unix")) {
    const path = absolutePath(address, folder);
    return path === undefined
      ? absent(UNKNOWN_FOLDER)
      : { addresses: { plain: { kind: "unix", path }, secure: undefined }, unavailable: undefined };
  }
  const addresses = spiceAddressesAt(reachableHost(address), {
    port: portOf(options.valueByKey.get("port")),
    tlsPort: portOf(options.valueByKey.get("tls-port")),
  });
  return addresses === undefined ? absent("it has no port") : { addresses, unavailable: undefined };
}

export function spiceAddressesAt(
  host: string,
  ports: { readonly port: number | undefined; readonly tlsPort: number | undefined },
): SpiceAddresses | undefined {
  const at = (port: number | undefined): SocketAddress | undefined =>
    port === undefined ? undefined : { kind: "tcp", host, port };
  const [plain, secure] = [at(ports.port), at(ports.tlsPort)];
  return plain === undefined && secure === undefined ? undefined : { plain, secure };
}
