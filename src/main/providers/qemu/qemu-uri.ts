import { AppError } from "../../../shared/errors/app-error.ts";
import { addressText } from "../../transport/address.ts";
import { portOf, type SocketAddress } from "./socket-address.ts";

/** What an address of this provider means. */
export type QemuUri =
  { readonly kind: "local" } | { readonly kind: "qmp"; readonly address: SocketAddress; readonly uri: string };

export const LOCAL_URI = "qemu-local:";

/** sockaddr_un(7): 108 bytes with the ending NUL. */
const MAX_SOCKET_PATH_BYTES = 107;

function invalid(uri: string, reason: string): AppError {
  return new AppError("URI_INVALID", "not an address of QEMU", { uri, reason });
}

/** `qemu-local:`, `qmp+unix:///PATH`, `qmp+tcp://HOST:PORT`. Undefined: another provider's. */
export function parseQemuUri(uri: string): QemuUri | undefined {
  const text = uri.trim();
  if (text === LOCAL_URI) return { kind: "local" };
  const scheme = /^qmp(?:\+([a-z]*))?:/i.exec(text)?.[1]?.toLowerCase();
  if (!/^qmp[+:]/i.test(text)) return undefined;
  if (scheme === "unix") return parseUnix(text);
  if (scheme === "tcp") return parseTcp(text);
  throw invalid(uri, "QMP is reached by qmp+unix:// or qmp+tcp://");
}

function parseUnix(uri: string): QemuUri {
  const encodedPath = /^[^:]*:(?:\/\/)?(\/(?!\/)[^?#]*)$/.exec(uri)?.[1];
  if (encodedPath === undefined)
    throw invalid(uri, "after qmp+unix:// stands an absolute path: qmp+unix:///run/qmp.sock");
  let path: string;
  try {
    path = decodeURIComponent(encodedPath);
  } catch {
    throw invalid(uri, "its path has a wrong % code");
  }
  if (path.includes("\0")) throw invalid(uri, "its path has a NUL");
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw invalid(uri, `a socket's path has at most ${MAX_SOCKET_PATH_BYTES} bytes`);
  }
  const normal = `qmp+unix://${path.split("/").map(encodeURIComponent).join("/")}`;
  return { kind: "qmp", address: { kind: "unix", path }, uri: normal };
}

function parseTcp(uri: string): QemuUri {
  const [, host = "", portText = ""] = /^[^:]*:\/\/(\[[0-9a-f:.%]+\]|[^/?#@:[\]\s]+):(\d+)\/?$/i.exec(uri) ?? [];
  const port = portOf(portText);
  if (host === "" || port === undefined)
    throw invalid(uri, "after qmp+tcp:// stand host and port: qmp+tcp://host:4444");
  const address = { kind: "tcp", host: host.replace(/^\[(.*)\]$/, "$1").toLowerCase(), port } as const;
  return { kind: "qmp", address, uri: `qmp+tcp://${addressText(address.host, port)}` };
}
