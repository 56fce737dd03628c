import { isLoopbackHost } from "../../transport/address.ts";
import type { DomainGraphics, DomainTextDevice } from "./domain-xml.ts";
import type { LibvirtAddress } from "./libvirt-uri.ts";

/**
 * Where a console is reached from here. virt-manager's rules (virtManager/details/sshtunnels.py): what listens on the
 * host's loopback goes through SSH, an "any" address means the host that we are connected to, a file descriptor
 * cannot be had.
 */
export type ConsoleTarget =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly via: "direct" | "ssh" }
  | { readonly kind: "unix"; readonly path: string; readonly via: "direct" | "ssh" }
  /** Only of a running guest: the port is not there yet. */
  | { readonly kind: "not-yet" }
  /** `reason`: a lower-case clause for the user. */
  | { readonly kind: "unavailable"; readonly reason: string };

type HostPlace = Pick<LibvirtAddress, "transport" | "host">;

function isAny(address: string): boolean {
  return address === "0.0.0.0" || /^[0:]+$/.test(address);
}

/** What a guest listens on when its XML does not say (vnc_listen, spice_listen in qemu.conf). */
const DEFAULT_LISTEN_ADDRESS = "127.0.0.1";

function listenTarget(listen: { address: string; port: number }, place: HostPlace): ConsoleTarget {
  const { address, port } = listen;
  const connectionHost = place.host === undefined ? DEFAULT_LISTEN_ADDRESS : place.host;
  if (isAny(address)) return { kind: "tcp", host: connectionHost, port, via: "direct" };
  if (!isLoopbackHost(address)) return { kind: "tcp", host: address, port, via: "direct" };
  if (place.transport === "ssh") return { kind: "tcp", host: address, port, via: "ssh" };
  if (place.host === undefined || isLoopbackHost(place.host))
    return { kind: "tcp", host: address, port, via: "direct" };
  return {
    kind: "unavailable",
    reason: `it listens only on the host itself, which the transport “${place.transport}” does not reach`,
  };
}

function socketTarget(path: string, place: HostPlace): ConsoleTarget {
  if (place.transport === "unix") return { kind: "unix", path, via: "direct" };
  if (place.transport === "ssh") return { kind: "unix", path, via: "ssh" };
  return {
    kind: "unavailable",
    reason: `it listens on a Unix socket of the host, which the transport “${place.transport}” does not reach`,
  };
}

export function graphicsTarget(graphics: DomainGraphics, place: HostPlace): ConsoleTarget {
  if (graphics.listenType === "none") {
    return { kind: "unavailable", reason: "it listens nowhere and is only to be had as a file descriptor" };
  }
  if (graphics.socket !== undefined) return socketTarget(graphics.socket, place);
  // libvirt makes up the path when the guest starts.
  if (graphics.listenType === "socket") return { kind: "not-yet" };
  const address = graphics.address ?? DEFAULT_LISTEN_ADDRESS;
  // What will not be reachable with any port is said before the guest runs.
  const port = graphics.port ?? graphics.tlsPort;
  const target = listenTarget({ address, port: port ?? 0 }, place);
  if (target.kind === "unavailable" && graphics.address !== undefined) return target;
  return port === undefined ? { kind: "not-yet" } : target;
}

/** "stream": through libvirt's own console stream, from anywhere. */
export type TextTarget = { readonly kind: "stream" } | ConsoleTarget;

const TELNET_UNAVAILABLE = "its serial port speaks telnet to a port of its own; add it as telnet:// instead";

export function textTarget(device: DomainTextDevice, place: HostPlace): TextTarget {
  const { mode, path, host, service } = device.source;
  switch (device.type) {
    case "pty":
      return { kind: "stream" };
    case "unix":
      if (mode === "bind" && path !== undefined) return socketTarget(path, place);
      return { kind: "unavailable", reason: "its serial port connects to a socket of somebody else" };
    case "tcp": {
      if (mode !== "bind") return { kind: "unavailable", reason: "its serial port connects to somebody else" };
      if (device.protocol !== undefined && device.protocol !== "raw") {
        return { kind: "unavailable", reason: TELNET_UNAVAILABLE };
      }
      const port = Number(service);
      if (!Number.isInteger(port) || port < 1 || port > 65_535) return { kind: "not-yet" };
      return listenTarget({ address: host ?? DEFAULT_LISTEN_ADDRESS, port }, place);
    }
    default:
      return {
        kind: "unavailable",
        reason: `its serial port is of type “${device.type.slice(0, 40)}”, which has no far end`,
      };
  }
}
