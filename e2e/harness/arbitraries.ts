/** Random zones and their parts, for property tests. */
import fc from "fast-check";
import type { Rule } from "../../snapshots/balance/balance.ts";
import type { ZoneCapacity } from "../../snapshots/balance/capacity.ts";
import type { Demand } from "../../snapshots/balance/demand.ts";
import type { Part } from "../../snapshots/balance/flow.ts";
import { type Zone, zoneKey } from "../../snapshots/balance/zone.ts";

/** How often a property of the balance is tried. */
export const RUNS = { numRuns: 10_000 };

const REGIONS = ["", "eu", "us"];
const ZONES = ["a", "b", "c", "d"];

export const anyZone: fc.Arbitrary<Zone> = fc.record({
  region: fc.constantFrom(...REGIONS),
  zone: fc.constantFrom(...ZONES),
});

const distinctZones = (minLength: number): fc.Arbitrary<Zone[]> =>
  fc.uniqueArray(anyZone, { minLength, maxLength: REGIONS.length * ZONES.length, selector: zoneKey });

/** Zones with whole numbers, at least one of which is above 0. */
const sized = (max: number): fc.Arbitrary<readonly { readonly zone: Zone; readonly size: number }[]> =>
  fc
    .tuple(distinctZones(1), fc.array(fc.integer({ min: 0, max }), { minLength: 12, maxLength: 12 }))
    .map(([zones, sizes]) => zones.map((zone, i) => ({ zone, size: sizes[i] ?? 0 })))
    .filter((zones) => zones.some(({ size }) => size > 0));

/** Parts that sum to 1, some of them 0. Small sizes make parts that are often equal on both sides. */
export const anyParts: fc.Arbitrary<readonly Part[]> = fc.oneof(sized(6), sized(100_000)).map((zones) => {
  const total = zones.reduce((sum, { size }) => sum + size, 0);
  return zones.map(({ zone, size }) => ({ zone, part: size / total }));
});

export const anyCapacity: fc.Arbitrary<readonly ZoneCapacity[]> = sized(40).map((zones) =>
  zones.filter(({ size }) => size > 0).map(({ zone, size }) => ({ zone, count: size })),
);

export const anyStreams: fc.Arbitrary<ReadonlyMap<string, number>> = fc
  .array(fc.tuple(anyZone.map(zoneKey), fc.integer({ min: 1, max: 200 })), { maxLength: 8 })
  .map((streams) => new Map(streams));

export const anyTolerance = fc.oneof(fc.constantFrom(0, 0.1, 0.2, 1), fc.double({ min: 0, max: 10, noNaN: true }));

/** Zones with too few endpoints to serve their own clients first. Mostly none. */
export const anyTooSmall: fc.Arbitrary<ReadonlySet<string>> = fc.oneof(
  fc.constant(new Set<string>()),
  fc.array(anyZone.map(zoneKey), { maxLength: 6 }).map((keys) => new Set(keys)),
);

export const anyRule: fc.Arbitrary<Rule> = fc.record({
  tolerance: anyTolerance,
  minZoneEndpoints: fc.constantFrom(1, 1, 2, 5, 1000),
});

export const anyDemand: fc.Arbitrary<Demand> = fc.oneof(
  anyStreams.map((streams): Demand => ({ kind: "clients", streams })),
  anyParts.map((parts): Demand => ({ kind: "static", parts })),
);
