import fc from "fast-check";
import { expect, test } from "vitest";
import type { KubernetesObject, Objects, SliceEndpoint } from "../objects.ts";
import { type DeriveInput, derive } from "./derive.ts";
import { everything, input, node, objectsOf, service, slice } from "./fixtures.ts";
import { emptyModel, type Model } from "./model.ts";

const GRACE_MS = 50;
const settings = { removalGraceMs: GRACE_MS };

/** One thing that happens: an object comes, changes or goes. */
interface Change {
  readonly key: string;
  readonly object: KubernetesObject | undefined;
  /** The Service it concerns; none for a Node. */
  readonly service?: string;
}

const names = ["a", "b", "c"];
const nodeNames = ["n1", "n2", "n3"];
const zones = fc.constantFrom(undefined, "", "za", "zb");
const bool = fc.constantFrom(true, false, undefined);

const anEndpoint = fc.record(
  {
    address: fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "nowhere"),
    ready: bool,
    serving: bool,
    terminating: bool,
    nodeName: fc.constantFrom(undefined, ...nodeNames),
    zone: zones,
  },
  { requiredKeys: ["address"] },
);

const aPort = fc.record({
  name: fc.constantFrom("grpc", "http"),
  port: fc.constantFrom(80, 8080),
  protocol: fc.constantFrom("TCP" as const, "UDP" as const),
});
const ports = fc.uniqueArray(aPort, { minLength: 1, maxLength: 2, selector: ({ name }) => name });

/** Without what is undefined, as objects from a source are. */
const clean = <T>(value: object): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

const serviceChange: fc.Arbitrary<Change> = fc
  .record({
    name: fc.constantFrom(...names),
    there: fc.nat(4),
    ports,
    annotations: fc.constantFrom({}, { "evenkeel.dev/zone-mode": "spread" }, { "evenkeel.dev/enabled": "false" }),
    internalTrafficPolicy: fc.constantFrom("Cluster" as const, "Cluster" as const, "Local" as const),
  })
  .map(({ name, there, ...more }) => ({
    key: `Service ${name}`,
    object: there > 0 ? service({ name, ...more }) : undefined,
    service: `default/${name}`,
  }));

const sliceChange: fc.Arbitrary<Change> = fc
  .record({
    owner: fc.constantFrom(...names),
    number: fc.nat(1),
    there: fc.nat(4),
    ports: fc.oneof(ports, fc.constant([])),
    endpoints: fc.array(
      anEndpoint.map((one): SliceEndpoint => clean(one)),
      { maxLength: 4 },
    ),
  })
  .map(({ owner, number, there, ...more }) => ({
    key: `EndpointSlice ${owner}-${number}`,
    object:
      there > 0 ? slice(more.endpoints, { service: owner, name: `${owner}-${number}`, ports: more.ports }) : undefined,
    service: `default/${owner}`,
  }));

const nodeChange: fc.Arbitrary<Change> = fc
  .record({
    name: fc.constantFrom(...nodeNames),
    zone: zones,
    region: fc.constantFrom(undefined, "eu", "us"),
    there: fc.nat(3),
  })
  .map(({ name, zone, region, there }) => ({
    key: `Node ${name}`,
    object: there > 0 ? node(name, zone, region) : undefined,
  }));

const step = fc.record({
  changes: fc.array(fc.oneof(serviceChange, sliceChange, sliceChange, nodeChange), { maxLength: 4 }),
  pause: fc.constantFrom(0, 1, GRACE_MS),
});
const walks = fc.array(step, { minLength: 1, maxLength: 10 });

function apply(objects: ReadonlyMap<string, KubernetesObject>, changes: readonly Change[]) {
  const next = new Map(objects);
  for (const { key, object } of changes) object === undefined ? next.delete(key) : next.set(key, object);
  return next;
}

const touchedBy = (changes: readonly Change[]): DeriveInput["touched"] => ({
  services: new Set(changes.flatMap((change) => change.service ?? [])),
  topology: changes.some((change) => change.service === undefined),
});

interface Moment {
  readonly objects: Objects;
  readonly now: number;
  readonly changes: readonly Change[];
  readonly before: Model;
  readonly output: ReturnType<typeof derive>;
}

/** The walk, with what was derived at each step from the step before. */
function walked(walk: readonly { readonly changes: readonly Change[]; readonly pause: number }[]): readonly Moment[] {
  const moments: Moment[] = [];
  let held: ReadonlyMap<string, KubernetesObject> = new Map();
  let [before, now]: [Model, number] = [emptyModel, 0];
  for (const { changes, pause } of walk) {
    now += pause;
    held = apply(held, changes);
    const objects = objectsOf(...held.values());
    const output = derive(input(objects, { touched: touchedBy(changes), now, settings }), before);
    moments.push({ objects, now, changes, before, output });
    before = output.model;
  }
  return moments;
}

const sorted = <V>(entries: Iterable<readonly [string, V]>) => [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));

const content = ({ workloads, services, topology }: Model) => ({
  workloads: sorted(workloads.entries()),
  services: sorted(services.entries()),
  zoneOfNode: sorted(topology.zoneOfNode.entries()),
  regionsOfZone: sorted(topology.regionsOfZone.entries()),
});

const RUNS = { numRuns: 500 };

test("a model that was changed step by step equals one derived from nothing, once every grace is over", () => {
  fc.assert(
    fc.property(walks, (walk) => {
      const last = walked(walk).at(-1);
      expect(last).toBeDefined();
      if (last === undefined) return;
      const settled = derive(input(last.objects, { now: last.now + GRACE_MS, settings }), last.output.model);
      const scratch = derive(input(last.objects, { touched: everything, now: last.now, settings }), emptyModel);
      expect(content(settled.model)).toEqual(content(scratch.model));
      expect(settled.wakeAt).toBeUndefined();
    }),
    RUNS,
  );
});

test("touching everything changes nothing more than touching what changed", () => {
  fc.assert(
    fc.property(walks, (walk) => {
      for (const { objects, now, output } of walked(walk)) {
        const again = derive(input(objects, { touched: everything, now, settings }), output.model);
        expect(again.model).toBe(output.model);
        expect(again.changed.workloads.size + again.changed.services.size).toBe(0);
      }
    }),
    RUNS,
  );
});

test("what is not named as changed is the same object, and what is named is another", () => {
  fc.assert(
    fc.property(walks, (walk) => {
      for (const { before, output } of walked(walk)) {
        const { workloads, services } = output.changed;
        const differing = <V>(a: Iterable<string>, b: Iterable<string>, of: (name: string) => [V, V]) =>
          new Set([...a, ...b].filter((name) => of(name)[0] !== of(name)[1]));
        const { model } = output;
        expect(
          differing(before.workloads.keys(), model.workloads.keys(), (name) => [
            before.workloads.get(name),
            model.workloads.get(name),
          ]),
        ).toEqual(workloads);
        expect(
          differing(before.services.keys(), model.services.keys(), (name) => [
            before.services.get(name),
            model.services.get(name),
          ]),
        ).toEqual(services);
      }
    }),
    RUNS,
  );
});

test("every port of every entry names a workload, and every workload is named by one", () => {
  fc.assert(
    fc.property(walks, (walk) => {
      for (const { output } of walked(walk)) {
        const named = [...output.model.services.values()].flatMap(({ ports: specs }) => specs);
        const workloads = [...output.model.workloads.values()].map(({ spec }) => spec);
        expect(named.length).toBe(workloads.length);
        expect(new Set(named)).toEqual(new Set(workloads));
      }
    }),
    RUNS,
  );
});

test("H16: endpoints are unique by address and port, in order, and some is healthy unless all drain beside none", () => {
  fc.assert(
    fc.property(walks, (walk) => {
      for (const { endpoints, allTerminating } of walked(walk).flatMap(({ output }) => [
        ...output.model.workloads.values(),
      ])) {
        const keys = endpoints.map(({ zone, address, port }) => `${zone.region}\0${zone.zone}\0${address}\0${port}`);
        expect(new Set(endpoints.map(({ address, port }) => `${address} ${port}`)).size).toBe(endpoints.length);
        expect(keys).toEqual(keys.toSorted());
        expect(endpoints.length === 0 || endpoints.some(({ health }) => health === "healthy")).toBe(true);
        expect(allTerminating && endpoints.some(({ health }) => health === "draining")).toBe(false);
      }
    }),
    RUNS,
  );
});
