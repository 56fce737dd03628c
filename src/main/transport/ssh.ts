import type { Duplex } from "node:stream";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Disposable } from "../../shared/lifecycle/disposable.ts";
import type { Event } from "../../shared/lifecycle/event.ts";
import type { Ask, Logger, SecretMemory } from "../providers/provider.ts";
import { addressText } from "./address.ts";

/** Where to log in. What is not given comes from ~/.ssh/config, then from OpenSSH's defaults. */
export interface SshTarget {
  /** A host name, an address, or an alias of ~/.ssh/config. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Only this key instead of the default ones. */
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

/** One login; carries many streams. Disposing it closes all of them. */
export interface SshConnection extends Disposable {
  forwardTcp(host: string, port: number, options: { signal: AbortSignal }): Promise<Duplex>;
  forwardUnix(path: string, options: { signal: AbortSignal }): Promise<Duplex>;
  /** Standard input and output of a command on the far side. */
  exec(command: string, options: { signal: AbortSignal }): Promise<Duplex>;
  /** The connection ended by itself; fires once. */
  readonly onClosed: Event<AppError>;
}

export function openSsh(
  target: SshTarget,
  context: SshContext,
  options: { signal: AbortSignal },
): Promise<SshConnection> {
  options.signal.throwIfAborted();
  context.log.debug("ssh");
  const address = addressText(target.host, target.port ?? 22);
  return Promise.reject(new AppError("SSH_FAILED", "not there yet", { address, reason: "not there yet" }));
}
