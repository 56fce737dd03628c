import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { type Finding, formatNumber } from "./findings.ts";
import { type Sample } from "./statistics.ts";

const RESULTS_FOLDER = "bench/results";
const SUMMARY_FILE = "bench/RESULTS.md";

const HEADINGS = ["measure", "ours", "peer", "ratio", "goal", "met"];

/** Prints the table and writes the JSON; a whole run also writes the summary that is kept with the code. */
export function writeResults(findings: readonly Finding[], options: { isWhole: boolean }): void {
  const machine = describeMachine();
  const rows = findings.map(cellsOf);
  console.log(`\n${alignedTable([HEADINGS, ...rows])}\n`);
  mkdirSync(RESULTS_FOLDER, { recursive: true });
  writeFileSync(`${RESULTS_FOLDER}/latest.json`, `${JSON.stringify({ machine, findings }, undefined, 2)}\n`);
  if (options.isWhole) writeFileSync(SUMMARY_FILE, summary(machine, rows));
}

function cellsOf(finding: Finding): string[] {
  if (finding.kind === "not run") return [finding.id, `not run: ${finding.why}`, "", "", "", "no"];
  const { what, unit, ours, peer, ratio, goal } = finding;
  return [
    what,
    `${formatSample(ours)} ${unit}`,
    peer === undefined ? "" : `${peer.name}: ${formatSample(peer.value)} ${unit}`,
    ratio === undefined ? "" : formatNumber(ratio),
    goal?.text ?? "",
    goal === undefined ? "" : goal.isMet ? "yes" : "no",
  ];
}

function formatSample({ median, spread, runs }: Sample): string {
  return runs === 1 ? formatNumber(median) : `${formatNumber(median)} ±${formatNumber(spread)}`;
}

function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

interface Machine {
  readonly date: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly loadAtTheEnd: number;
  readonly commit: string;
  readonly versions: readonly string[];
}

function describeMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAtTheEnd: Number((loadavg()[0] ?? 0).toFixed(1)),
    commit: firstLine("git", ["rev-parse", "--short", "HEAD"]),
    versions: [
      `Node ${process.version}`,
      firstLine("chromium", ["--version"]),
      firstLine("qemu-system-x86_64", ["--version"]),
      firstLine("vncviewer", ["--version"], "stderr"),
      firstLine("remote-viewer", ["--version"]),
    ].filter((version) => version !== ""),
  };
}

function firstLine(command: string, args: string[], output: "stdout" | "stderr" = "stdout"): string {
  const result = spawnSync(command, args, { encoding: "utf8" });
  // The output is null where the command is not there.
  const text = (result[output] as string | null) ?? "";
  return text.trim().split("\n")[0]?.trim() ?? "";
}

function summary(machine: Machine, rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return `<!-- Written by \`npm run bench\`. -->

# Speed and memory

${machine.date} UTC, commit ${machine.commit}, ${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, load ${machine.loadAtTheEnd} at the end.
${machine.versions.join("; ")}.

Each value is the median of several runs after a warm-up, ± the distance that half of the runs lie within; p95 and "oldest" are
what they say. Peers ran in the same run, in turn with ours. How each is measured stands in [README.md](README.md).

${[line(HEADINGS), line(HEADINGS.map(() => "---")), ...rows.map(line)].join("\n")}
`;
}
