import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UNKNOWN, type ZoneClass } from "./balance/zone.ts";
import { changesBetween } from "./changes.ts";
import type { Model, Workload } from "./derive/model.ts";
import { endpoint, evenPolicy, modelOf, portSpec, workload, zoneA, zoneB } from "./fixtures.ts";
import { listenerNames } from "./names.ts";
import { CLIENT_KINDS } from "./resources/client-kind.ts";
import { type Changed, nextSnapshot, type Snapshot } from "./snapshot.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, SEND_ORDER, type TypeUrl } from "./type-url.ts";
import { viewOf } from "./view.ts";

const SETTINGS = { clusterDomain: "cluster.local" };

/** What differs between two models, as derivation tells it. */
function changed(before: Model, after: Model): Changed {
  const keys = <V>(read: (model: Model) => { keys(): Iterable<string>; get(key: string): V | undefined }) =>
    new Set(
      [...read(before).keys(), ...read(after).keys()].filter((key) => read(before).get(key) !== read(after).get(key)),
    );
  return { workloads: keys(({ workloads }) => workloads), services: keys(({ services }) => services) };
}

const EMPTY = modelOf([]);
const NOTHING = nextSnapshot(EMPTY, changed(EMPTY, EMPTY), undefined, SETTINGS);

function step(before: Snapshot, workloads: readonly Workload[]) {
  const model = modelOf(workloads);
  const touched = changed(before.model, model);
  const after = nextSnapshot(model, touched, before, SETTINGS);
  return { after, changes: changesBetween(before, after, touched) };
}

const greeter = portSpec("greeter", 8080, { portName: "grpc" });
const NAME = greeter.cluster;
const names = ["greeter.default", "greeter.default.svc", "greeter.default.svc.cluster.local"].flatMap((host) =>
  ["", ":8080", ":grpc"].map((port) => `${host}${port}`),
);
const served = step(NOTHING, [workload(greeter), workload(portSpec("other"))]).after;
const other = served.model.workloads.get("other.default:8080") ?? workload(portSpec("other"));

describe("between two snapshots", () => {
  test("a change of endpoints concerns the assignment alone", () => {
    const { changes } = step(served, [workload(greeter, [endpoint("10.0.0.7")]), other]);
    expect([...changes]).toEqual([[ASSIGNMENT, [NAME]]]);
  });

  test("B5 B20: another uid concerns listener, cluster and, for Envoy, the assignment, but not the route", () => {
    const { changes } = step(served, [workload({ ...greeter, identity: "another" }, [endpoint("10.0.0.1")]), other]);
    expect([...changes.keys()]).toEqual([CLUSTER, ASSIGNMENT, LISTENER]);
    expect(changes.get(LISTENER)?.toSorted()).toEqual(names.toSorted());
  });

  test("a Service that comes, and one that goes, concern all types and every name of its listeners", () => {
    const came = step(NOTHING, [workload(greeter)]);
    const went = step(came.after, []);
    for (const { changes } of [came, went]) {
      expect(([CLUSTER, ASSIGNMENT, ROUTE] as const).map((typeUrl) => changes.get(typeUrl))).toEqual([
        [NAME],
        [NAME],
        [NAME],
      ]);
      expect(changes.get(LISTENER)?.toSorted()).toEqual(names.toSorted());
    }
  });

  test("a port name that moves to another port concerns the names that have it", () => {
    const [one, two] = [portSpec("greeter", 1), portSpec("greeter", 2)];
    const before = step(NOTHING, [workload({ ...one, portName: "api" }), workload({ ...two, portName: "old" })]).after;
    const { changes } = step(before, [workload({ ...one, portName: "old" }), workload({ ...two, portName: "api" })]);
    const moved = ["", ".svc", ".svc.cluster.local"].flatMap((suffix) =>
      ["api", "old"].map((port) => `greeter.default${suffix}:${port}`),
    );
    expect(changes.get(LISTENER)?.toSorted()).toEqual(moved.toSorted());
  });

  test("E17: nothing is named when nothing is touched, or when what was made again is the same", () => {
    const touched = { workloads: new Set([NAME]), services: new Set(["default/greeter"]) };
    const again = nextSnapshot(served.model, touched, served, SETTINGS);
    expect(changesBetween(served, again, touched)).toEqual(new Map());
    expect(changesBetween(served, served, { workloads: new Set(), services: new Set() })).toEqual(new Map());
  });

  test("nothing differs from no snapshot, since nobody was served before the first", () => {
    expect(changesBetween(undefined, served, { workloads: new Set([NAME]), services: new Set() })).toEqual(new Map());
  });

  test("B1: types are named in the order in which they are sent", () => {
    expect([...step(NOTHING, [workload(greeter)]).changes.keys()]).toEqual(SEND_ORDER);
  });
});

const anyWorkloads = fc
  .uniqueArray(
    fc.record({
      service: fc.constantFrom("a", "b"),
      port: fc.constantFrom(80, 8080),
      portName: fc.constantFrom("grpc", "http", ""),
      uid: fc.constantFrom("1", "2"),
      picker: fc.constantFrom<"two-choices" | "round-robin">("two-choices", "round-robin"),
      hosts: fc.uniqueArray(fc.nat(4), { maxLength: 3 }),
    }),
    { selector: ({ service, port }) => `${service} ${port}`, maxLength: 4 },
  )
  .map((list) =>
    list.map(({ service, port, portName, uid, picker, hosts }) => {
      const policy = { ...evenPolicy, picker };
      const spec = portSpec(service, port, { portName, identity: uid, policy });
      return workload(
        spec,
        hosts.toSorted().map((host) => endpoint(host === 4 ? "bad" : `10.0.0.${host}`)),
      );
    }),
  );

const CLASSES: readonly ZoneClass[] = [UNKNOWN, { kind: "known", zone: zoneA }, { kind: "known", zone: zoneB }];
const KINDS = [...CLIENT_KINDS.keys()];
const VIEWERS = CLASSES.flatMap((zoneClass) => KINDS.map((kind) => ({ zoneClass, kind })));

const versions = (snapshot: Snapshot, typeUrl: TypeUrl, name: string): readonly (string | undefined)[] =>
  VIEWERS.map(({ zoneClass, kind }) => viewOf(snapshot, zoneClass, kind).get(typeUrl, name)?.version);

/** Every name that any of the snapshots could answer. */
const namesIn = (...snapshots: readonly Snapshot[]): readonly string[] =>
  snapshots.flatMap(({ model, clusterDomain }) =>
    [...model.services.values()].flatMap((entry) => listenerNames(entry, clusterDomain)),
  );

test("a name whose resource differs for any client is always named, whatever the two models", () => {
  fc.assert(
    fc.property(fc.array(anyWorkloads, { minLength: 2, maxLength: 4 }), (models) => {
      let before = NOTHING;
      for (const workloads of models) {
        const { after, changes } = step(before, workloads);
        for (const typeUrl of SEND_ORDER) {
          const differing = namesIn(before, after).filter(
            (name) => String(versions(before, typeUrl, name)) !== String(versions(after, typeUrl, name)),
          );
          expect(changes.get(typeUrl) ?? []).toEqual(expect.arrayContaining(differing));
        }
        before = after;
      }
    }),
  );
});
