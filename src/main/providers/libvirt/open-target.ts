import type { Duplex } from "node:stream";
import { AppError } from "../../../shared/errors/app-error.ts";
import { addressText } from "../../transport/address.ts";
import { openTcp } from "../../transport/tcp.ts";
import { openUnix } from "../../transport/unix.ts";
import type { ProviderContext } from "../provider.ts";
import type { ConsoleTarget } from "./console-target.ts";
import type { LibvirtConnection } from "./libvirt-connection.ts";
import type { LibvirtRoute } from "./libvirt-route.ts";
import type { LibvirtAddress } from "./libvirt-uri.ts";

interface SignalOption {
  readonly signal: AbortSignal;
}

/** What a console needs of its host's link. */
export interface ConsoleHost {
  readonly uri: string;
  readonly address: LibvirtAddress;
  readonly route: LibvirtRoute;
  readonly context: ProviderContext;
  readonly connection: LibvirtConnection;
  /** One more connection, so that a console whose reader is behind stops only itself. */
  openConnection(options: SignalOption): Promise<LibvirtConnection>;
}

export function unavailable(reason: string, cause?: unknown): AppError {
  return new AppError("CONSOLE_UNAVAILABLE", "the console cannot be opened", { reason }, { cause });
}

const DIRECT_FAILURES: readonly string[] = [
  "NAME_NOT_FOUND",
  "CONNECT_REFUSED",
  "CONNECT_TIMEOUT",
  "CONNECT_UNREACHABLE",
  "CONNECT_FAILED",
];

/** A byte stream to where a console listens. */
export async function openTarget(host: ConsoleHost, target: ConsoleTarget, options: SignalOption): Promise<Duplex> {
  const { ssh } = host.route;
  switch (target.kind) {
    case "unavailable":
      throw unavailable(target.reason);
    case "not-yet":
      throw unavailable("the guest has not opened its port yet");
    case "unix":
      if (target.via === "direct") return openUnix(target.path, options);
      if (ssh === undefined) throw unavailable("there is no SSH connection to its host");
      return ssh.forwardUnix(target.path, options);
    case "tcp":
      if (target.via === "ssh") {
        if (ssh === undefined) throw unavailable("there is no SSH connection to its host");
        return ssh.forwardTcp(target.host, target.port, options);
      }
      try {
        return await openTcp(target, options);
      } catch (error) {
        // An alias of SSH's own configuration, or a firewall that lets only SSH through: it also listens on loopback.
        const isAny = ssh !== undefined && target.host === host.address.host;
        if (!isAny || !(error instanceof AppError) || !DIRECT_FAILURES.includes(error.code)) throw error;
        return ssh.forwardTcp("127.0.0.1", target.port, options);
      }
  }
}

/** Whose certificate is expected when the guest's server wants TLS. */
export function tlsPeer(host: ConsoleHost, target: ConsoleTarget): { host: string; port: number } | undefined {
  if (target.kind !== "tcp") return undefined;
  return { host: target.via === "ssh" ? (host.address.host ?? target.host) : target.host, port: target.port };
}

export function targetText(target: ConsoleTarget, fallback: string): string {
  if (target.kind === "tcp") return addressText(target.host, target.port);
  return target.kind === "unix" ? target.path : fallback;
}
