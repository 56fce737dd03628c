/**
 * What must be green at every commit: types, lint, import rules with their planted faults, format, unit tests.
 * `node scripts/check.ts types lint` runs only those parts.
 */
import { spawnSync } from "node:child_process";

const TYPE_PROJECTS = ["src/shared", "src/protocols", "src/main", "src/renderer", "."];

const parts: Record<string, string[][]> = {
  types: TYPE_PROJECTS.map((project) => ["tsc", "-p", project]),
  lint: [["eslint", "--max-warnings", "0", "."]],
  imports: [
    ["depcruise", "--config", ".dependency-cruiser.cjs", "src"],
    ["node", "scripts/check-import-rules.ts"],
  ],
  format: [["prettier", "--check", "--log-level", "warn", "."]],
  unit: [["vitest", "run", ...unitReport()]],
};

/** scripts/test.ts wants the count of tests. */
function unitReport(): string[] {
  const file = process.env.SWITCHYARD_UNIT_REPORT;
  return file === undefined ? [] : ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
}

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(parts);
const failed: string[] = [];
for (const name of names) {
  const commands = parts[name];
  if (commands === undefined)
    throw new Error(`no check is called ${name}; there are: ${Object.keys(parts).join(", ")}`);
  for (const [command = "", ...args] of commands) {
    const startedMs = Date.now();
    const { status } = spawnSync(command, args, { stdio: "inherit" });
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
    console.log(`${status === 0 ? "ok    " : "FAILED"} ${name}: ${command} ${args.join(" ")} (${seconds} s)`);
    if (status !== 0) failed.push(name);
  }
}
if (failed.length > 0) {
  console.log(`check failed: ${[...new Set(failed)].join(", ")}`);
  process.exit(1);
}
