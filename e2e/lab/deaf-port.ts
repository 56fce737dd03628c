import { connect, type Socket } from "node:net";
import { startProcess, until, untilListening } from "./child-process.ts";
import { freePort } from "./free-port.ts";

/** A port of the loopback where a connection is neither accepted nor refused, as at a host that is off. */
export interface DeafPort {
  readonly port: number;
  stop(): Promise<void>;
}

/** Longer than a handshake on the loopback takes: a connection that is not there by then will not come. */
const ANSWER_MS = 300;
/** Linux lets in one more than the backlog says, and is not exact about it. */
const MAX_FILLERS = 16;

/** A process listens with the smallest backlog and is stopped; when the backlog is full, Linux drops what else comes. */
export async function startDeafPort(): Promise<DeafPort> {
  const port = await freePort();
  const script = `require("node:net").createServer().listen({ port: ${port}, host: "127.0.0.1", backlog: 1 })`;
  const listener = startProcess(process.execPath, ["-e", script]);
  await untilListening(port, listener);
  process.kill(listener.pid, "SIGSTOP");
  const fillers: Socket[] = [];
  await until("the backlog is full", async () => {
    if (fillers.length > MAX_FILLERS) throw new Error("the backlog never fills");
    return !(await isAnswered(port, fillers));
  });
  return {
    port,
    async stop() {
      for (const filler of fillers) filler.destroy();
      await listener.stop("SIGKILL");
    },
  };
}

async function isAnswered(port: number, fillers: Socket[]): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  fillers.push(socket);
  return await new Promise((resolve) => {
    socket.on("error", () => undefined);
    socket.setTimeout(ANSWER_MS, () => {
      resolve(false);
    });
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(true);
    });
  });
}
