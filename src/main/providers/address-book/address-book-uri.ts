import type { ConsoleProtocol } from "../../../shared/contracts/inventory.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { addressText } from "../../transport/address.ts";

/** Where a console of the address book is. */
export type ConsoleAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

export interface AddressBookUri {
  readonly protocol: ConsoleProtocol & ("vnc" | "serial");
  /** Serial only: the bytes are telnet's. */
  readonly isTelnet: boolean;
  readonly address: ConsoleAddress;
  /** Normalised, without user name and password. */
  readonly uri: string;
  /** "rack-a:5901", "/run/vm/vnc.sock". */
  readonly label: string;
  readonly userName: string | undefined;
  readonly password: string | undefined;
}

const VNC_PORT = 5900;
const TELNET_PORT = 23;
/** sockaddr_un(7): 108 bytes with the ending NUL. */
const MAX_SOCKET_PATH_BYTES = 107;
/** RFC 1035: a name has at most 253 characters; an IPv6 address with a zone is shorter. */
const MAX_HOST_LENGTH = 253;

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

function invalid(uri: string, reason: string): AppError {
  // What stands before an @ may be a password.
  return new AppError("URI_INVALID", "not an address of a console", { uri: uri.replace(/\/\/[^/]*@/, "//…@"), reason });
}

/**
 * `vnc://[user[:password]@]host[:port]`, `vnc+unix:///path`, `telnet://host[:port]`, `tcp://host:port`,
 * `serial+unix:///path`. Undefined: another provider's. Throws URI_INVALID when it is ours, but wrong.
 * https://www.rfc-editor.org/rfc/rfc7869 ("vnc" URI): of its parameters VncUsername and VncPassword are read.
 */
export function parseAddressBookUri(uri: string): AddressBookUri | undefined {
  const text = uri.trim();
  const name = /^([a-z][a-z+]*):/i.exec(text)?.[1]?.toLowerCase() ?? "";
  const scheme = Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
  if (scheme === undefined) return undefined;
  return scheme.place === "unix" ? parseUnix(text, name, scheme) : parseTcp(text, name, scheme);
}

function decoded(part: string, uri: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(uri, "it has a wrong % code");
  }
}

function parseUnix(uri: string, name: string, { protocol, isTelnet }: Scheme): AddressBookUri {
  const encodedPath = /^[^:]*:(?:\/\/)?(\/(?!\/)[^?#]*)$/.exec(uri)?.[1];
  if (encodedPath === undefined) throw invalid(uri, `after ${name}:// stands an absolute path: ${name}:///run/a.sock`);
  const path = decoded(encodedPath, uri);
  if (path.includes("\0")) throw invalid(uri, "its path has a NUL");
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw invalid(uri, `a socket's path has at most ${MAX_SOCKET_PATH_BYTES} bytes`);
  }
  const normal = `${name}://${path.split("/").map(encodeURIComponent).join("/")}`;
  return {
    protocol,
    isTelnet,
    address: { kind: "unix", path },
    uri: normal,
    label: path,
    userName: undefined,
    password: undefined,
  };
}

const AUTHORITY =
  /^[^:]*:\/\/(?:([^@/?#]*)@)?(\[[0-9a-f:.]+(?:%[\w.-]+)?\]|[^:/?#@[\]\s]+)(?::(\d*))?\/?(?:\?([^#]*))?$/i;

function parseTcp(uri: string, name: string, scheme: Scheme): AddressBookUri {
  const match = AUTHORITY.exec(uri);
  const host = (match?.[2] ?? "").replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (match === null || host === "" || host.length > MAX_HOST_LENGTH) {
    throw invalid(uri, `it has the form ${name}://host:port`);
  }
  const port = match[3] === undefined || match[3] === "" ? scheme.defaultPort : Number(match[3]);
  if (port === undefined) throw invalid(uri, `it needs a port: ${name}://${host}:4555`);
  if (!(port >= 1 && port <= 65_535)) throw invalid(uri, "its port is not between 1 and 65535");
  const [userName, ...passwordParts] = (match[1] ?? "").split(":");
  const parameters = scheme.protocol === "vnc" ? new URLSearchParams(match[4] ?? "") : new URLSearchParams();
  const address = addressText(host, port);
  return {
    protocol: scheme.protocol,
    isTelnet: scheme.isTelnet,
    address: { kind: "tcp", host, port },
    uri: `${name}://${address}`,
    label: port === scheme.defaultPort ? host : address,
    userName: decoded(userName ?? "", uri) || parameters.get("VncUsername") || undefined,
    password: decoded(passwordParts.join(":"), uri) || parameters.get("VncPassword") || undefined,
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
