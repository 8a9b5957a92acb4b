/** A share of failures in which what is old counts less and less. */
export interface ErrorRate {
  failed: number;
  total: number;
  /** When both were last brought up to date, in ms. */
  at: number;
}

/** As if so many successes had been seen, so that one failure of a quiet pod says little. */
const PRIOR = 5;
const STEEPNESS = 8;
const LEAST_WEIGHT = 0.02;

export const noErrors = (at: number): ErrorRate => ({ failed: 0, total: 0, at });

/** Halves what was counted once per half-life. */
export function fade(rate: ErrorRate, now: number, halfLifeMs: number): void {
  const kept = 0.5 ** (Math.max(0, now - rate.at) / halfLifeMs);
  rate.failed *= kept;
  rate.total *= kept;
  rate.at = now;
}

export function count(rate: ErrorRate, failed: boolean): void {
  rate.total += 1;
  if (failed) rate.failed += 1;
}

/** From 0 to less than 1. */
export const rateOf = ({ failed, total }: ErrorRate): number => failed / (total + PRIOR);

/**
 * How often to draw each pod, from 0.02 to 1, given error rates: `((1 - rate) / (1 - median))^8`. Only what is worse than the
 * median is disfavoured: at most half of the pods, and none when all fail alike.
 */
export function errorWeights(rates: readonly number[]): readonly number[] {
  const sorted = [...rates].sort((a, b) => a - b);
  const median = sorted[Math.ceil(rates.length / 2) - 1] ?? 0;
  return rates.map((rate) => (rate <= median ? 1 : Math.max(LEAST_WEIGHT, ((1 - rate) / (1 - median)) ** STEEPNESS)));
}
