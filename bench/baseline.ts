import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { type Finding, formatNumber } from "./findings.ts";

const BASELINE_FILE = "bench/baseline.json";
const TOLERANCE_FILE = "bench/tolerance.json";

const Baseline = z.record(z.string(), z.number());
/** Factors; "default" holds where a measure has none of its own. */
const Tolerance = z.record(z.string(), z.number().min(1)).and(z.object({ default: z.number().min(1) }));

function readBaseline(): z.infer<typeof Baseline> {
  return existsSync(BASELINE_FILE) ? Baseline.parse(JSON.parse(readFileSync(BASELINE_FILE, "utf8"))) : {};
}

/** One line for each measure that is worse than the baseline by more than its tolerance. */
export function regressions(findings: readonly Finding[]): string[] {
  const baseline = readBaseline();
  const tolerances = Tolerance.parse(JSON.parse(readFileSync(TOLERANCE_FILE, "utf8")));
  return findings.flatMap((finding) => {
    if (finding.kind === "not run" || finding.compared === undefined) return [];
    const before = baseline[finding.id];
    if (before === undefined) return [];
    const { value, better } = finding.compared;
    const tolerance = tolerances[finding.id] ?? tolerances.default;
    const isWorse = better === "lower" ? value > before * tolerance : value < before / tolerance;
    if (!isWorse) return [];
    return [`${finding.id} is ${formatNumber(value)}, was ${formatNumber(before)}, tolerance x${tolerance}`];
  });
}

/** Measures that did not run keep their old value. */
export function setBaseline(findings: readonly Finding[]): void {
  const baseline = readBaseline();
  for (const finding of findings) {
    if (finding.kind === "measured" && finding.compared !== undefined) {
      baseline[finding.id] = Number(finding.compared.value.toPrecision(3));
    }
  }
  const sorted = Object.fromEntries(Object.entries(baseline).sort(([a], [b]) => a.localeCompare(b)));
  writeFileSync(BASELINE_FILE, `${JSON.stringify(sorted, undefined, 2)}\n`);
}
