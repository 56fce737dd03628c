import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Fetching Electron's binary (about 110 MB) may take this long. */
const FETCH_TIMEOUT_MS = 180_000;

/** After a failed fetch the next one is tried at the earliest after this. */
const FETCH_AGAIN_AFTER_MS = 24 * 60 * 60 * 1000;

export interface ElectronSearch {
  /** Folder of the npm package `electron`. */
  readonly packageFolder: string;
  /** Remembers a failed fetch by its time. */
  readonly failureFile: string;
  /** Told before a fetch starts, since it may take a while. */
  readonly announce: (line: string) => void;
}

/** Electron's binary where it is there or can be fetched; else why not. */
export function findElectron(search: ElectronSearch): { readonly binary: string } | { readonly missing: string } {
  if (!existsSync(join(search.packageFolder, "install.js"))) return { missing: "Electron is not installed" };
  const installed = installedBinary(search.packageFolder);
  if (installed !== undefined) return { binary: installed };
  const failedAtMs = statSync(search.failureFile, { throwIfNoEntry: false })?.mtimeMs;
  if (failedAtMs !== undefined && Date.now() - failedAtMs < FETCH_AGAIN_AFTER_MS) {
    return { missing: "Electron's binary is not here and could not be fetched today" };
  }
  search.announce("Switchyard fetches Electron's binary, once (about 110 MB) …");
  spawnSync(process.execPath, ["install.js"], {
    cwd: search.packageFolder,
    timeout: FETCH_TIMEOUT_MS,
    stdio: "ignore",
  });
  const fetched = installedBinary(search.packageFolder);
  if (fetched !== undefined) return { binary: fetched };
  mkdirSync(dirname(search.failureFile), { recursive: true });
  writeFileSync(search.failureFile, "");
  return { missing: "Electron's binary is not here and could not be fetched" };
}

function installedBinary(packageFolder: string): string | undefined {
  try {
    const binary = join(packageFolder, "dist", readFileSync(join(packageFolder, "path.txt"), "utf8").trim());
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}
