import { homedir } from "node:os";
import { join } from "node:path";
import { matchesPattern } from "./ssh-known-hosts.ts";

/** What Switchyard takes from ssh_config(5). Include and Match are skipped, with all that stands under a Match. */
export interface SshHostConfig {
  readonly hostName?: string;
  readonly user?: string;
  readonly port?: number;
  readonly identityFiles: readonly string[];
  readonly hasIdentitiesOnly: boolean;
  /** "user@host:port", several with commas; "none" is left out. */
  readonly proxyJump?: string;
}

const MAX_IDENTITY_FILES = 32;

function wordsOf(text: string): string[] {
  return Array.from(text.matchAll(/"([^"]*)"|(\S+)/g), (match) => match[1] ?? match[2] ?? "");
}

function isHostMeant(patterns: readonly string[], alias: string): boolean {
  const name = alias.toLowerCase();
  const excluded = patterns.some((p) => p.startsWith("!") && matchesPattern(p.slice(1).toLowerCase(), name));
  return !excluded && patterns.some((p) => !p.startsWith("!") && matchesPattern(p.toLowerCase(), name));
}

function portOf(text: string): number | undefined {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** The settings of one alias; the first value found of each counts, as ssh_config(5) says. */
export function parseSshConfig(text: string, alias: string): SshHostConfig {
  const firstByKey = new Map<string, string>();
  const identityFiles: string[] = [];
  let isMeant = true;
  for (const line of text.split("\n")) {
    const match = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const key = match[1].toLowerCase();
    const words = wordsOf(match[2]);
    if (key === "host") isMeant = isHostMeant(words, alias);
    else if (key === "match") isMeant = false;
    else if (!isMeant || words[0] === undefined) continue;
    else if (key === "identityfile") identityFiles.push(words[0]);
    else if (!firstByKey.has(key)) firstByKey.set(key, words[0]);
  }
  const hostName = firstByKey.get("hostname")?.replaceAll("%h", alias).replaceAll("%%", "%");
  const user = firstByKey.get("user");
  const port = portOf(firstByKey.get("port") ?? "");
  const proxyJump = firstByKey.get("proxyjump");
  return {
    ...(hostName !== undefined && { hostName }),
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
    ...(proxyJump !== undefined && proxyJump.toLowerCase() !== "none" && { proxyJump }),
    identityFiles: identityFiles.slice(0, MAX_IDENTITY_FILES),
    hasIdentitiesOnly: firstByKey.get("identitiesonly")?.toLowerCase() === "yes",
  };
}

/** "~" and the tokens of IdentityFile (ssh_config(5), "TOKENS"). */
export function expandPath(path: string, names: { host: string; remoteUser: string; localUser: string }): string {
  const valueByToken: Readonly<Record<string, string>> = {
    "%d": homedir(),
    "%h": names.host,
    "%r": names.remoteUser,
    "%u": names.localUser,
    "%%": "%",
  };
  const expanded = path.replace(/%[dhru%]/g, (token) => valueByToken[token] ?? token);
  return expanded === "~" || expanded.startsWith("~/") ? join(homedir(), expanded.slice(1)) : expanded;
}

/** One hop of ProxyJump: "user@host:port", "[::1]:22", or an "ssh://" URI. */
export function parseJump(text: string): { host: string; user?: string; port?: number } | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:[\]/]+))(?::(\d{1,5}))?\/?$/.exec(text.trim());
  const host = match?.[2] ?? match?.[3];
  if (host === undefined) return undefined;
  const port = portOf(match?.[4] ?? "");
  return { host, ...(match?.[1] !== undefined && { user: match[1] }), ...(port !== undefined && { port }) };
}
