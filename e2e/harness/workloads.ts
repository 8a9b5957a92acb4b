/** Random Services of every mode, and clients anywhere, for property tests. */
import fc from "fast-check";
import { UNKNOWN, type ZoneClass } from "../../snapshots/balance/zone.ts";
import { ready, terminating, unready } from "../../snapshots/derive/fixtures.ts";
import type { Workload } from "../../snapshots/derive/model.ts";
import type { Service, SliceEndpoint } from "../../snapshots/objects.ts";
import {
  annotated,
  at,
  hints,
  inMode,
  inZone,
  local,
  spread,
  workloadOf,
  workloadOver,
} from "../../snapshots/plan/fixtures.ts";

const states = fc.constantFrom(ready, ready, terminating, unready);
const names = (list: readonly string[]) => fc.option(fc.subarray([...list]), { nil: undefined });
const hinted = fc
  .record({ hintedZones: names(["a", "b", "c"]), hintedNodes: names(["n-a", "n-b"]), nodeName: names(["n-a2"]) })
  .map(
    ({ hintedZones, hintedNodes, nodeName }): Partial<SliceEndpoint> => ({
      ...(hintedZones !== undefined && { hintedZones }),
      ...(hintedNodes !== undefined && { hintedNodes }),
      ...(nodeName?.[0] !== undefined && { nodeName: nodeName[0] }),
    }),
  );
const entries = fc
  .uniqueArray(fc.tuple(fc.constantFrom("", "a", "b", "c"), fc.integer({ min: 1, max: 5 }), states, hinted), {
    maxLength: 12,
    selector: ([zone, number]) => `${zone}${number}`,
  })
  .map((list) => list.map(([zone, number, make, more]) => at(zone, number, make, more)));

const rules = fc.constantFrom(
  {},
  { "evenkeel.dev/zone-tolerance": "50%" },
  { "evenkeel.dev/min-zone-endpoints": "3" },
  { "evenkeel.dev/demand": "a=5,us/c=1,nowhere=3" },
);

/** Services of every mode. */
const services = fc.oneof(
  rules.map(annotated),
  fc.constantFrom(spread, inMode("prefer"), inMode("prefer-node"), inMode("filter"), hints, local),
);

export const anyWorkload: fc.Arbitrary<Workload> = fc
  .tuple(entries, services, fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.nat(50)))
  .map(([list, more, streams]) => workloadOf(list, more, streams));

const warming = (more: Partial<Service>): Partial<Service> => ({
  ...more,
  annotations: { ...more.annotations, "evenkeel.dev/warm-up": "9s" },
});

/** Some of the endpoints are there at first, more come twice, and it is up to fifteen seconds later. */
export const anyWarming: fc.Arbitrary<Workload> = fc
  .record({
    list: entries,
    firsts: fc.array(fc.nat(2), { minLength: 12, maxLength: 12 }),
    times: fc.tuple(fc.nat(5000), fc.nat(5000), fc.nat(5000)),
    more: services,
    streams: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.nat(50)),
  })
  .map(({ list, firsts, times: [one, two, three], more, streams }) => {
    const by = (moment: number) => list.filter((_, i) => (firsts[i] ?? 0) <= moment);
    const moments = [
      [0, by(0)],
      [one, by(1)],
      [one + two, list],
      [one + two + three, list],
    ] as const;
    return workloadOver(moments, warming(more), streams);
  });

export const anyClass: fc.Arbitrary<ZoneClass> = fc.constantFrom<ZoneClass>(
  UNKNOWN,
  { kind: "unknown", node: "n-a" },
  inZone("a"),
  inZone("a", "eu", "n-a"),
  inZone("a", "eu", "n-a2"),
  inZone("b", "eu", "n-b"),
  inZone("b", "eu", "n-z"),
  inZone("c", "us"),
  inZone("d"),
  inZone(""),
  inZone("a", "us", "n-c"),
);
