import type { Rate } from "./options.ts";

/** What is left to take at a moment; refills with time. */
export interface Bucket {
  readonly tokens: number;
  /** Milliseconds that only grow. */
  readonly at: number;
}

export const fullBucket = ({ burst }: Rate, now: number): Bucket => ({ tokens: burst, at: now });

/** The bucket after one more was taken, or undefined where the rate does not allow it. */
export function takeOne(bucket: Bucket, { perSecond, burst }: Rate, now: number): Bucket | undefined {
  const tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
  return tokens < 1 ? undefined : { tokens: tokens - 1, at: now };
}
