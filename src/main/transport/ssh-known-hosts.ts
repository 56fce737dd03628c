import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * OpenSSH's known_hosts files (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): which key a host had before. Lines that are not
 * understood are skipped, as OpenSSH does; certificate authorities are not supported and skipped, too.
 */

const SSH_PORT = 22;
/** Longest line that is looked at; a 16384-bit RSA key is 3 KiB. */
const MAX_LINE_LENGTH = 16 * 1024;
const MAX_PATTERN_LENGTH = 1024;

export interface KnownHost {
  readonly isRevoked: boolean;
  /** The first field: names, patterns, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
}

export type HostKeyVerdict = "known" | "unknown" | "changed" | "revoked";

/** The key type that stands at the start of a public key in SSH's wire form (RFC 4253, section 6.6), or an empty text. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return "";
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? "" : key.toString("latin1", 4, 4 + length);
}

export function parseKnownHosts(text: string): KnownHost[] {
  const entries: KnownHost[] = [];
  for (const line of text.split("\n")) {
    if (line.length > MAX_LINE_LENGTH) continue;
    const fields = line.trim().split(/[ \t]+/);
    const isMarked = fields[0]?.startsWith("@") === true;
    const marker = isMarked ? fields.shift() : undefined;
    if (marker !== undefined && marker !== "@revoked") continue;
    const [hosts, keyType, encoded] = fields;
    if (hosts === undefined || hosts.startsWith("#") || keyType === undefined || encoded === undefined) continue;
    const key = Buffer.from(encoded, "base64");
    if (keyTypeOf(key) !== keyType) continue;
    entries.push({ isRevoked: marker === "@revoked", hosts, keyType, key });
  }
  return entries;
}

/** How a host is called in the file: "rack-a", or "[rack-a]:2222" away from the usual port. */
export function knownHostName(host: string, port: number): string {
  return port === SSH_PORT ? host.toLowerCase() : `[${host.toLowerCase()}]:${String(port)}`;
}

/** `*` and `?` in time linear for each star: a hostile pattern must not stop the process. */
export function matchesPattern(pattern: string, name: string): boolean {
  if (pattern.length > MAX_PATTERN_LENGTH) return false;
  let at = 0;
  let p = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const sign = pattern[p];
    if (sign === "*") {
      star = p;
      starAt = at;
      p += 1;
    } else if (sign === "?" || sign === name[at]) {
      p += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      p = star + 1;
    } else return false;
  }
  while (pattern[p] === "*") p += 1;
  return p === pattern.length;
}

function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** Does the first field of a line mean this host? A pattern with `!` that fits takes the host out. */
export function matchesHosts(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return matchesHash(hosts, name);
  let isMatch = false;
  for (const pattern of hosts.toLowerCase().split(",")) {
    if (pattern.startsWith("!")) {
      if (matchesPattern(pattern.slice(1), name)) return false;
    } else if (matchesPattern(pattern, name)) isMatch = true;
  }
  return isMatch;
}

/**
 * Any other key of a known host is "changed", also of another type: a host offers the known types first, so it is either
 * reinstalled or not the host.
 */
export function judgeHostKey(
  entries: readonly KnownHost[],
  target: { readonly host: string; readonly port: number; readonly key: Buffer },
): HostKeyVerdict {
  const { host, port, key } = target;
  const mine = entries.filter((entry) => matchesHosts(entry.hosts, knownHostName(host, port)));
  const isSameKey = (entry: KnownHost): boolean => entry.key.equals(key);
  if (mine.some((entry) => entry.isRevoked && isSameKey(entry))) return "revoked";
  const trusted = mine.filter((entry) => !entry.isRevoked);
  if (trusted.some(isSameKey)) return "known";
  if (trusted.length > 0) return "changed";
  // As OpenSSH does: a line without a port vouches for its key at any port.
  const portless =
    port === SSH_PORT ? [] : entries.filter((entry) => matchesHosts(entry.hosts, knownHostName(host, SSH_PORT)));
  if (portless.some((entry) => entry.isRevoked && isSameKey(entry))) return "revoked";
  return portless.some(isSameKey) ? "known" : "unknown";
}

/** The types of the keys that are known for a host, to ask for them first. */
export function knownKeyTypes(entries: readonly KnownHost[], host: string, port: number): string[] {
  const names = [knownHostName(host, port), knownHostName(host, SSH_PORT)];
  const mine = entries.filter((entry) => !entry.isRevoked && names.some((name) => matchesHosts(entry.hosts, name)));
  return [...new Set(mine.map((entry) => entry.keyType))];
}

export function knownHostLine(host: string, port: number, key: Buffer): string {
  return `${knownHostName(host, port)} ${keyTypeOf(key)} ${key.toString("base64")}\n`;
}
