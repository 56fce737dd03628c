import { lookup } from "node:dns/promises";
import { createConnection, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { AppError } from "../../shared/errors/app-error.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { addressText } from "./address.ts";
import { connectTimeout, reasonOf, systemCodeOf, tcpConnectError } from "./connect-error.ts";
import { waitWithLimit, type WaitLimits } from "./limited-wait.ts";

/** For the name and all addresses together. A host that is on answers within one; a person gives up after about ten. */
export const TCP_CONNECT_TIMEOUT_MS = 10_000;
/** How long one address may stay silent before the next one is tried beside it (RFC 8305, section 5). */
const NEXT_ADDRESS_DELAY_MS = 250;
/** A name with more addresses than this is not a host that a person named. */
const MAX_ADDRESSES = 16;
/** First probe of an idle connection, so that a peer that vanished is noticed. */
const TCP_KEEPALIVE_MS = 30_000;

/** IPv6 and IPv4 in turn, in the order of the resolver (RFC 8305, section 4). */
function inTurn(addresses: readonly { address: string; family: number }[]): string[] {
  const first = addresses.filter((entry) => entry.family === addresses[0]?.family);
  const second = addresses.filter((entry) => entry.family !== addresses[0]?.family);
  const ordered: string[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i += 1) {
    for (const entry of [first[i], second[i]]) if (entry !== undefined) ordered.push(entry.address);
  }
  return ordered.slice(0, MAX_ADDRESSES);
}

async function resolveName(host: string, limits: WaitLimits): Promise<string[]> {
  const found = await waitWithLimit<{ address: string; family: number }[]>(limits, (resolve, reject) => {
    lookup(host, { all: true, order: "verbatim" }).then(resolve, (error: unknown) => {
      reject(
        ["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA", "ENODATA"].includes(systemCodeOf(error))
          ? new AppError("NAME_NOT_FOUND", "name is not known", { host }, { cause: error })
          : new AppError("CONNECT_FAILED", "could not resolve", { address: host, reason: reasonOf(error) }),
      );
    });
  });
  if (found.length === 0) throw new AppError("NAME_NOT_FOUND", "name has no address", { host });
  return inTurn(found);
}

/** Happy eyeballs: starts one address after the other, keeps the first that connects and drops the rest. */
function connectFirst(addresses: readonly string[], port: number, limits: WaitLimits): Promise<Socket> {
  return waitWithLimit<Socket>(limits, (resolve, reject, owned) => {
    const waiting = [...addresses];
    const open = new Set<Socket>();
    owned.defer(() => {
      for (const socket of open) socket.destroy();
    });
    const startNext = (): void => {
      const address = waiting.shift();
      if (address === undefined || owned.isDisposed) return;
      const socket = createConnection({ host: address, port, autoSelectFamily: false });
      open.add(socket);
      const nextAnyway = owned.add(after(NEXT_ADDRESS_DELAY_MS, startNext));
      // Stays after the connect: a stream without an error listener would end the process. Its owner sees "close".
      socket.on("error", (error) => {
        open.delete(socket);
        if (owned.isDisposed) return;
        if (open.size === 0 && waiting.length === 0) reject(error);
        else {
          nextAnyway.dispose();
          startNext();
        }
      });
      socket.once("connect", () => {
        open.delete(socket);
        resolve(socket);
      });
    };
    startNext();
  });
}

/** Opens a TCP byte stream; no Nagle delay, dead peers are noticed. */
export async function openTcp(
  target: { readonly host: string; readonly port: number },
  options: { signal: AbortSignal },
): Promise<Duplex> {
  const { host, port } = target;
  const address = addressText(host, port);
  const limits: WaitLimits = {
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(TCP_CONNECT_TIMEOUT_MS)]),
    limitMs: TCP_CONNECT_TIMEOUT_MS,
    limitError: () => connectTimeout(address, TCP_CONNECT_TIMEOUT_MS),
  };
  try {
    const addresses = await resolveName(host, limits);
    const socket = await connectFirst(addresses, port, limits);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    return socket;
  } catch (error) {
    throw error instanceof AppError ? error : tcpConnectError(error, address, TCP_CONNECT_TIMEOUT_MS);
  }
}
