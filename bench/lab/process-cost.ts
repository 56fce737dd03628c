import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in these (sysconf(_SC_CLK_TCK), 100 on every architecture that Chromium runs on). */
const TICKS_PER_SECOND = 100;

/** What a group of processes uses. */
export interface ProcessCost {
  /** Proportional set sizes: memory that processes share counts once. */
  readonly memoryBytes: number;
  /** User and system time since they began. */
  readonly processorSeconds: number;
}

/** Of these processes and all that they started. */
export function costOfTrees(rootPids: readonly number[]): ProcessCost {
  let memoryBytes = 0;
  let processorSeconds = 0;
  for (const pid of pidsOfTrees(rootPids)) {
    memoryBytes += readProportionalSetBytes(pid);
    const fields = readStat(pid);
    // proc(5): fields 14 and 15; the list begins at field 3.
    processorSeconds += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
  }
  return { memoryBytes, processorSeconds };
}

function pidsOfTrees(rootPids: readonly number[]): number[] {
  const parentByPid = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) parentByPid.set(Number(name), Number(readStat(Number(name))[1] ?? 0));
  }
  const isInside = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (rootPids.includes(pid) || isInside(parentByPid.get(pid)));
  return [...parentByPid.keys()].filter((pid) => isInside(pid));
}

/** The fields of /proc/PID/stat from the third on: the name before may hold anything. Empty when the process has ended. */
function readStat(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function readProportionalSetBytes(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
