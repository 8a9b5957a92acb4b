import fc from "fast-check";
import { expect, test } from "vitest";
import { zoneKey } from "../balance/zone.ts";
import { derive } from "../derive/derive.ts";
import { everything, input, namespace, objectsOf, service, slice, touching } from "../derive/fixtures.ts";
import { emptyModel } from "../derive/model.ts";
import type { KubernetesObject, SliceEndpoint } from "../objects.ts";
import { at, nodes } from "../plan/fixtures.ts";
import { nextSnapshot } from "../snapshot.ts";
import type { Served } from "./imagine.ts";
import { NOBODY } from "./pushes.ts";
import { type Simulation, simulate } from "./simulate.ts";
import { isFault, type WhatIf } from "./what-if.ts";

const GREETER = "greeter.default:8080";
const KEY = "default/greeter";
const NOTHING: WhatIf = { objects: [], zonesGone: [], scale: [] };
const settings = { removalGraceMs: 0 };

const counts = fc.record({ a: fc.nat(5), b: fc.nat(5), c: fc.nat(5) });
const streams = fc.record({ a: fc.nat(40), b: fc.nat(40), c: fc.nat(40) });
const mode = fc.constantFrom("weighted", "weighted", "spread", "prefer", "prefer-node", "filter");
const zone = fc.constantFrom<string>("a", "b", "c");

type Counts = Readonly<Record<string, number>>;

const entriesOf = (many: Counts): readonly SliceEndpoint[] =>
  Object.entries(many).flatMap(([name, count]) => Array.from({ length: count }, (_, i) => at(name, i + 1)));

const cluster = (name: string, endpoints: readonly SliceEndpoint[]): readonly KubernetesObject[] => [
  service({ annotations: { "evenkeel.dev/zone-mode": name } }),
  slice(endpoints),
  service({ name: "other", uid: "uid-2" }),
  slice(entriesOf({ a: 1, b: 2 }), { name: "other-1", service: "other" }),
  ...nodes,
];

const byZone = (many: Counts) =>
  new Map(
    Object.entries(many)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => [zoneKey({ region: name === "c" ? "us" : "eu", zone: name }), count]),
  );

/** A server that has read these objects and sees these clients. */
function servedOf(all: readonly KubernetesObject[], clients: Counts): Served {
  const objects = objectsOf(...all);
  const demand = () => byZone(clients);
  const { model, changed } = derive(input(objects, { touched: everything, demand, settings }), emptyModel);
  const snapshot = nextSnapshot(model, changed, undefined, { clusterDomain: "cluster.local" });
  return { objects, snapshot, audience: { ...NOBODY, streams: demand }, now: 60_000, defaultMode: "weighted" };
}

/** What becomes of the same server once the objects are really these. */
function really({ snapshot, audience }: Served, all: readonly KubernetesObject[]) {
  const more = { touched: touching(KEY), demand: audience.streams, now: 60_000, settings };
  return derive(input(objectsOf(...all), more), snapshot.model).model.workloads.get(GREETER);
}

function simulated(served: Served, whatIf: Partial<WhatIf>): Simulation {
  const outcome = simulate(served, { ...NOTHING, ...whatIf });
  if (isFault(outcome)) throw new Error(outcome.message);
  return outcome;
}

const portIn = ({ ports }: Simulation, name = GREETER) => {
  const found = ports.find(({ spec }) => spec.cluster === name);
  if (found === undefined) throw new Error(`${name} is looked at`);
  return found;
};

const content = (workload: ReturnType<typeof really>) =>
  workload && { spec: workload.spec, endpoints: workload.endpoints, flow: workload.flow };

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const RUNS = { numRuns: 300 };

test("where nothing is imagined, before and after are the same and are what is served", () => {
  fc.assert(
    fc.property(mode, counts, streams, (name, many, clients) => {
      const served = servedOf(cluster(name, entriesOf(many)), clients);
      const { pushes, ...simulation } = simulated(served, { services: [KEY, "default/other"] });
      for (const { spec, before, after, isChanged } of simulation.ports) {
        expect(before?.workload).toBe(served.snapshot.workloads.get(spec.cluster));
        expect(after).toEqual(before);
        expect(isChanged).toBe(false);
      }
      expect(simulation.ports.length).toBe(2);
      expect(pushes.streams).toBe(0);
    }),
    RUNS,
  );
});

test("every row sums to 1, and so does the demand; the mean load of the endpoints is 1", () => {
  fc.assert(
    fc.property(mode, counts, streams, zone, fc.nat(8), (name, many, clients, scaledZone, to) => {
      const served = servedOf(cluster(name, entriesOf(many)), clients);
      const { before, after } = portIn(simulated(served, { scale: [{ service: KEY, zone: scaledZone, to }] }));
      for (const { load } of [before, after].flatMap((side) => side ?? [])) {
        const { from = [], at: zones = [] } = load ?? {};
        for (const { to: row } of from) expect(sum(row.map(({ part }) => part))).toBeCloseTo(1, 9);
        const ready = sum(zones.map(({ endpoints }) => endpoints));
        expect(sum(from.map(({ demand }) => demand))).toBeCloseTo(load === undefined ? 0 : 1, 9);
        expect(sum(zones.map((one) => one.endpoints * one.load))).toBeCloseTo(ready, 6);
      }
    }),
    RUNS,
  );
});

test("what a zone would lose is what it loses when it is really gone, but for its clients", () => {
  fc.assert(
    fc.property(mode, counts, fc.uniqueArray(zone), (name, many, gone) => {
      const served = servedOf(cluster(name, entriesOf(many)), {});
      const left = entriesOf(many).filter((entry) => !gone.includes(entry.zone ?? ""));
      const { after } = portIn(simulated(served, { zonesGone: gone, services: [KEY] }));
      expect(content(after?.workload)).toEqual(content(really(served, cluster(name, left))));
    }),
    RUNS,
  );
});

test("what an object would change is what it changes when it is really applied", () => {
  fc.assert(
    fc.property(mode, mode, counts, counts, streams, (name, next, many, others, clients) => {
      const served = servedOf(cluster(name, entriesOf(many)), clients);
      const then = cluster(next, entriesOf(others));
      const { after } = portIn(simulated(served, { objects: then.slice(0, 2), services: [KEY] }));
      const real = really(served, then);
      expect(content(after?.workload)).toEqual(content(real));
    }),
    RUNS,
  );
});

test("a zone that is scaled has that many endpoints, the others have theirs, and the same again changes nothing", () => {
  fc.assert(
    fc.property(mode, counts, zone, fc.nat(8), (name, many, scaledZone, to) => {
      const served = servedOf(cluster(name, entriesOf(many)), {});
      const scaling = { service: KEY, zone: scaledZone, to };
      const [once, twice] = [[scaling], [scaling, scaling]].map((scale) => portIn(simulated(served, { scale })));
      const inZone = (wanted: string) =>
        once?.after?.workload.endpoints.filter(({ zone: own }) => own.zone === wanted).length;
      expect(Object.keys(many).map(inZone)).toEqual(Object.values({ ...many, [scaledZone]: to }));
      expect(twice?.after).toEqual(once?.after);
    }),
    RUNS,
  );
});

test("nothing that is served changes", () => {
  fc.assert(
    fc.property(mode, counts, streams, zone, fc.nat(8), (name, many, clients, gone, to) => {
      const served = servedOf(cluster(name, entriesOf(many)), clients);
      const before = structuredClone([...served.snapshot.workloads.entries()]);
      const other = gone === "a" ? "b" : "a";
      simulated(served, {
        objects: [namespace({ "evenkeel.dev/zone-mode": "spread" })],
        zonesGone: [gone],
        scale: [{ service: KEY, zone: other, to }],
        clients: { [other]: 7 },
      });
      expect([...served.snapshot.workloads.entries()]).toEqual(before);
    }),
    RUNS,
  );
});
