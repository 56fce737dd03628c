import { AppError } from "../../../shared/errors/app-error.ts";

/** sockaddr_un(7): 108 bytes with the ending NUL. */
const MAX_SOCKET_PATH_BYTES = 107;
/** RFC 1035: a name has at most 253 characters; an IPv6 address with a zone is shorter. */
const MAX_HOST_LENGTH = 253;

const AUTHORITY =
  /^[^:]*:\/\/(?:([^@/?#]*)@)?(\[[0-9a-f:.]+(?:%[\w.-]+)?\]|[^:/?#@[\]\s]+)(?::(\d*))?\/?(?:\?([^#]*))?$/i;

export function invalidAddress(uri: string, reason: string): AppError {
  // What stands before an @ may be a password.
  const shown = uri.replace(/\/\/[^/]*@/, "//…@").replace(/(password=)[^&#]*/gi, "$1…");
  return new AppError("URI_INVALID", "not an address of a console", { uri: shown, reason });
}

export interface UriAuthority {
  readonly host: string;
  /** Undefined: none was given. */
  readonly port: number | undefined;
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly parameters: URLSearchParams;
}

/** `scheme://[user[:password]@]host[:port][?parameters]`. Throws URI_INVALID. */
export function splitAuthority(uri: string, name: string): UriAuthority {
  const match = AUTHORITY.exec(uri);
  const host = (match?.[2] ?? "").replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (match === null || host === "" || host.length > MAX_HOST_LENGTH) {
    throw invalidAddress(uri, `it has the form ${name}://host:port`);
  }
  const [userName, ...passwordParts] = (match[1] ?? "").split(":");
  return {
    host,
    port: portOf(match[3], uri),
    userName: decoded(userName ?? "", uri) || undefined,
    password: decoded(passwordParts.join(":"), uri) || undefined,
    parameters: new URLSearchParams(match[4] ?? ""),
  };
}

/** Undefined for no text. Throws URI_INVALID. */
export function portOf(text: string | undefined, uri: string): number | undefined {
  if (text === undefined || text === "") return undefined;
  const port = Number(text);
  if (!(port >= 1 && port <= 65_535)) throw invalidAddress(uri, "its port is not between 1 and 65535");
  return port;
}

function decoded(part: string, uri: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalidAddress(uri, "it has a wrong % code");
  }
}

/** `scheme:///path`: the path, and the address in its one form. Throws URI_INVALID. */
export function splitSocketPath(uri: string, name: string): { readonly path: string; readonly uri: string } {
  const encodedPath = /^[^:]*:(?:\/\/)?(\/(?!\/)[^?#]*)$/.exec(uri)?.[1];
  if (encodedPath === undefined) {
    throw invalidAddress(uri, `after ${name}:// stands an absolute path: ${name}:///run/a.sock`);
  }
  const path = decoded(encodedPath, uri);
  if (path.includes("\0")) throw invalidAddress(uri, "its path has a NUL");
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw invalidAddress(uri, `a socket's path has at most ${MAX_SOCKET_PATH_BYTES} bytes`);
  }
  return { path, uri: `${name}://${path.split("/").map(encodeURIComponent).join("/")}` };
}
