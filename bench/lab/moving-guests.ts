import { startProcess, until } from "../../e2e/lab/child-process.ts";

/** Guests that move all the time, each with a VNC server of its own on the loopback. */
export interface MovingGuests {
  readonly names: readonly string[];
  /** For the program's settings: each guest as an entry of the address book. */
  readonly addressBook: readonly { id: string; name: string; uri: string }[];
  stop(): Promise<void>;
}

export async function startMovingGuests(count: number): Promise<MovingGuests> {
  const server = startProcess(process.execPath, ["bench/lab/moving-guests-server.ts", String(count)]);
  const ports = await until("the moving guests listen", () => {
    if (server.hasEnded()) throw new Error(`the moving guests ended: ${server.output()}`);
    const line = /\[[\d,]+\]/.exec(server.output())?.[0];
    return line === undefined ? undefined : (JSON.parse(line) as number[]);
  });
  const addressBook = ports.map((port, index) => ({
    id: `moving-${index}`,
    name: `moving-${index}`,
    uri: `vnc://127.0.0.1:${port}`,
  }));
  return { names: addressBook.map(({ name }) => name), addressBook, stop: () => server.stop() };
}
