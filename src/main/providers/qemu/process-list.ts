import { readdir, readFile, readlink } from "node:fs/promises";
import { isQemuProgram } from "./command-line.ts";

/** A running QEMU, as /proc shows it (proc(5)). */
export interface QemuProcess {
  readonly pid: number;
  /** In clock ticks since boot: with the pid it names one process for ever. */
  readonly startTicks: string;
  readonly argv: readonly string[];
  /** Undefined when another user's process hides it. */
  readonly workingFolder: string | undefined;
}

/** A process that is not QEMU is looked at again after so many lists: it may have become one (exec). */
const LISTS_UNTIL_SECOND_LOOK = 5;

/** Field 22 of /proc/PID/stat; the second field is a name that may hold spaces and brackets. */
function startTicksOf(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

async function readProcess(folder: string, pid: number): Promise<QemuProcess | undefined> {
  try {
    const argv = (await readFile(`${folder}/cmdline`, "utf8")).split("\0");
    if (argv.at(-1) === "") argv.pop();
    if (!isQemuProgram(argv[0] ?? "")) return undefined;
    const startTicks = startTicksOf(await readFile(`${folder}/stat`, "utf8"));
    if (startTicks === undefined) return undefined;
    const workingFolder = await readlink(`${folder}/cwd`).catch(() => undefined);
    return { pid, startTicks, argv, workingFolder };
  } catch {
    // It ended while it was looked at, or it is hidden from us: either way it is not ours to show.
    return undefined;
  }
}

/** Lists QEMU processes again and again, cheaply: what was no QEMU just now is not read each time. */
export class ProcessList {
  readonly #procFolder: string;
  #othersPids = new Set<number>();
  #listsUntilSecondLook = LISTS_UNTIL_SECOND_LOOK;

  constructor(options: { procFolder?: string } = {}) {
    this.#procFolder = options.procFolder ?? "/proc";
  }

  async list(): Promise<QemuProcess[]> {
    const pids = (await readdir(this.#procFolder)).filter((name) => /^\d+$/.test(name)).map(Number);
    this.#listsUntilSecondLook -= 1;
    if (this.#listsUntilSecondLook <= 0) {
      this.#othersPids.clear();
      this.#listsUntilSecondLook = LISTS_UNTIL_SECOND_LOOK;
    }
    const found = await Promise.all(
      pids.map(async (pid) => {
        if (this.#othersPids.has(pid)) return undefined;
        return { pid, process: await readProcess(`${this.#procFolder}/${pid}`, pid) };
      }),
    );
    const processes: QemuProcess[] = [];
    for (const entry of found) {
      if (entry?.process !== undefined) processes.push(entry.process);
      else if (entry !== undefined) this.#othersPids.add(entry.pid);
    }
    return processes.sort((a, b) => a.pid - b.pid);
  }
}
