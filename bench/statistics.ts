/** What several runs of one measure say together. */
export interface Sample {
  readonly median: number;
  /** Half of the runs lie within this of the median. */
  readonly spread: number;
  readonly runs: number;
}

export function sampleOf(values: readonly number[]): Sample {
  const median = percentile(values, 50);
  const distances = values.map((value) => Math.abs(value - median));
  return { median, spread: percentile(distances, 50), runs: values.length };
}

/** The smallest value that at least `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.ceil((percent / 100) * sorted.length);
  const value = sorted[Math.max(0, rank - 1)];
  if (value === undefined) throw new Error("there are no values");
  return value;
}
