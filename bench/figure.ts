/** One number, what it is of, and the most that it should be. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly aim?: number;
}

/**
 * `x` is a ratio, `points` are percentage points. A `count` is of what went wrong, so the aim of 0 holds at any size of a run.
 */
export type Unit = "us" | "ms" | "s" | "KiB" | "x" | "points" | "count";

export type Verdict = "pass" | "miss" | "";

export const verdict = ({ value, aim }: Figure): Verdict => (aim === undefined ? "" : value <= aim ? "pass" : "miss");

/** At tiny sizes a figure says nothing about its aim, unless it counts what must not happen. */
export const judgedWhenTiny = ({ aim, ...figure }: Figure): Figure =>
  aim === undefined || figure.unit !== "count" ? figure : { ...figure, aim };

/** Something does not work, as opposed to: is slow. */
export const isBroken = (figure: Figure): boolean => figure.unit === "count" && verdict(figure) === "miss";

/** @param part between 0 and 1 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}
