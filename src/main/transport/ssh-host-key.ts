import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Ask, Logger } from "../providers/provider.ts";
import { addressText } from "./address.ts";
import { systemCodeOf } from "./connect-error.ts";
import { judgeHostKey, keyTypeOf, knownHostLine, parseKnownHosts, type KnownHost } from "./ssh-known-hosts.ts";

const SYSTEM_FILE = "/etc/ssh/ssh_known_hosts";
/** Big sites have some thousand hosts. */
const MAX_KNOWN_HOSTS_BYTES = 16 * 1024 * 1024;
const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** "SHA256:…", as `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

async function readText(path: string): Promise<string> {
  try {
    const content = await readFile(path);
    return content.length > MAX_KNOWN_HOSTS_BYTES ? "" : content.toString("utf8");
  } catch (error) {
    if (systemCodeOf(error) === "") throw error;
    return "";
  }
}

/** The known_hosts files of one connection: what they hold, and where accepted keys go. */
export interface KnownHostsFiles {
  readonly entries: readonly KnownHost[];
  readonly writable: string;
}

export async function readKnownHosts(file: string | undefined): Promise<KnownHostsFiles> {
  const folder = join(homedir(), ".ssh");
  const writable = file ?? join(folder, "known_hosts");
  const files = file === undefined ? [writable, join(folder, "known_hosts2"), SYSTEM_FILE] : [writable, SYSTEM_FILE];
  const texts = await Promise.all(files.map(readText));
  return { entries: texts.flatMap(parseKnownHosts), writable };
}

async function rememberKey(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const before = await readText(path);
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  await appendFile(path, gap + line, { mode: OWNER_ONLY_FILE });
}

/** Returns when the key may be trusted; throws SSH_HOST_KEY_CHANGED or SSH_HOST_KEY_REFUSED otherwise. */
export async function checkHostKey(
  server: { readonly host: string; readonly port: number; readonly key: Buffer },
  known: KnownHostsFiles,
  context: { readonly ask: Ask; readonly log: Logger },
  options: { signal: AbortSignal },
): Promise<void> {
  const { host, port, key } = server;
  const address = addressText(host, port);
  const verdict = judgeHostKey(known.entries, server);
  if (verdict === "known") return;
  if (verdict === "changed")
    throw new AppError("SSH_HOST_KEY_CHANGED", "host key differs from the known one", { address });
  if (verdict === "revoked") throw new AppError("SSH_HOST_KEY_REFUSED", "host key is revoked", { address });
  const question = { keyType: keyTypeOf(key).slice(0, 64), fingerprint: fingerprintOf(key) };
  const answer = await context.ask({ kind: "ssh-host-key", target: address, ...question }, options);
  if (answer.kind !== "accept") throw new AppError("SSH_HOST_KEY_REFUSED", "host key was not accepted", { address });
  if (!answer.remember) return;
  try {
    await rememberKey(known.writable, knownHostLine(host, port, key));
  } catch (error) {
    context.log.warn("accepted SSH host key could not be saved", { path: known.writable, reason: systemCodeOf(error) });
  }
}
