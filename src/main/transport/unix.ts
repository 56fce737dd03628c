import { createConnection } from "node:net";
import type { Duplex } from "node:stream";
import { AppError } from "../../shared/errors/app-error.ts";
import { connectTimeout, reasonOf, systemCodeOf } from "./connect-error.ts";
import { waitWithLimit } from "./limited-wait.ts";

/** A local socket answers at once; only a full backlog makes it wait. */
const UNIX_CONNECT_TIMEOUT_MS = 5_000;

function unixConnectError(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const options = { cause: error };
  switch (systemCodeOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return new AppError("SOCKET_MISSING", "no such socket", { path }, options);
    case "EACCES":
    case "EPERM":
      return new AppError("SOCKET_DENIED", "no permission for the socket", { path }, options);
    case "ECONNREFUSED":
      return new AppError("CONNECT_REFUSED", "nothing listens at the socket", { address: path }, options);
    default:
      return new AppError("CONNECT_FAILED", "could not connect", { address: path, reason: reasonOf(error) }, options);
  }
}

/** Opens a byte stream to a Unix socket. */
export async function openUnix(path: string, options: { signal: AbortSignal }): Promise<Duplex> {
  const limits = {
    signal: options.signal,
    limitMs: UNIX_CONNECT_TIMEOUT_MS,
    limitError: () => connectTimeout(path, UNIX_CONNECT_TIMEOUT_MS),
  };
  try {
    return await waitWithLimit<Duplex>(limits, (resolve, reject, owned) => {
      const socket = createConnection({ path });
      let isConnected = false;
      owned.defer(() => {
        if (!isConnected) socket.destroy();
      });
      // Stays after the connect: a stream without an error listener would end the process. Its owner sees "close".
      socket.on("error", reject);
      socket.once("connect", () => {
        isConnected = true;
        resolve(socket);
      });
    });
  } catch (error) {
    throw unixConnectError(error, path);
  }
}
