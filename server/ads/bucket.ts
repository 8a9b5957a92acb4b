import type { Rate } from "./options.ts";

/**
 * A bucket of tokens as one number: the moment at which it is full again. It never was fuller than full, so that moment
 * may lie in the past. Milliseconds that only grow.
 */
export type Bucket = number;

/** The bucket after one more was taken, or undefined where the rate does not allow it. */
export function takeOne(fullAt: Bucket, { perSecond, burst }: Rate, now: number): Bucket | undefined {
  const refillMs = 1000 / perSecond;
  const next = Math.max(fullAt, now) + refillMs;
  return next - now > burst * refillMs ? undefined : next;
}
