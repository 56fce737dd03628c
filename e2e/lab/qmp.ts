import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** A plain QMP client for the tests' ground truth; on purpose not the product's. */
export class Qmp {
  readonly #socket: Socket;
  readonly #waiting: ((reply: { return?: unknown; error?: { desc: string } }) => void)[] = [];

  static async open(path: string): Promise<Qmp> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    const qmp = new Qmp(socket);
    await qmp.execute("qmp_capabilities");
    return qmp;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    createInterface({ input: socket }).on("line", (line) => {
      const message = JSON.parse(line) as Record<string, unknown>;
      if ("return" in message || "error" in message) this.#waiting.shift()?.(message);
    });
  }

  async execute(command: string, args: object = {}): Promise<unknown> {
    const reply = await new Promise<{ return?: unknown; error?: { desc: string } }>((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
    if (reply.error !== undefined) throw new Error(`${command}: ${reply.error.desc}`);
    return reply.return;
  }

  close(): void {
    this.#socket.destroy();
  }
}
