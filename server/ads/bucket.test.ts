import { expect, test } from "vitest";
import { type Bucket, takeOne } from "./bucket.ts";

const RATE = { perSecond: 10, burst: 3 };

test("E5: a burst may be taken at once, and then so many per second", () => {
  let bucket: Bucket = 0;
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
  const now = 3_600_000;
  let bucket: Bucket | undefined = 0;
  let taken = 0;
  for (; bucket !== undefined; taken += 1) bucket = takeOne(bucket, RATE, now);
  expect(taken - 1).toBe(3);
});
