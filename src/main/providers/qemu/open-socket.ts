import type { Duplex } from "node:stream";
import { addressText } from "../../transport/address.ts";
import { openTcp } from "../../transport/tcp.ts";
import { openUnix } from "../../transport/unix.ts";
import type { SocketAddress } from "./socket-address.ts";

export function openSocket(address: SocketAddress, options: { signal: AbortSignal }): Promise<Duplex> {
  return address.kind === "unix" ? openUnix(address.path, options) : openTcp(address, options);
}

/** For texts, errors and as the key of a password. */
export function textOfAddress(address: SocketAddress): string {
  return address.kind === "unix" ? address.path : addressText(address.host, address.port);
}
