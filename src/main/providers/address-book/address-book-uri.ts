import { addressText } from "../../transport/address.ts";
import type { AddressBookUri } from "./console-address.ts";
import { isSpiceScheme, parseSpiceUri } from "./spice-uri.ts";
import { invalidAddress, splitAuthority, splitSocketPath } from "./uri-parts.ts";

const VNC_PORT = 5900;
const TELNET_PORT = 23;

interface Scheme {
  readonly protocol: "vnc" | "serial";
  readonly isTelnet: boolean;
  /** A Unix socket's path, or host and port. */
  readonly place: "unix" | "tcp";
  readonly defaultPort?: number;
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  vnc: { protocol: "vnc", isTelnet: false, place: "tcp", defaultPort: VNC_PORT },
  "vnc+unix": { protocol: "vnc", isTelnet: false, place: "unix" },
  telnet: { protocol: "serial", isTelnet: true, place: "tcp", defaultPort: TELNET_PORT },
  tcp: { protocol: "serial", isTelnet: false, place: "tcp" },
  "serial+unix": { protocol: "serial", isTelnet: false, place: "unix" },
};

/**
 * `vnc://[user[:password]@]host[:port]`, `vnc+unix:///path`, `telnet://host[:port]`, `tcp://host:port`,
 * `serial+unix:///path`, and SPICE's (spice-uri.ts). Undefined: another provider's. Throws URI_INVALID when it is ours, but
 * wrong. https://www.rfc-editor.org/rfc/rfc7869 ("vnc" URI): of its parameters VncUsername and VncPassword are read.
 */
export function parseAddressBookUri(uri: string): AddressBookUri | undefined {
  const text = uri.trim();
  const name = /^([a-z][a-z+]*):/i.exec(text)?.[1]?.toLowerCase() ?? "";
  if (isSpiceScheme(name)) return parseSpiceUri(text, name);
  const scheme = Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
  if (scheme === undefined) return undefined;
  return scheme.place === "unix" ? parseUnix(text, name, scheme) : parseTcp(text, name, scheme);
}

function parseUnix(text: string, name: string, { protocol, isTelnet }: Scheme): AddressBookUri {
  const { path, uri } = splitSocketPath(text, name);
  return {
    protocol,
    isTelnet,
    address: { kind: "unix", path },
    uri,
    label: path,
    userName: undefined,
    password: undefined,
  };
}

function parseTcp(uri: string, name: string, scheme: Scheme): AddressBookUri {
  const { host, port = scheme.defaultPort, userName, password, parameters } = splitAuthority(uri, name);
  if (port === undefined) throw invalidAddress(uri, `it needs a port: ${name}://${host}:4555`);
  const parameter = (key: string): string | undefined =>
    scheme.protocol === "vnc" ? parameters.get(key) || undefined : undefined;
  const address = addressText(host, port);
  return {
    protocol: scheme.protocol,
    isTelnet: scheme.isTelnet,
    address: { kind: "tcp", host, port },
    uri: `${name}://${address}`,
    label: port === scheme.defaultPort ? host : address,
    userName: userName ?? parameter("VncUsername"),
    password: password ?? parameter("VncPassword"),
  };
}

/** A display number up to this follows one colon; above it, people mean a port (TigerVNC's and TightVNC's rule). */
const MAX_DISPLAY = 99;

/**
 * What people type for a VNC server, as other viewers take it: `host`, `host:1` (display), `host::5901` (port),
 * `host:5901`, `[::1]:1`. Gives the address as a URI; undefined when it is none of these.
 */
export function uriOfTypedVncAddress(text: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?:(::?)(\d{1,5}))?$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, host = "", colons, digits] = match;
  if (digits === undefined) return `vnc://${host.toLowerCase()}:${VNC_PORT}`;
  const number = Number(digits);
  const port = colons === ":" && number <= MAX_DISPLAY ? VNC_PORT + number : number;
  return port >= 1 && port <= 65_535 ? `vnc://${host.toLowerCase()}:${port}` : undefined;
}
