/**
 * Speed and memory, measured beside others in the same run. `npm run bench` runs all parts; `npm run bench -- switch open` only
 * these. `--set-baseline` takes this run's ratios as the ones that later runs are compared with.
 */
import { spawnSync } from "node:child_process";
import { BENCH_PACKAGES, ensurePackages, LAB_PACKAGES } from "../scripts/lab-packages.ts";
import { Findings } from "./findings.ts";
import { measureCanvas } from "./measures/canvas.ts";
import { measureCodecs } from "./measures/codecs.ts";
import { measureDiscovery } from "./measures/discovery.ts";
import { measureHidden } from "./measures/hidden.ts";
import { measureOpen } from "./measures/open.ts";
import { measurePath } from "./measures/path.ts";
import { measureSpice } from "./measures/spice.ts";
import { measureSpiceHidden } from "./measures/spice-hidden.ts";
import { measureStart } from "./measures/start.ts";
import { measureSwitch } from "./measures/switch.ts";
import { regressions, setBaseline } from "./baseline.ts";
import { writeResults } from "./report.ts";

const PARTS: Readonly<Record<string, (findings: Findings) => Promise<void>>> = {
  switch: measureSwitch,
  open: measureOpen,
  path: measurePath,
  hidden: measureHidden,
  discovery: measureDiscovery,
  start: measureStart,
  codecs: measureCodecs,
  canvas: measureCanvas,
  spice: measureSpice,
  "spice-hidden": measureSpiceHidden,
};

const words = process.argv.slice(2);
const mustSetBaseline = words.includes("--set-baseline");
const asked = words.filter((word) => word !== "--set-baseline");
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`no part of the bench is called ${unknown.join(", ")}; there are: ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}

ensurePackages([...LAB_PACKAGES, ...BENCH_PACKAGES]);
// The program builds what is stale; a stale build must not count as its start.
const build = spawnSync(process.execPath, ["bin/switchyard.mjs", "--version"], {
  stdio: ["ignore", "ignore", "inherit"],
});
if (build.status !== 0) process.exit(1);

const findings = new Findings();
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`${name} …`);
  await findings.attempt(name, async () => {
    await measure(findings);
  });
}

writeResults(findings.all, { isWhole: asked.length === 0 });
if (mustSetBaseline) setBaseline(findings.all);
const worse = regressions(findings.all);
for (const line of worse) console.log(`worse than the baseline: ${line}`);
process.exit(worse.length > 0 ? 1 : 0);
