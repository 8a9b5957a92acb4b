import fc from "fast-check";
import { expect, test } from "vitest";
import { anyCapacity, anyDemand, anyRule, anyZone, RUNS } from "../../e2e/harness/arbitraries.ts";
import { balance } from "./balance.ts";
import { sharesOf, WHOLE } from "./shares.ts";
import { rowFor } from "./spill.ts";
import { tiersOf } from "./tiers.ts";
import { zoneKey } from "./zone.ts";

test("tiers have no gap, each zone that can serve stands in exactly one, and each weight is at least 1", () => {
  fc.assert(
    fc.property(anyDemand, anyCapacity, anyRule, anyZone, (demand, capacity, rule, own) => {
      const tiers = tiersOf(own, sharesOf(rowFor(balance(capacity, demand, rule), own)), capacity);
      const zones = tiers.flat().map(({ zone }) => zoneKey(zone));
      expect(zones.toSorted()).toEqual(capacity.map(({ zone }) => zoneKey(zone)).toSorted());
      expect(tiers.filter((tier) => tier.length === 0)).toEqual([]);
      expect(tiers.flat().filter(({ weight }) => !Number.isInteger(weight) || weight < 1)).toEqual([]);
      expect(tiers[0]?.reduce((sum, { weight }) => sum + weight, 0)).toBe(WHOLE);
    }),
    RUNS,
  );
});

const zone = (region: string, name: string) => ({ region, zone: name });

test("behind the zones with a share stand the rest of the own region, then all others, weighing their endpoints", () => {
  const capacity = [
    { zone: zone("eu", "a"), count: 4 },
    { zone: zone("eu", "b"), count: 3 },
    { zone: zone("us", "x"), count: 2 },
    { zone: zone("us", "y"), count: 1 },
  ];
  const shares = [
    { zone: zone("eu", "a"), share: 9000 },
    { zone: zone("us", "y"), share: 1000 },
  ];
  expect(tiersOf(zone("eu", "a"), shares, capacity)).toEqual([
    [
      { zone: zone("eu", "a"), weight: 9000, reason: "own zone" },
      { zone: zone("us", "y"), weight: 1000, reason: "another region, for what nearer zones cannot serve" },
    ],
    [{ zone: zone("eu", "b"), weight: 3, reason: "failover to own region" }],
    [{ zone: zone("us", "x"), weight: 2, reason: "failover to another region" }],
  ]);
});

test("where the own region has nothing left, the others follow at once", () => {
  const capacity = [
    { zone: zone("eu", "a"), count: 4 },
    { zone: zone("us", "x"), count: 2 },
  ];
  const tiers = tiersOf(zone("eu", "a"), [{ zone: zone("eu", "a"), share: WHOLE }], capacity);
  expect(tiers.map((tier) => tier.map((one) => one.zone.zone))).toEqual([["a"], ["x"]]);
});
