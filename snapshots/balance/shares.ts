import type { Row } from "./flow.ts";
import type { Zone } from "./zone.ts";

/** What the shares of one row sum to. */
export const WHOLE = 10_000;

/** One zone's integer part in a row of the flow. */
export interface Share {
  readonly zone: Zone;
  readonly share: number;
}

/** Rounded, so that equal parts that differ in their last bit are still a tie. */
const exact = (value: number): number => Math.round(value * 1e6) / 1e6;

interface Rounded {
  readonly zone: Zone;
  readonly quota: number;
  share: number;
}

/** Those that are owed most first; of equal ones the first zone. */
const byLack = (rounded: readonly Rounded[]): readonly Rounded[] =>
  rounded.toSorted((a, b) => b.quota - b.share - (a.quota - a.share));

/** Takes one from whoever has most above its quota and is left with at least 1. */
function takeOne(rounded: readonly Rounded[]): void {
  const richest = byLack(rounded.filter(({ share }) => share > 1)).at(-1);
  if (richest !== undefined) richest.share -= 1;
}

/**
 * A row as integers that sum to exactly 10,000, each at least 1: rounded down, then one more for the largest remainders.
 * What zones below 1 are given is taken from those that lose least by it.
 */
export function sharesOf(row: Row): readonly Share[] {
  const rounded = row.map(({ zone, part }): Rounded => {
    const quota = exact(part * WHOLE);
    return { zone, quota, share: Math.max(1, Math.floor(quota)) };
  });
  const missing = WHOLE - rounded.reduce((sum, { share }) => sum + share, 0);
  for (const one of byLack(rounded).slice(0, Math.max(0, missing))) one.share += 1;
  for (let excess = -missing; excess > 0; excess -= 1) takeOne(rounded);
  return rounded.map(({ zone, share }) => ({ zone, share }));
}
