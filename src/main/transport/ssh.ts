import { readFile } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import ssh2, { type AnyAuthMethod, type AuthenticationType, type Client, type ServerHostKeyAlgorithm } from "ssh2";
import { AppError } from "../../shared/errors/app-error.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import type { Ask, Logger, SecretMemory } from "../providers/provider.ts";
import { addressText } from "./address.ts";
import { reasonOf, systemCodeOf } from "./connect-error.ts";
import { abortErrorOf } from "./limited-wait.ts";
import { expandPath, parseJump, parseSshConfig } from "./ssh-config.ts";
import { LoggedInSsh, type SshConnection } from "./ssh-connection.ts";
import { checkHostKey, readKnownHosts, type KnownHostsFiles } from "./ssh-host-key.ts";
import { KeyFileAgent } from "./ssh-key-files.ts";
import { knownKeyTypes } from "./ssh-known-hosts.ts";
import { SshLogin } from "./ssh-login.ts";
import { openTcp } from "./tcp.ts";

export type { SshConnection } from "./ssh-connection.ts";

/** From the first byte to the login, without the time in which a person answers. */
const SSH_LOGIN_TIMEOUT_MS = 20_000;
/** A dead link is noticed after four of these. */
const SSH_KEEPALIVE_MS = 10_000;
const SSH_KEEPALIVE_TRIES = 3;
/** Hops of ProxyJump; more is a loop in the configuration. */
const MAX_JUMPS = 8;
const DEFAULT_KEY_FILES = ["id_ed25519", "id_ecdsa", "id_rsa"];
/** What ssh2 speaks, best first. */
const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
  "ssh-rsa",
];

/** HTTP, RFB, SMTP or FTP, TLS, and other binary protocols. */
const FOREIGN_START = /^(?:HTTP\/|RFB |220 |[\x00-\x08\x0e-\x1f])/;

/** Where to log in. What is not given comes from ~/.ssh/config, then from OpenSSH's defaults. */
export interface SshTarget {
  /** A host name, an address, or an alias of ~/.ssh/config. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Only this key instead of the agent's and the default ones. */
  readonly keyFile?: string | undefined;
  /** Instead of ~/.ssh/known_hosts; accepted keys are appended here. */
  readonly knownHostsFile?: string | undefined;
  readonly password?: string | undefined;
}

export interface SshContext {
  readonly ask: Ask;
  readonly secrets: SecretMemory;
  readonly log: Logger;
}

/** A target with everything filled in. */
interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly address: string;
  readonly password: string | undefined;
  readonly keyPaths: readonly string[];
  readonly hasNamedKeys: boolean;
  readonly canUseAgent: boolean;
  readonly knownHosts: KnownHostsFiles;
  readonly proxyJump: string | undefined;
}

async function readConfig(): Promise<string> {
  try {
    return await readFile(join(homedir(), ".ssh", "config"), "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "") throw error;
    return "";
  }
}

async function fillIn(target: SshTarget): Promise<Login> {
  const config = parseSshConfig(await readConfig(), target.host);
  const localUser = userInfo().username;
  const host = config.hostName ?? target.host;
  const port = target.port ?? config.port ?? 22;
  const user = target.user ?? config.user ?? localUser;
  const named = target.keyFile === undefined ? config.identityFiles : [target.keyFile];
  const keyPaths = named.length > 0 ? named : DEFAULT_KEY_FILES.map((name) => join(homedir(), ".ssh", name));
  return {
    host,
    port,
    user,
    address: addressText(host, port),
    password: target.password,
    keyPaths: keyPaths.map((path) => expandPath(path, { host, remoteUser: user, localUser })),
    hasNamedKeys: named.length > 0,
    canUseAgent: target.keyFile === undefined && !config.hasIdentitiesOnly,
    knownHosts: await readKnownHosts(target.knownHostsFile),
    proxyJump: config.proxyJump,
  };
}

/** Key types that are known for the host first, so that a server with several keys shows one of them. */
function hostKeyOrder({ knownHosts, host, port }: Login): ServerHostKeyAlgorithm[] {
  const known = knownKeyTypes(knownHosts.entries, host, port);
  const isKnown = (algorithm: string): boolean =>
    known.includes(algorithm) || (algorithm.startsWith("rsa-") && known.includes("ssh-rsa"));
  return [...HOST_KEY_ALGORITHMS.filter(isKnown), ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isKnown(algorithm))];
}

/** A clock that stands still while a person is asked. */
class LoginClock {
  readonly #owned: DisposableStore;
  readonly #handleLimit: () => void;
  #leftMs = SSH_LOGIN_TIMEOUT_MS;
  #openQuestions = 0;
  #startMs = 0;
  #timer: { dispose(): void } | undefined;

  constructor(owned: DisposableStore, handleLimit: () => void) {
    this.#owned = owned;
    this.#handleLimit = handleLimit;
    this.#run();
  }

  /** A person is being asked. */
  get isPaused(): boolean {
    return this.#openQuestions > 0;
  }

  /** `ask`, with the clock stopped. */
  pausing(ask: Ask): Ask {
    return async (body, options) => {
      this.#openQuestions += 1;
      if (this.#openQuestions === 1) this.#stop();
      try {
        return await ask(body, options);
      } finally {
        this.#openQuestions -= 1;
        if (this.#openQuestions === 0) this.#run();
      }
    };
  }

  #run(): void {
    this.#startMs = performance.now();
    this.#timer = this.#owned.add(after(Math.max(0, this.#leftMs), this.#handleLimit));
  }

  #stop(): void {
    if (this.#timer !== undefined) this.#owned.delete(this.#timer);
    this.#leftMs -= performance.now() - this.#startMs;
  }
}

/** Speaks SSH over an open stream until the server lets us in. The stream is closed when this fails. */
async function logIn(stream: Duplex, login: Login, context: SshContext, signal: AbortSignal): Promise<Client> {
  const { address, user } = login;
  const owned = new DisposableStore();
  const ended = new AbortController();
  // Questions go away when the connection does.
  const questionSignal = AbortSignal.any([signal, ended.signal]);
  const client = new ssh2.Client();
  try {
    return await new Promise<Client>((resolve, reject) => {
      const fail = (error: unknown): void =>
        reject(error instanceof Error ? error : new Error("SSH failed", { cause: error }));
      const failed = (reason: string, cause?: unknown): void =>
        fail(new AppError("SSH_FAILED", "SSH handshake failed", { address, reason }, { cause }));
      const refused = (cause: unknown): void =>
        fail(new AppError("SSH_LOGIN_REFUSED", "SSH login was refused", { address, user }, { cause }));

      const handleAbort = (): void => fail(abortErrorOf(signal));
      signal.addEventListener("abort", handleAbort);
      owned.defer(() => signal.removeEventListener("abort", handleAbort));
      if (signal.aborted) handleAbort();
      const seconds = SSH_LOGIN_TIMEOUT_MS / 1000;
      const clock = new LoginClock(owned, () => failed(`no answer within ${seconds} s`));
      const ask = clock.pausing(context.ask);

      client.on("error", (error: Error & { level?: string }) => {
        if (error.level === "agent") context.log.debug("ssh agent was not usable", { reason: error.message });
        else if (error.level === "client-authentication" || /authentication/i.test(error.message)) refused(error);
        else failed(reasonOf(error), error);
      });
      client.on("close", () => {
        failed(clock.isPaused ? "the server hung up before the question was answered" : "the connection was closed");
      });
      client.on("ready", () => resolve(client));

      const startLogin = async (): Promise<SshLogin> => {
        const files = { signal: questionSignal, onFatal: fail };
        const agentSocket = login.canUseAgent ? process.env["SSH_AUTH_SOCK"] : undefined;
        const sshLogin = new SshLogin({
          user,
          address,
          password: login.password,
          agentSocket: agentSocket === "" ? undefined : agentSocket,
          keyFiles: await KeyFileAgent.open(login.keyPaths, { ask, secrets: context.secrets }, files),
          keyFilesFirst: login.hasNamedKeys,
          ask,
          secrets: context.secrets,
          signal: questionSignal,
          onFatal: fail,
        });
        return sshLogin;
      };
      let sshLogin: Promise<SshLogin> | undefined;

      client.connect({
        sock: stream,
        username: user,
        readyTimeout: 0,
        strictVendor: false,
        keepaliveInterval: SSH_KEEPALIVE_MS,
        keepaliveCountMax: SSH_KEEPALIVE_TRIES,
        algorithms: { serverHostKey: hostKeyOrder(login) },
        hostVerifier: (key: Buffer, verify: (isGood: boolean) => void) => {
          const server = { host: login.host, port: login.port, key };
          checkHostKey(server, login.knownHosts, { ask, log: context.log }, { signal: questionSignal }).then(
            () => verify(true),
            (error: unknown) => {
              fail(error);
              verify(false);
            },
          );
        },
        authHandler: (methodsLeft: AuthenticationType[] | null, _partial: boolean | null, next) => {
          sshLogin ??= startLogin();
          // Before the first answer there is no list (the types do not say so).
          sshLogin
            .then((steps) => steps.next(methodsLeft ?? undefined))
            // False means "no more"; the types know it only of the synchronous form.
            .then((method) => next(method as AnyAuthMethod), fail);
        },
      });
      // ssh2 waits for ever for "SSH-", because lines may come before it (RFC 4253, section 4.2). It has paused the stream.
      stream.once("data", (chunk: Buffer) => {
        if (FOREIGN_START.test(chunk.toString("latin1", 0, 8))) failed("it does not speak SSH");
      });
    });
  } catch (error) {
    client.destroy();
    stream.destroy();
    throw error;
  } finally {
    owned.dispose();
    ended.abort();
  }
}

async function openHop(
  target: SshTarget,
  context: SshContext,
  options: { signal: AbortSignal; jumpsLeft: number },
): Promise<SshConnection> {
  const { signal } = options;
  const login = await fillIn(target);
  const { host, port, address } = login;
  const jump = login.proxyJump === undefined ? undefined : await openJump(login.proxyJump, address, context, options);
  try {
    const stream =
      jump === undefined ? await openTcp({ host, port }, { signal }) : await jump.forwardTcp(host, port, { signal });
    const client = await logIn(stream, login, context, signal);
    return new LoggedInSsh(client, { address, log: context.log, jump });
  } catch (error) {
    jump?.dispose();
    throw error;
  }
}

/** One hop; a list of hops is written as a ProxyJump of the hop itself. */
async function openJump(
  proxyJump: string,
  address: string,
  context: SshContext,
  options: { signal: AbortSignal; jumpsLeft: number },
): Promise<SshConnection> {
  const hops = proxyJump.split(",").map(parseJump);
  const [hop] = hops;
  if (hop === undefined || hops.length > 1 || options.jumpsLeft === 0) {
    const reason = options.jumpsLeft === 0 ? "ProxyJump goes in a circle" : `ProxyJump ${proxyJump} is not supported`;
    throw new AppError("SSH_FAILED", "ProxyJump is unusable", { address, reason });
  }
  return openHop(hop, context, { signal: options.signal, jumpsLeft: options.jumpsLeft - 1 });
}

/**
 * Logs in at an SSH server. Its host key must be in known_hosts, or the user accepts it; a changed one is refused. Keys of the agent, key
 * files, password and keyboard-interactive are tried in turn.
 */
export async function openSsh(
  target: SshTarget,
  context: SshContext,
  options: { signal: AbortSignal },
): Promise<SshConnection> {
  return openHop(target, context, { signal: options.signal, jumpsLeft: MAX_JUMPS });
}
