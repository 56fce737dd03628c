import { posix } from "node:path";

/** Where a byte stream is reached on this machine. */
export type SocketAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** A name that a client can connect to, for an address that a server listens on. */
export function reachableHost(listenHost: string): string {
  if (listenHost === "" || listenHost === "0.0.0.0" || listenHost === "*") return "127.0.0.1";
  if (listenHost === "::" || listenHost === "[::]") return "::1";
  return listenHost.replace(/^\[(.*)\]$/, "$1");
}

export function portOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** A path as this process can open it; undefined when it is relative to a folder that is not known. */
export function absolutePath(path: string, workingFolder: string | undefined): string | undefined {
  if (posix.isAbsolute(path)) return path;
  return workingFolder === undefined ? undefined : posix.resolve(workingFolder, path);
}

export const UNKNOWN_FOLDER = "its path is relative to a folder that cannot be read";
