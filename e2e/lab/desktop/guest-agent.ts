import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { after, delay } from "../../../src/shared/lifecycle/timer.ts";
import { until } from "../child-process.ts";

const ANSWER_TIMEOUT_MS = 20_000;
/** An agent that is not there yet answers nothing, so it is asked again. */
const PING_TIMEOUT_MS = 1_000;
const LOOK_MS = 50;

interface CommandStatus {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

/** Runs commands in a guest through QEMU's guest agent (qemu-ga, guest-exec): a way that is none of the product's. */
export class GuestAgent {
  readonly #socket: Socket;
  readonly #waitingById = new Map<number, (reply: { return?: unknown; error?: { desc: string } }) => void>();
  #lastId = 0;

  static async open(path: string): Promise<GuestAgent> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new GuestAgent(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    createInterface({ input: socket }).on("line", (line) => {
      const reply = JSON.parse(line) as { id?: number; return?: unknown; error?: { desc: string } };
      if (reply.id === undefined) return;
      this.#waitingById.get(reply.id)?.(reply);
      this.#waitingById.delete(reply.id);
    });
  }

  async untilReady(timeoutMs: number): Promise<void> {
    await until(
      "the guest's agent answers",
      async () => {
        try {
          await this.#ask("guest-ping", {}, PING_TIMEOUT_MS);
          return true;
        } catch {
          return false;
        }
      },
      timeoutMs,
    );
  }

  async ping(): Promise<void> {
    await this.untilReady(ANSWER_TIMEOUT_MS);
  }

  /** Runs a shell command as the desktop's user and waits for its end; throws when it fails. Returns what it printed. */
  async run(command: string, options: { input?: string | Buffer; timeoutMs?: number } = {}): Promise<string> {
    const { timeoutMs = ANSWER_TIMEOUT_MS, input } = options;
    const pid = await this.#exec(command, input);
    const endMs = Date.now() + timeoutMs;
    for (;;) {
      const status = (await this.#ask("guest-exec-status", { pid }, ANSWER_TIMEOUT_MS)) as CommandStatus;
      if (status.exited) {
        const printed = Buffer.from(status["out-data"] ?? "", "base64").toString();
        if (status.exitcode === 0) return printed;
        const complaint = Buffer.from(status["err-data"] ?? "", "base64").toString();
        throw new Error(
          `in the guest, “${command}” ended with ${status.exitcode ?? "a signal"}: ${printed}${complaint}`,
        );
      }
      if (Date.now() > endMs) throw new Error(`in the guest, “${command}” did not end in ${timeoutMs} ms`);
      await delay(LOOK_MS);
    }
  }

  /** Starts a program of the desktop that goes on; `stop` ends it. */
  async start(command: string): Promise<{ stop(): Promise<void> }> {
    const pid = (await this.run(`setsid sh -c ${quoted(`exec ${command}`)} >/dev/null 2>&1 & echo $!`)).trim();
    return {
      stop: async () => {
        await this.run(`kill ${pid} 2>/dev/null; while kill -0 ${pid} 2>/dev/null; do sleep 0.05; done; true`);
      },
    };
  }

  close(): void {
    this.#socket.destroy();
  }

  async #exec(command: string, input: string | Buffer | undefined): Promise<number> {
    const reply = (await this.#ask(
      "guest-exec",
      {
        path: "/bin/sh",
        arg: ["-c", command],
        env: [
          "DISPLAY=:0",
          "HOME=/root",
          "LANG=C.UTF-8",
          "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
          "XDG_RUNTIME_DIR=/run/user/0",
        ],
        "capture-output": true,
        ...(input === undefined ? {} : { "input-data": Buffer.from(input).toString("base64") }),
      },
      ANSWER_TIMEOUT_MS,
    )) as { pid: number };
    return reply.pid;
  }

  async #ask(command: string, args: object, timeoutMs: number): Promise<unknown> {
    const id = ++this.#lastId;
    const answered = new Promise<{ return?: unknown; error?: { desc: string } }>((resolve) => {
      this.#waitingById.set(id, resolve);
    });
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    const impatience = after(timeoutMs, () => {
      this.#waitingById.get(id)?.({ error: { desc: `the guest's agent did not answer in ${timeoutMs} ms` } });
      this.#waitingById.delete(id);
    });
    const reply = await answered;
    impatience.dispose();
    if (reply.error !== undefined) throw new Error(`${command}: ${reply.error.desc}`);
    return reply.return;
  }
}

/** One word for a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
