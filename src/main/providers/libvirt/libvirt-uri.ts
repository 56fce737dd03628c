import { AppError } from "../../../shared/errors/app-error.ts";
import type { HostConfig } from "../provider.ts";

/** The kind of every host of this provider. */
export const LIBVIRT_KIND = "libvirt";

/** libvirt's drivers that run in a daemon, with the modular daemon that serves each (https://libvirt.org/daemons.html). */
const DAEMON_BY_DRIVER: Readonly<Record<string, string | undefined>> = {
  qemu: "virtqemud",
  xen: "virtxend",
  lxc: "virtlxcd",
  ch: "virtchd",
  vbox: "virtvboxd",
  vz: "virtvzd",
  bhyve: "virtbhyved",
  openvz: undefined,
  // The mock driver is inside libvirtd only.
  test: undefined,
};

export type LibvirtTransport = "unix" | "ssh" | "tls" | "tcp";

/** libvirt has three SSH transports that differ in who speaks SSH; here there is one. */
const TRANSPORT_BY_NAME: Readonly<Record<string, LibvirtTransport>> = {
  unix: "unix",
  ssh: "ssh",
  libssh: "ssh",
  libssh2: "ssh",
  tls: "tls",
  tcp: "tcp",
};

export const LIBVIRT_TLS_PORT = 16_514;
export const LIBVIRT_TCP_PORT = 16_509;

/** Parameters that speak to the client; all others belong to the driver and go to the daemon (https://libvirt.org/uri.html). */
const CLIENT_PARAMETERS = new Set([
  "name",
  "mode",
  "socket",
  "command",
  "netcat",
  "proxy",
  "keyfile",
  "known_hosts",
  "known_hosts_verify",
  "sshauth",
  "no_verify",
  "no_tty",
  "no_sanity",
  "tls_priority",
  "pkipath",
  "auth",
]);

/** A libvirt URI, taken apart: driver[+transport]://[user@][host][:port]/path[?parameters]. */
export interface LibvirtAddress {
  readonly driver: string;
  readonly transport: LibvirtTransport;
  readonly userName: string | undefined;
  /** Absent for the machine that we run on. An IPv6 address has no brackets. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly isSession: boolean;
  /** What the daemon is asked to open: "qemu:///system". */
  readonly connectName: string;
  /** The modular daemon of this driver, if it has one. */
  readonly daemon: string | undefined;
  readonly socketPath: string | undefined;
  readonly keyFile: string | undefined;
  readonly knownHostsFile: string | undefined;
  /** A folder with cacert.pem, clientcert.pem and clientkey.pem. */
  readonly pkiPath: string | undefined;
}

export interface LibvirtUri {
  readonly address: LibvirtAddress;
  /** Without password. */
  readonly uri: string;
  readonly label: string;
  readonly password: string | undefined;
}

function invalid(uri: string, reason: string): AppError {
  // A password may stand before the "@".
  const shown = uri.replace(/^([^/]*\/\/[^/@]*?):[^/@]*@/, "$1@").slice(0, 300);
  return new AppError("URI_INVALID", "not a libvirt address", { uri: shown, reason });
}

function decodePart(uri: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(uri, "it has a broken percent sign");
  }
}

/** As few percent signs as a path can do with: it is shown to people. */
function encodePart(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("%2F", "/").replaceAll("%3A", ":");
}

function labelOf(address: LibvirtAddress, path: string): string {
  if (address.host !== undefined) return address.host;
  if (address.driver === "test") return `Test driver (${path.replace(/^\//, "")})`;
  const place = address.isSession ? "This computer (session)" : "This computer";
  return address.driver === "qemu" ? place : `${place}, ${address.driver}`;
}

/** The path as the driver wants it; what is missing is the system's. */
function normalPath(uri: string, driver: string, path: string): string {
  const bare = path === "" || path === "/";
  if (driver !== "qemu" && driver !== "ch" && driver !== "vbox")
    return bare && driver === "test" ? "/default" : path || "/";
  if (bare) return "/system";
  if (path === "/system" || path === "/session") return path;
  throw invalid(uri, "its path is neither /system nor /session");
}

/** Undefined: not a URI of libvirt. Throws URI_INVALID when it is one, but wrong. */
export function parseLibvirtUri(text: string): LibvirtUri | undefined {
  const trimmed = text.trim();
  const scheme = /^([a-z0-9]+)(?:\+([a-z0-9]+))?:\/\//i.exec(trimmed);
  const driver = scheme?.[1]?.toLowerCase();
  if (scheme === null || driver === undefined || !(driver in DAEMON_BY_DRIVER)) return undefined;
  const transportName = scheme[2]?.toLowerCase();
  const transport = transportName === undefined ? undefined : TRANSPORT_BY_NAME[transportName];
  if (transportName !== undefined && transport === undefined) {
    throw invalid(trimmed, `the transport “${transportName}” is not one of unix, ssh, tls and tcp`);
  }
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    throw invalid(trimmed, "its host or port is not well formed");
  }
  const host = url.hostname === "" ? undefined : url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const chosen = transport ?? (host === undefined ? "unix" : "tls");
  if (chosen === "unix" && host !== undefined) throw invalid(trimmed, "the transport “unix” reaches only this machine");
  if (chosen !== "unix" && host === undefined) throw invalid(trimmed, `the transport “${chosen}” needs a host name`);
  const userName = url.username === "" ? undefined : decodePart(trimmed, url.username);
  const path = normalPath(trimmed, driver, decodePart(trimmed, url.pathname));
  const parameters = [...url.searchParams].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const parameter = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const forDriver = parameters.filter(([name]) => !CLIENT_PARAMETERS.has(name.toLowerCase()));
  const query = (pairs: readonly (readonly [string, string])[]): string =>
    pairs.length === 0
      ? ""
      : `?${pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodePart(value)}`).join("&")}`;
  const address: LibvirtAddress = {
    driver,
    transport: chosen,
    userName,
    host,
    port: url.port === "" ? undefined : Number(url.port),
    isSession: path === "/session",
    connectName: parameter("name") ?? `${driver}://${path}${query(forDriver)}`,
    daemon: DAEMON_BY_DRIVER[driver],
    socketPath: parameter("socket"),
    keyFile: parameter("keyfile"),
    knownHostsFile: parameter("known_hosts"),
    pkiPath: parameter("pkipath"),
  };
  const user = userName === undefined ? "" : `${encodeURIComponent(userName)}@`;
  const hostText = host === undefined ? "" : host.includes(":") ? `[${host}]` : host;
  const port = address.port === undefined ? "" : `:${String(address.port)}`;
  // "test+unix:///default" and "test:///default" are one place, as all local ones are.
  const schemeText = chosen === "unix" ? driver : `${driver}+${chosen}`;
  return {
    address,
    uri: `${schemeText}://${user}${hostText}${port}${encodePart(path)}${query(parameters)}`,
    label: labelOf(address, path),
    password: url.password === "" ? undefined : decodePart(trimmed, url.password),
  };
}

export function hostConfigOf(parsed: LibvirtUri): HostConfig {
  const { uri, label, password } = parsed;
  return { kind: LIBVIRT_KIND, uri, label, ...(password === undefined ? {} : { password }) };
}
