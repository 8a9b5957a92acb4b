import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byLoad } from "./by-load.ts";
import { fairDice, weightedDice } from "./dice.ts";
import { errorWeights } from "./error-bias.ts";
import { leastRequest } from "./least-request.ts";
import { lessBusy } from "./less-busy.ts";
import { createOutstanding, type Outstanding } from "./outstanding.ts";
import { choosePriority } from "./priority.ts";
import { roundRobin } from "./round-robin.ts";
import { seeded } from "./seeded.fixture.ts";
import { slowStartWeight } from "./slow-start.ts";
import type { PodView } from "./strategy.ts";
import { weightedTurns } from "./turns.ts";

const pod = (busy: number, turns = 0, load?: number): PodView => ({ busy, turns, load });
const load = fc.option(fc.double({ min: 0, max: 4, noNaN: true }), { nil: undefined });
const pods = fc.array(fc.record({ busy: fc.nat(50), turns: fc.nat(1000), load }), { minLength: 1, maxLength: 40 });

/** How often each place came. */
function counts(places: number, throws: number, next: () => number): number[] {
  const found = Array.from({ length: places }, () => 0);
  for (let i = 0; i < throws; i += 1) {
    const place = next();
    found[place] = (found[place] ?? 0) + 1;
  }
  return found;
}

test.each([
  ["p2c", leastRequest(2)],
  ["least_request(5)", leastRequest(5)],
  ["round_robin", roundRobin],
  ["orca", byLoad],
])("%s gives the place of a pod", (_, strategy) => {
  fc.assert(
    fc.property(pods, fc.integer(), (views, seed) => {
      expect(views[strategy()(views, fairDice(views.length, seeded(seed)))]).toBeDefined();
    }),
  );
});

describe("power of two choices", () => {
  test("never picks the busiest of all, if another is less busy", () => {
    fc.assert(
      fc.property(pods, fc.integer(), (views, seed) => {
        const most = Math.max(...views.map(({ busy }) => busy));
        fc.pre(views.filter(({ busy }) => busy === most).length === 1 && views.length > 1);
        expect(views[leastRequest(2)()(views, fairDice(views.length, seeded(seed)))]?.busy).toBeLessThan(most);
      }),
    );
  });

  test("of two pods alike, takes the one whose turn is nearer", () => {
    expect(lessBusy([pod(1, 5), pod(1, 4)], 0, 1)).toBe(1);
    expect(lessBusy([pod(1, 5), pod(2, 4)], 0, 1)).toBe(0);
  });

  test("by load, weighs requests in flight with what a pod reports", () => {
    expect(byLoad()([pod(1, 0, 0.9), pod(2, 0, 0.2)], fairDice(2, seeded(1)))).toBe(1);
  });
});

describe("dice", () => {
  test("two throws of fair dice in a row differ as far as they can", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 50 }), fc.integer(), (places, seed) => {
        const dice = fairDice(places, seeded(seed));
        expect(dice()).not.toBe(dice());
      }),
    );
  });

  test("weighted dice give each place in proportion to its weight", () => {
    const weights = fc.array(fc.double({ min: 0.02, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(weights, fc.integer(), (given, seed) => {
        const found = counts(given.length, 20_000, weightedDice(given, seeded(seed)));
        const sum = given.reduce((total, each) => total + each, 0);
        for (const [i, each] of given.entries())
          expect(Math.abs((found[i] ?? 0) / 20_000 - each / sum)).toBeLessThan(0.02);
      }),
      { numRuns: 30 },
    );
  });

  test("turns give each place as often as its weight says, to within the number of places", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.integer(), (given, seed) => {
        const total = given.reduce((sum, each) => sum + each, 0);
        const found = counts(given.length, total, weightedTurns(given, seeded(seed)));
        for (const [i, each] of given.entries())
          expect(Math.abs((found[i] ?? 0) - each)).toBeLessThanOrEqual(given.length);
      }),
    );
  });
});

describe("requests in flight", () => {
  const counter = () => {
    let end = (): void => undefined;
    const outstanding = createOutstanding((task) => {
      end = task;
    });
    return { outstanding, endTurn: () => end() };
  };
  const idle = (): Outstanding => ({ inFlight: 0, busy: 0 });

  test("a pick counts at once, and its start does not count again", () => {
    const { outstanding } = counter();
    const one = idle();
    outstanding.picked(one);
    outstanding.picked(one);
    outstanding.started(one);
    expect(one).toEqual({ inFlight: 1, busy: 2 });
  });

  test("a pick that never starts is forgotten with the turn", () => {
    const { outstanding, endTurn } = counter();
    const one = idle();
    outstanding.picked(one);
    endTurn();
    expect(one).toEqual({ inFlight: 0, busy: 0 });
  });

  test("after all have ended nothing is left, whatever the order", () => {
    const names = fc.constantFrom("pick" as const, "start" as const, "end" as const, "turn" as const);
    fc.assert(
      fc.property(fc.array(names, { maxLength: 100 }), (given) => {
        const { outstanding, endTurn } = counter();
        const one = idle();
        const acts = {
          pick: () => outstanding.picked(one),
          start: () => outstanding.started(one),
          end: () => one.inFlight > 0 && outstanding.ended(one),
          turn: endTurn,
        };
        for (const name of given) {
          acts[name]();
          expect(one.busy).toBeGreaterThanOrEqual(one.inFlight);
        }
        while (one.inFlight > 0) outstanding.ended(one);
        endTurn();
        expect(one).toEqual({ inFlight: 0, busy: 0 });
      }),
    );
  });
});

describe("error weights", () => {
  const rates = fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 60 });

  test("disfavour at most half of the pods, exclude none, and never favour the worse", () => {
    fc.assert(
      fc.property(rates, (given) => {
        const weights = errorWeights(given);
        expect(weights.filter((weight) => weight < 1).length).toBeLessThanOrEqual(given.length / 2);
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(0.02);
        const byRate = [...given.keys()].sort((a, b) => (given[a] ?? 0) - (given[b] ?? 0));
        const ordered = byRate.map((i) => weights[i] ?? 0);
        for (const [i, weight] of ordered.entries()) expect(weight).toBeLessThanOrEqual(ordered[i - 1] ?? 1);
      }),
    );
  });

  test("of two pods the worse is disfavoured; of pods that fail alike none is", () => {
    expect(errorWeights([0.3, 0])).toEqual([0.7 ** 8, 1]);
    expect(errorWeights([0.3, 0.3, 0.3])).toEqual([1, 1, 1]);
  });
});

test("a new pod's weight rises from a tenth to one over the window, and is one without a window", () => {
  expect([0, 500, 5000, 9999, 10_000].map((age) => slowStartWeight(age, 10_000))).toEqual([0.1, 0.1, 0.5, 0.9999, 1]);
  expect(slowStartWeight(0, 0)).toBe(1);
});

test("the priority in use is the highest that is ready or may soon be", () => {
  expect(choosePriority(["failed", "connecting", "ready"])).toBe(1);
  expect(choosePriority(["empty", "failed", "failed"])).toBe(1);
  expect(choosePriority(["empty"])).toBeUndefined();
});
