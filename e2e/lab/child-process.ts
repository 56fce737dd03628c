import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { after, delay } from "../../src/shared/lifecycle/timer.ts";

/** How often a condition outside is looked at. */
const LOOK_INTERVAL_MS = 50;

/** A server that the suite started; stopped with everything that it started itself. */
export interface LabProcess {
  readonly pid: number;
  /** stdout and stderr so far. */
  readonly output: () => string;
  readonly hasEnded: () => boolean;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export function startProcess(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): LabProcess {
  const child: ChildProcess = spawn(command, args, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  let output = "";
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      output += `${command}: ${error.message}\n`;
      hasEnded = true;
      resolve();
    });
    child.once("exit", () => {
      hasEnded = true;
      resolve();
    });
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return {
    pid: child.pid ?? -1,
    output: () => output,
    hasEnded: () => hasEnded,
    async stop(signal = "SIGTERM") {
      if (hasEnded || child.pid === undefined) return;
      killGroup(child.pid, signal);
      const pid = child.pid;
      const impatience = after(5_000, () => {
        killGroup(pid, "SIGKILL");
      });
      await ended;
      impatience.dispose();
    },
  };
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Waits until `look` gives something; fails with `what` after `timeoutMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 20_000,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await delay(LOOK_INTERVAL_MS);
  }
}

/** Waits until a server listens on a Unix socket or a port of the loopback. */
export async function untilListening(place: string | number, server: LabProcess): Promise<void> {
  await until(`something listens at ${place}`, async () => {
    if (server.hasEnded()) throw new Error(`the server ended: ${server.output()}`);
    if (typeof place === "string" && !existsSync(place)) return false;
    return await canConnect(place);
  });
}

async function canConnect(place: string | number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = typeof place === "string" ? connect(place) : connect(place, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
