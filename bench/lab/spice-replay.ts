import { startProcess, until } from "../../e2e/lab/child-process.ts";

/** A SPICE server that plays one recording to whoever connects. */
export interface SpiceReplay {
  readonly port: number;
  /** Of the page with spice-html5 in it. */
  readonly webPort: number;
  /** Lets a client connect and waits until it has consumed all: milliseconds from the display's first byte to its answer. */
  consumedBy(connect: () => Promise<void>): Promise<number>;
  stop(): Promise<void>;
}

const CONSUME_TIMEOUT_MS = 120_000;

export async function startSpiceReplay(file: string): Promise<SpiceReplay> {
  const server = startProcess(process.execPath, ["bench/lab/spice-replay-server.ts", file]);
  const ports = await until("the replay listens", () => {
    if (server.hasEnded()) throw new Error(`the replay ended: ${server.output()}`);
    const line = /\{"tcp".*\}/.exec(server.output())?.[0];
    return line === undefined ? undefined : (JSON.parse(line) as { tcp: number; web: number });
  });
  const sessions = (): number[] => [...server.output().matchAll(/\{"ms":([\d.]+)\}/g)].map((match) => Number(match[1]));
  return {
    port: ports.tcp,
    webPort: ports.web,
    async consumedBy(connect) {
      const before = sessions().length;
      await connect();
      return await until("the client has consumed the recording", () => sessions()[before], CONSUME_TIMEOUT_MS);
    },
    stop: () => server.stop(),
  };
}
