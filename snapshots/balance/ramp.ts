/** How an endpoint that is new comes to its full share: by tenths, from one to ten. */

const TENTHS = 10;

/**
 * Milliseconds between the moments at which a share may rise. They are the same for all that warm up for as long, whenever
 * they came, so that no number of new endpoints makes more of them.
 */
export const gridMs = (warmUpMs: number): number => Math.ceil(warmUpMs / (TENTHS - 1));

/** The moment, counted in those of the grid, from which an endpoint first seen at `since` rises: never before it came. */
export const startOf = (since: number, grid: number): number => Math.ceil(since / grid);

/** What it has of its full share, from 1 to 10. Before its start it has the first tenth; it has all when it warmed up. */
export const tenthsAt = (start: number, now: number, grid: number): number =>
  Math.min(TENTHS, Math.max(0, Math.floor(now / grid) - start) + 1);

/** When one that has so many tenths gets the next. */
export const nextRise = (start: number, tenths: number, grid: number): number => (start + tenths) * grid;

export const isWarm = (tenths: number): boolean => tenths >= TENTHS;

/** Tells the starts of all that warm up at one time apart: they are ten in a row at most. */
export const slotOf = (start: number): number => start % TENTHS;

/** A part of a zone's endpoints: how many can serve, and what each has of its full share. */
export interface Group {
  readonly count: number;
  readonly tenths: number;
}

/**
 * What groups of warming endpoints are given of `weight`, beside `warm` endpoints that share the rest alike. Undefined where
 * there is nothing to ramp: most of all are new, or the weight is too small to be divided.
 */
export function rampedWeights(weight: number, warm: number, groups: readonly Group[]): readonly number[] | undefined {
  const warming = groups.reduce((sum, { count }) => sum + count, 0);
  if (isMost(warming, warm + warming)) return undefined;
  const whole = groups.reduce((sum, { count, tenths }) => sum + count * tenths, warm * TENTHS);
  const weights = groups.map(({ count, tenths }) => Math.floor((weight * count * tenths) / whole));
  return weights.every((one) => one >= 1) ? weights : undefined;
}

/** Whether so many of all are so many that nobody is left to be compared with. */
export const isMost = (some: number, all: number): boolean => some * 2 > all;
