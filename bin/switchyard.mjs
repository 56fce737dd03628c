#!/usr/bin/env node
// Builds what is stale, then runs the program. Plain JavaScript, so that any Node from 20 on can start it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnSync } from "node:child_process";

const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(projectFolder, "dist", "built-from");

/** Changes when any source file is added, removed or saved. */
function sourceState() {
  const hash = createHash("sha256");
  const visit = (path) => {
    const { size, mtimeMs } = statSync(join(projectFolder, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  const entries = readdirSync(join(projectFolder, "src"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.includes(".test."));
  for (const file of files) visit(join(file.parentPath ?? file.path, file.name).slice(projectFolder.length + 1));
  for (const file of ["package.json", "vite.main.config.ts", "vite.renderer.config.ts", "vite.preload.config.ts"])
    visit(file);
  return hash.digest("hex");
}

function buildIfStale() {
  // An installed program has no sources.
  if (!existsSync(join(projectFolder, "src"))) return;
  const state = sourceState();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === state) return;
  process.stderr.write("Switchyard builds itself, once …\n");
  const build = join(projectFolder, "scripts", "build.mjs");
  const { status } = spawnSync(process.execPath, [build], { cwd: projectFolder, stdio: ["ignore", 2, 2] });
  if (status !== 0) {
    process.stderr.write("Switchyard could not be built; the lines above say why.\n");
    process.exit(1);
  }
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, state);
}

buildIfStale();
const { main } = await import("../dist/main/web.js");
process.exitCode = await main(process.argv.slice(2), projectFolder);
// What still runs (a socket that lingers) does not keep a finished program alive.
process.exit();
