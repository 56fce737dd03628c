import { homedir } from "node:os";
import { join } from "node:path";
import { existsSync } from "node:fs";
import type { Duplex } from "node:stream";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { Disposable } from "../../../shared/lifecycle/disposable.ts";
import { addressText } from "../../transport/address.ts";
import { waitWithLimit } from "../../transport/limited-wait.ts";
import { openSsh, type SshConnection } from "../../transport/ssh.ts";
import { openTcp } from "../../transport/tcp.ts";
import { openTls } from "../../transport/tls.ts";
import { openUnix } from "../../transport/unix.ts";
import type { HostConfig, ProviderContext } from "../provider.ts";
import { LIBVIRT_TCP_PORT, LIBVIRT_TLS_PORT, type LibvirtAddress } from "./libvirt-uri.ts";

interface SignalOption {
  readonly signal: AbortSignal;
}

/** One way to a byte stream of the daemon; some hosts have several. */
export interface DaemonPath {
  /** For errors: a socket path, "rack-a:16514". */
  readonly address: string;
  open(options: SignalOption): Promise<Duplex>;
}

/** How to get to a host's daemon and to the sockets of its guests. Owns what it needs for that (an SSH login). */
export interface LibvirtRoute extends Disposable {
  /** To be tried in this order, never empty. */
  readonly daemonPaths: readonly DaemonPath[];
  /** There when what is only local to the host can be reached through SSH. */
  readonly ssh: SshConnection | undefined;
}

const SYSTEM_RUNTIME_FOLDER = "/run/libvirt";
const MONOLITHIC_SOCKET = "libvirt-sock";

export interface LocalUser {
  readonly uid: number;
  /** $XDG_RUNTIME_DIR */
  readonly runtimeFolder: string | undefined;
  readonly homeFolder: string;
}

export function currentUser(): LocalUser {
  const runtimeFolder = process.env["XDG_RUNTIME_DIR"];
  return {
    uid: process.getuid?.() ?? -1,
    runtimeFolder: runtimeFolder === "" ? undefined : runtimeFolder,
    homeFolder: homedir(),
  };
}

/** Folder of the sockets of the user's own daemons (virGetUserRuntimeDirectory). */
function sessionFolder(user: LocalUser): string {
  return join(user.runtimeFolder ?? join(user.homeFolder, ".cache"), "libvirt");
}

/** Sockets of the daemon on this machine, the modular one first, as libvirt's own client does. */
export function localSocketPaths(
  address: Pick<LibvirtAddress, "driver" | "daemon" | "isSession" | "socketPath">,
  user: LocalUser,
): string[] {
  if (address.socketPath !== undefined) return [address.socketPath];
  const names = [...(address.daemon === undefined ? [] : [`${address.daemon}-sock`]), MONOLITHIC_SOCKET];
  const system = names.map((name) => `${SYSTEM_RUNTIME_FOLDER}/${name}`);
  const session = names.map((name) => join(sessionFolder(user), name));
  // Root has no daemon of its own: its session is at the system's daemon.
  if (user.uid === 0) return address.isSession ? [...system, ...session] : system;
  if (address.isSession) return session;
  return address.driver === "test" ? [...session, ...system] : system;
}

/** What may stand in a shell command of ours without quotes. */
const PLAIN_WORD = /^[\w./:@%+=,-]+$/;

function shellWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function sshPaths(address: LibvirtAddress, host: string, ssh: SshConnection): DaemonPath[] {
  const names = [...(address.daemon === undefined ? [] : [`${address.daemon}-sock`]), MONOLITHIC_SOCKET];
  // Which folder a session has is known only over there.
  const sockets =
    address.socketPath !== undefined
      ? [address.socketPath]
      : address.isSession
        ? []
        : names.map((name) => `${SYSTEM_RUNTIME_FOLDER}/${name}`);
  const forwarded = sockets.map((path) => ({
    address: `${host}:${path}`,
    open: (options: SignalOption) => ssh.forwardUnix(path, options),
  }));
  const helper = {
    address: `${host}: virt-ssh-helper`,
    open: (options: SignalOption) => ssh.exec(`virt-ssh-helper ${shellWord(address.connectName)}`, options),
  };
  const netcat = sockets.map((path) => ({
    address: `${host}:${path}`,
    open: (options: SignalOption) => ssh.exec(`nc -U ${shellWord(path)}`, options),
  }));
  return address.socketPath === undefined ? [...forwarded, helper, ...netcat] : [...forwarded, ...netcat];
}

interface TlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Where libvirt's own client looks for its certificates (https://libvirt.org/kbase/tlscerts.html). */
export function tlsFilesOf(
  pkiPath: string | undefined,
  homeFolder: string,
  exists: (path: string) => boolean,
): TlsFiles {
  const user = join(homeFolder, ".pki/libvirt");
  const folders =
    pkiPath !== undefined
      ? [{ ca: pkiPath, cert: pkiPath, key: pkiPath }]
      : [
          { ca: user, cert: user, key: user },
          { ca: "/etc/pki/CA", cert: "/etc/pki/libvirt", key: "/etc/pki/libvirt/private" },
        ];
  const find = (paths: readonly string[]): string | undefined => paths.find((path) => exists(path));
  const caFile = find(folders.map(({ ca }) => join(ca, "cacert.pem")));
  const pair = folders.find(
    ({ cert, key }) => exists(join(cert, "clientcert.pem")) && exists(join(key, "clientkey.pem")),
  );
  return {
    ...(caFile !== undefined && { caFile }),
    ...(pair && { certFile: join(pair.cert, "clientcert.pem"), keyFile: join(pair.key, "clientkey.pem") }),
  };
}

/** The daemon checks our certificate after the handshake and says so with one byte (virNetClientSetTLSSession). */
const TLS_VERDICT_BYTES = 1;
const TLS_VERDICT_ACCEPTED = 1;
const TLS_VERDICT_LIMIT_MS = 10_000;

export function readTlsVerdict(stream: Duplex, address: string, options: SignalOption): Promise<undefined> {
  const refused = (reason: string, cause?: unknown): AppError =>
    new AppError("TLS_FAILED", "the daemon refused our certificate", { address, reason }, { cause });
  const limitError = (): AppError =>
    new AppError("PROTOCOL_TIMEOUT", "no verdict", { address, act: "checking our certificate" });
  return waitWithLimit<undefined>(
    { signal: options.signal, limitMs: TLS_VERDICT_LIMIT_MS, limitError },
    (resolve, reject, owned) => {
      const handleReadable = (): void => {
        const verdict = stream.read(TLS_VERDICT_BYTES) as Buffer | null;
        if (verdict === null) return;
        if (verdict[0] === TLS_VERDICT_ACCEPTED) resolve(undefined);
        else reject(refused("it does not accept our certificate"));
      };
      const handleError = (error: Error): void => reject(refused("it does not accept our certificate", error));
      const handleEnd = (): void => reject(refused("it wants a client certificate that it knows"));
      stream.on("readable", handleReadable).on("error", handleError).on("end", handleEnd).on("close", handleEnd);
      owned.defer(() => {
        stream.off("readable", handleReadable).off("error", handleError).off("end", handleEnd).off("close", handleEnd);
      });
    },
  );
}

async function openTlsDaemon(
  address: LibvirtAddress,
  target: { host: string; port: number },
  context: ProviderContext,
  options: SignalOption,
): Promise<Duplex> {
  const files = tlsFilesOf(address.pkiPath, homedir(), existsSync);
  const stream = await openTls({ ...target, ...files }, { pins: context.pins, ask: context.ask }, options);
  try {
    await readTlsVerdict(stream, addressText(target.host, target.port), options);
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** Opens what all ways to the host need (an SSH login); a direct transport needs nothing yet. */
export async function openRoute(
  address: LibvirtAddress,
  config: HostConfig,
  context: ProviderContext,
  options: SignalOption,
): Promise<LibvirtRoute> {
  const { transport, host } = address;
  const direct = (...daemonPaths: DaemonPath[]): LibvirtRoute => ({
    daemonPaths,
    ssh: undefined,
    dispose: () => undefined,
  });
  if (transport === "unix" || host === undefined) {
    const paths = localSocketPaths(address, currentUser());
    return direct(
      ...paths.map((path) => ({ address: path, open: (opening: SignalOption) => openUnix(path, opening) })),
    );
  }
  switch (transport) {
    case "tcp": {
      const target = { host, port: address.port ?? LIBVIRT_TCP_PORT };
      return direct({ address: addressText(host, target.port), open: (opening) => openTcp(target, opening) });
    }
    case "tls": {
      const target = { host, port: address.port ?? LIBVIRT_TLS_PORT };
      return direct({
        address: addressText(host, target.port),
        open: (opening) => openTlsDaemon(address, target, context, opening),
      });
    }
    case "ssh": {
      const ssh = await openSsh(
        {
          host,
          port: address.port,
          user: address.userName,
          keyFile: address.keyFile,
          knownHostsFile: address.knownHostsFile,
          password: config.password,
        },
        context,
        options,
      );
      return { daemonPaths: sshPaths(address, host, ssh), ssh, dispose: () => ssh.dispose() };
    }
  }
}
