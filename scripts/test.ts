/**
 * All tests: `npm run check` (with the unit tests), then the end-to-end suite against real servers. Prints the totals in one
 * plain closing line. `node scripts/test.ts e2e [playwright arguments]` runs the end-to-end suite alone.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePackages, LAB_PACKAGES } from "./lab-packages.ts";

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const reports = mkdtempSync(join(tmpdir(), "switchyard-test-"));
const [only, ...playwrightArguments] = process.argv.slice(2);
if (only !== undefined && only !== "e2e") throw new Error(`no part of the tests is called ${only}; there is: e2e`);

const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
let isGreen = true;

if (only === undefined) {
  const unitReport = join(reports, "unit.json");
  isGreen = run("node", ["scripts/check.ts"], { SWITCHYARD_UNIT_REPORT: unitReport }) && isGreen;
  add(unitTotals(unitReport));
}

ensurePackages(LAB_PACKAGES);
isGreen = run("node", ["scripts/build.mjs"], {}) && isGreen;
const e2eReport = join(reports, "e2e.json");
isGreen = run("playwright", ["test", ...playwrightArguments], { PLAYWRIGHT_JSON_OUTPUT_NAME: e2eReport }) && isGreen;
add(e2eTotals(e2eReport));

console.log("project desktop (the same tests in Electron): not run, Electron's binary is not here");
if (!isGreen && totals.failed === 0) totals.failed = 1;
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(isGreen ? 0 : 1);

function run(command: string, args: string[], env: Record<string, string>): boolean {
  return spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } }).status === 0;
}

function add(part: Totals): void {
  totals.passed += part.passed;
  totals.failed += part.failed;
  totals.skipped += part.skipped;
}

function unitTotals(file: string): Totals {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
  const report = JSON.parse(readFileSync(file, "utf8")) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
  };
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests };
}

function e2eTotals(file: string): Totals {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const { stats } = JSON.parse(readFileSync(file, "utf8")) as {
    stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  };
  // Only CI tries twice (guests run under emulation on a shared machine), and says so.
  if (stats.flaky > 0)
    console.log(`${stats.flaky} end-to-end tests passed only at the second try; their names stand above as flaky`);
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped };
}
