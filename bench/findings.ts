import { type Sample } from "./statistics.ts";

/** One line of the results. */
export type Finding = Measured | NotRun;

export interface Measured {
  readonly kind: "measured";
  /** "part/name"; the key of baseline.json. */
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly ours: Sample;
  readonly peer?: { readonly name: string; readonly value: Sample };
  /** Ours to the peer's. */
  readonly ratio?: number;
  readonly goal?: { readonly text: string; readonly isMet: boolean };
  /**
   * What is compared with the baseline: a number that does not depend on how fast the machine is (a ratio within the run, bytes,
   * display frames). Absent where there is none.
   */
  readonly compared?: { readonly value: number; readonly better: "lower" | "higher" };
}

/** A measure that could not run; that is not a pass. */
export interface NotRun {
  readonly kind: "not run";
  readonly id: string;
  readonly why: string;
}

export interface MeasureOptions {
  readonly what: string;
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: Sample };
  readonly goal?: Goal;
  readonly compare?: "ratio" | "value";
  readonly better?: "lower" | "higher";
}

/** One of value and ratio; the limit itself counts as met. */
export interface Goal {
  readonly text: string;
  readonly maxValue?: number;
  readonly maxRatio?: number;
  /** Where more is better. */
  readonly minRatio?: number;
}

/** Collects what the parts of the bench find. */
export class Findings {
  readonly #all: Finding[] = [];

  get all(): readonly Finding[] {
    return this.#all;
  }

  measured(id: string, ours: Sample, options: MeasureOptions): void {
    const { what, unit, peer, goal, compare, better = "lower" } = options;
    // Nothing beside nothing (no frame dropped in either) has no ratio.
    const ratio = peer === undefined || peer.value.median === 0 ? undefined : ours.median / peer.value.median;
    const compared = compare === "value" ? ours.median : compare === "ratio" ? ratio : undefined;
    const finding: Measured = {
      kind: "measured",
      id,
      what,
      unit,
      ours,
      ...(peer === undefined ? {} : { peer }),
      ...(ratio === undefined ? {} : { ratio }),
      ...(goal === undefined ? {} : { goal: { text: goal.text, isMet: isMet(goal, ours.median, ratio) } }),
      ...(compared === undefined ? {} : { compared: { value: compared, better } }),
    };
    this.#all.push(finding);
    console.log(`  ${what}: ${formatNumber(ours.median)} ${unit}`);
  }

  notRun(id: string, why: string): void {
    this.#all.push({ kind: "not run", id, why });
    console.log(`  ${id}: not run, ${why}`);
  }

  /** Runs one measure; one that fails is "not run" and does not take the others with it. */
  async attempt(id: string, measure: () => Promise<void>): Promise<void> {
    try {
      await measure();
    } catch (error) {
      this.notRun(id, error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
      if (process.env.BENCH_TRACE !== undefined) console.error(error);
    }
  }
}

function isMet(goal: Goal, value: number, ratio: number | undefined): boolean {
  if (goal.maxRatio !== undefined) return ratio !== undefined && ratio <= goal.maxRatio;
  if (goal.minRatio !== undefined) return ratio !== undefined && ratio >= goal.minRatio;
  return goal.maxValue !== undefined && value <= goal.maxValue;
}

export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
