import { expect, test } from "vitest";
import { holdOffDelay, type Waiting } from "./hold-off.ts";

const GATHER = { gatherMs: 20 };

test.each<[string, Waiting, number, number]>([
  ["E16: the very first change goes out at once", { since: 100, hasRemoval: false }, 100, 0],
  ["E16: a change after a quiet time goes out at once", { since: 100, hasRemoval: false, publishedAt: 80 }, 100, 0],
  ["E16: a change right after a publish is gathered", { since: 100, hasRemoval: false, publishedAt: 100 }, 100, 20],
  ["E16: gathering ends 20 ms after its first change", { since: 100, hasRemoval: false, publishedAt: 99 }, 115, 5],
  ["E16: what has waited for long enough waits no more", { since: 100, hasRemoval: false, publishedAt: 110 }, 125, 0],
  ["E16: a removal never waits", { since: 100, hasRemoval: true, publishedAt: 100 }, 100, 0],
])("%s", (_, waiting, now, delay) => {
  expect(holdOffDelay(GATHER, waiting, now)).toBe(delay);
});

test("E16: nothing is gathered when gathering is set to nothing", () => {
  expect(holdOffDelay({ gatherMs: 0 }, { since: 5, hasRemoval: false, publishedAt: 5 }, 5)).toBe(0);
});
