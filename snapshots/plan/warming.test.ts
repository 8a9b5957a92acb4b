import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyClass, anyWarming } from "../../e2e/harness/workloads.ts";
import { UNKNOWN, zoneKey } from "../balance/zone.ts";
import { ready, terminating } from "../derive/fixtures.ts";
import type { Service } from "../objects.ts";
import { planFor } from "../plan.ts";
import { annotated, at, even, inZone, reasons, shown, workloadOver } from "./fixtures.ts";
import { ramped } from "./warming.ts";

/** Rises every second. */
const warmUp = (more: Readonly<Record<string, string>> = {}) => annotated({ "evenkeel.dev/warm-up": "9s", ...more });
const mode = (name: string) => warmUp({ "evenkeel.dev/zone-mode": name });

/** Two endpoints in each zone from the start, and a third in zone a from the second 10 on. */
const grown = (more: Partial<Service>, seconds = 10, comes = at("a", 3)) => {
  const all = [...even, comes];
  return workloadOver(
    [
      [0, even],
      [10_000, all],
      [seconds * 1000, all],
    ],
    more,
  );
};
const planned = (workload: ReturnType<typeof grown>, zoneClass = UNKNOWN) =>
  ramped(planFor(workload, zoneClass), workload);

describe("one of three in a zone is new: each mode ramps it inside its zone's own share", () => {
  test("spread: the share of its zone is as before", () => {
    const workload = grown(mode("spread"));
    expect(shown(planFor(workload, UNKNOWN))).toEqual(["a:3 b:2 c:2"]);
    expect(shown(planned(workload))).toEqual(["a:408166 a/warming-0:20408 b:285716 c:285716"]);
  });
  test("weighted: the share of its zone is as before, and so is what stands behind", () => {
    const workload = grown(warmUp());
    const [first, ...behind] = planFor(workload, inZone("a")).tiers;
    expect(first?.map(({ weight }) => weight)).toEqual([10_000]);
    expect(shown(planned(workload, inZone("a")))[0]).toBe("a:952381 a/warming-0:47619");
    expect(planned(workload, inZone("a")).tiers.slice(1)).toEqual(behind);
  });
  test("prefer and filter: in its zone, wherever that stands", () => {
    expect(shown(planned(grown(mode("prefer")), inZone("b")))).toEqual(["b:2", "a:952383 a/warming-0:47619", "c:2"]);
    expect(shown(planned(grown(mode("filter")), inZone("a")))).toEqual(["a:952383 a/warming-0:47619"]);
  });
  test("G4 prefer-node: what is preferred of a zone and its rest are ramped apart", () => {
    const zoneClass = inZone("a", "eu", "n-a");
    expect(shown(planned(grown(mode("prefer-node")), zoneClass))[0]).toBe(
      "a/own-node:952383 a/own-node-warming-0:47619",
    );
  });
  test("prefer-node: one that is alone on the node of a client serves it in full", () => {
    const alone = grown(mode("prefer-node"), 10, at("a", 3, ready, { nodeName: "n-a2" }));
    expect(shown(planned(alone, inZone("a", "eu", "n-a2")))).toEqual(["a/own-node:1", "a:2", "b:2", "c:2"]);
  });
});

test("its part rises by tenths, it says so, and in the end there is one locality again", () => {
  const ratios = [10, 11, 12, 15, 18].map((seconds) => {
    const [[old, warming] = []] = planned(grown(mode("spread"), seconds)).tiers;
    return Math.round((2 * (warming?.weight ?? 0) * 100) / (old?.weight ?? 1));
  });
  expect(ratios).toEqual([10, 20, 30, 60, 90]);
  expect(reasons(planned(grown(mode("spread"), 13)))).toEqual([
    "spread evenly",
    "spread evenly; warming, 40 % of its share",
  ]);
  expect(shown(planned(grown(mode("spread"), 19)))).toEqual(["a:3 b:2 c:2"]);
});

test("endpoints that came at different moments are ramped apart, and the rest is what is old or drains", () => {
  const first = [...even, at("a", 5), at("a", 6), at("a", 4, terminating)];
  const moments = [
    [0, first],
    [10_000, [...first, at("a", 3)]],
    [12_500, [...first, at("a", 3), at("a", 2, ready, { address: "10.0.1.9" })]],
  ] as const;
  const workload = workloadOver(moments, mode("spread"));
  const [tier = []] = planned(workload).tiers;
  const own = tier.filter(({ zone }) => zone.zone === "a");
  const named = own.map(({ subZone, endpoints }) => [subZone, endpoints.map(({ address }) => address.slice(7))]);
  expect(named).toEqual([
    [undefined, ["1", "2", "4", "5", "6"]],
    ["warming-0", ["3"]],
    ["warming-3", ["9"]],
  ]);
});

test("whatever the mode, zones share as they would, each endpoint stands once, and nobody who is new has more than the old", () => {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  fc.assert(
    fc.property(anyWarming, anyClass, (workload, zoneClass) => {
      const whole = planFor(workload, zoneClass);
      const { tiers } = ramped(whole, workload);
      expect(tiers.length).toBe(whole.tiers.length);
      for (const [i, tier] of tiers.entries()) {
        const before = whole.tiers[i] ?? [];
        const scale = sum(tier.map(({ weight }) => weight)) / sum(before.map(({ weight }) => weight));
        const byZone = Map.groupBy(tier, ({ zone }) => zoneKey(zone));
        const parts = before.map(({ zone }) => byZone.get(zoneKey(zone)) ?? []);
        expect(parts.map((own) => sum(own.map(({ weight }) => weight)))).toEqual(
          before.map(({ weight }) => weight * scale),
        );
        expect(new Set(parts.flat().flatMap(({ endpoints }) => endpoints))).toEqual(
          new Set(before.flatMap(({ endpoints }) => endpoints)),
        );
        const load = parts.map((own) =>
          own.map(({ weight, endpoints }) => weight / endpoints.filter(({ health }) => health === "healthy").length),
        );
        expect(load.every(([old = 0, ...fresh]) => fresh.every((one) => one < old))).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
}, 120_000);
