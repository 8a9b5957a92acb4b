import fc from "fast-check";
import { expect, test } from "vitest";
import { gridMs, isWarm, nextRise, rampedWeights, slotOf, startOf, tenthsAt } from "./ramp.ts";

const RUNS = { numRuns: 10_000 };
const warmUps = fc.integer({ min: 1000, max: 3_600_000 });
const times = fc.double({ min: 0, max: 1e9, noNaN: true });

test("a ramp has ten steps, a tenth more each, and lasts for the warm-up and less than a ninth of it more", () => {
  fc.assert(
    fc.property(warmUps, times, (warmUpMs, since) => {
      const grid = gridMs(warmUpMs);
      const start = startOf(since, grid);
      const rises = Array.from({ length: 9 }, (_, i) => nextRise(start, i + 1, grid));
      expect(tenthsAt(start, since, grid)).toBe(1);
      expect(rises.map((at) => tenthsAt(start, at, grid))).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(rises.map((at) => tenthsAt(start, at - 0.5, grid))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const end = rises.at(-1) ?? 0;
      expect(end - since).toBeGreaterThanOrEqual(warmUpMs);
      expect(end - since).toBeLessThan(warmUpMs + grid + 9);
    }),
    RUNS,
  );
});

test("no two starts that warm up at one time share a slot", () => {
  fc.assert(
    fc.property(warmUps, fc.uniqueArray(fc.nat(5_000_000), { maxLength: 30 }), (warmUpMs, ages) => {
      const [grid, now] = [gridMs(warmUpMs), 1e8];
      const starts = new Set(ages.map((age) => startOf(now - age, grid)));
      const warming = [...starts].filter((start) => !isWarm(tenthsAt(start, now, grid)));
      expect(new Set(warming.map(slotOf)).size).toBe(warming.length);
    }),
    RUNS,
  );
});

const groups = fc.array(
  fc.record({ count: fc.integer({ min: 1, max: 2000 }), tenths: fc.integer({ min: 1, max: 9 }) }),
  {
    minLength: 1,
    maxLength: 10,
  },
);

test("what is ramped is divided: at least 1 for everybody, and for one that warms up no more than its tenths", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2e6 }), fc.nat(20_000), groups, (weight, warm, members) => {
      const weights = rampedWeights(weight, warm, members) ?? [];
      const rest = weights.reduce((left, one) => left - one, weight);
      expect(rest).toBeGreaterThanOrEqual(1);
      for (const [i, one] of weights.entries()) {
        const { count, tenths } = members[i] ?? { count: 0, tenths: 0 };
        expect(one).toBeGreaterThanOrEqual(1);
        expect(one / count).toBeLessThanOrEqual(((rest / warm) * tenths) / 10 + 1e-9);
      }
    }),
    RUNS,
  );
});

test("where most are new nothing is ramped, nor where there is too little to divide", () => {
  expect(rampedWeights(1000, 4, [{ count: 5, tenths: 1 }])).toBeUndefined();
  expect(rampedWeights(1000, 5, [{ count: 5, tenths: 1 }])).toEqual([90]);
  expect(rampedWeights(10, 5, [{ count: 1, tenths: 1 }])).toBeUndefined();
});
