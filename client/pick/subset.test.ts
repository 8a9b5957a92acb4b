import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { subset, subsetSizes } from "./subset.ts";

const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}:8080`);

function coverage(pods: readonly string[], chosen: Iterable<ReadonlySet<string>>): number[] {
  const counts = new Map(pods.map((key) => [key, 0]));
  for (const set of chosen) for (const key of set) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts.values()];
}

const upTo = (max: number) => fc.integer({ min: 1, max });

describe("a subset", () => {
  test("has the size asked for, or all pods, whatever their order", () => {
    fc.assert(
      fc.property(upTo(60), upTo(60), fc.nat(500), fc.boolean(), (count, size, index, byIndex) => {
        const pods = keys(count);
        const chooser = byIndex ? ({ kind: "index", index } as const) : ({ kind: "id", id: `node-${index}` } as const);
        const chosen = subset(pods, size, chooser);
        expect(chosen.size).toBe(Math.min(count, size));
        expect([...subset(pods.toReversed(), size, chooser)].sort()).toEqual([...chosen].sort());
      }),
    );
  });

  test("by index: each pod is chosen by the average number of clients, give or take one", () => {
    fc.assert(
      fc.property(upTo(60), upTo(60), upTo(80), (count, size, clients) => {
        const pods = keys(count);
        const sets = Array.from({ length: clients }, (_, index) => subset(pods, size, { kind: "index", index }));
        const average = (clients * Math.min(size, count)) / count;
        for (const each of coverage(pods, sets)) expect(Math.abs(each - average)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("by id: no pod is chosen by more than average + 5 √average + 1 clients", () => {
    const pods = keys(200);
    const sets = Array.from({ length: 200 }, (_, i) => subset(pods, 20, { kind: "id", id: `node-${i}` }));
    const counts = coverage(pods, sets);
    expect(Math.max(...counts)).toBeLessThanOrEqual(20 + 5 * Math.sqrt(20) + 1);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  test("by id: a pod more changes one connection at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), upTo(60), fc.string(), (count, size, id) => {
        const before = subset(keys(count - 1), size, { kind: "id", id });
        const after = subset(keys(count), size, { kind: "id", id });
        expect([...after].filter((key) => !before.has(key)).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test("connections are shared out by weight, one at least for each locality that has pods, never more than it has", () => {
  const locality = fc.record({ weight: upTo(1000), pods: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(locality, { minLength: 1, maxLength: 6 }), upTo(60), (given, size) => {
      const shared = subsetSizes(given, size);
      const used = given.filter(({ pods }) => pods > 0).length;
      const all = given.reduce((sum, { pods }) => sum + pods, 0);
      expect(shared.reduce((sum, each) => sum + each, 0)).toBe(Math.min(all, Math.max(size, used)));
      for (const [i, { pods }] of given.entries()) {
        expect(shared[i]).toBeLessThanOrEqual(pods);
        expect(shared[i]).toBeGreaterThanOrEqual(Math.min(1, pods));
      }
    }),
  );
  const zones = [3, 1].map((weight) => ({ weight, pods: 50 }));
  expect(subsetSizes(zones, 20)).toEqual([15, 5]);
});
