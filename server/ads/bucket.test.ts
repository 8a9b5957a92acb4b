import { expect, test } from "vitest";
import { type Bucket, fullBucket, takeOne } from "./bucket.ts";

const RATE = { perSecond: 10, burst: 3 };

test("E5: a burst may be taken at once, and then so many per second", () => {
  let bucket: Bucket = fullBucket(RATE, 0);
  const take = (now: number): boolean => {
    const taken = takeOne(bucket, RATE, now);
    bucket = taken ?? bucket;
    return taken !== undefined;
  };
  expect([take(0), take(0), take(0), take(0), take(50), take(100), take(100)]).toEqual([
    true,
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
});

test("a bucket never holds more than a burst, however long nobody takes", () => {
  const taken = takeOne(fullBucket(RATE, 0), RATE, 3_600_000);
  expect(taken?.tokens).toBe(2);
});
