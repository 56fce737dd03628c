import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../shared/errors/app-error.ts";
import { toDisposable, type Disposable } from "../../shared/lifecycle/disposable.ts";

const LOCK_FILE = "switchyard.pid";

/** Who holds a folder. Process ids are used again, so on Linux the time of the process's start tells it from a later one. */
const Holder = z.object({ pid: z.number().int().positive(), startedAt: z.string().optional() });
type Holder = z.infer<typeof Holder>;

/** Locks of this very process, which may not take one twice. */
const heldHere = new Set<string>();

/**
 * Takes the configuration folder for this process until disposed, so that two programs do not overwrite each other's settings
 * and layout. The lock of a process that is gone is taken over. Throws SETTINGS_IN_USE. A folder that cannot be written is not
 * locked: nothing can be overwritten in it.
 */
export function lockFolder(folder: string): Disposable {
  const path = join(folder, LOCK_FILE);
  const mine = `${path}.${randomUUID()}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const holder: Holder = { pid: process.pid, startedAt: startOf(process.pid) };
    writeFileSync(mine, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  } catch {
    return toDisposable(() => undefined);
  }
  try {
    if (!takeOver(mine, path)) {
      setStaleAside(path, `${mine}.stale`);
      if (!takeOver(mine, path)) throw inUse(folder, holderOf(path));
    }
  } finally {
    rmSync(mine, { force: true });
  }
  heldHere.add(path);
  return toDisposable(() => {
    heldHere.delete(path);
    rmSync(path, { force: true });
  });

  function setStaleAside(from: string, aside: string): void {
    const holder = holderOf(from);
    if (holder !== undefined && isAlive(holder, from)) throw inUse(folder, holder);
    try {
      renameSync(from, aside);
    } catch {
      // Another start was quicker, or the holder has just let go; the next take-over tells.
      return;
    }
    const moved = holderOf(aside);
    // Between reading and moving, another start may have put its own lock there: give it back.
    if (moved !== undefined && isAlive(moved, from)) takeOver(aside, from);
    rmSync(aside, { force: true });
  }
}

/** A link is made whole or not at all, and never over another. */
function takeOver(mine: string, path: string): boolean {
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    // A file system without hard links: nothing better than an exclusive write.
    try {
      writeFileSync(path, readFileSync(mine), { flag: "wx", mode: 0o600 });
      return true;
    } catch {
      return false;
    }
  }
}

function holderOf(path: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startedAt }: Holder, path: string): boolean {
  if (pid === process.pid) return heldHere.has(path);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and is another user's.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const startedNow = startOf(pid);
  return startedAt === undefined || startedNow === undefined || startedAt === startedNow;
}

/** Boot and clock ticks of the process's start (proc(5), field 22 of /proc/PID/stat); undefined where there is no such file. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in the second field may hold spaces and brackets.
    const [ticks] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(19);
    return ticks === undefined ? undefined : `${boot} ${ticks}`;
  } catch {
    return undefined;
  }
}

function inUse(folder: string, holder: Holder | undefined): AppError {
  return new AppError("SETTINGS_IN_USE", "another process holds the settings", {
    path: folder,
    pid: holder?.pid ?? "?",
    file: join(folder, LOCK_FILE),
  });
}
