import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Model, Workload } from "./derive/model.ts";
import { endpoint, modelOf, portSpec, workload, zoneB } from "./fixtures.ts";
import { type Changed, forget, nextSnapshot, retire, type Snapshot } from "./snapshot.ts";
import type { Table } from "./table.ts";

const SETTINGS = { clusterDomain: "cluster.local" };

const everything = ({ workloads, services }: Model): Changed => ({
  workloads: new Set(workloads.keys()),
  services: new Set(services.keys()),
});

const first = (...workloads: readonly Workload[]): Snapshot => {
  const model = modelOf(workloads);
  return nextSnapshot(model, everything(model), undefined, SETTINGS);
};

const touched = (...workloads: readonly string[]): Changed => ({
  workloads: new Set(workloads),
  services: new Set(["default/greeter"]),
});

const greeter = portSpec("greeter");
const NAME = greeter.cluster;

test("a workload is published as a listener, a route and a cluster in both forms, all under its name", () => {
  const published = first(workload(greeter)).published.get(NAME);
  const names = [published?.listener, published?.route, published?.cluster.grpc, published?.cluster.envoy];
  expect(names.map((resource) => resource?.name)).toEqual([NAME, NAME, NAME, NAME]);
});

test("E15: endpoints that change leave every encoded resource as it is", () => {
  const before = first(workload(greeter));
  const model = modelOf([workload(greeter, [endpoint("10.0.0.2")])]);
  const after = nextSnapshot(model, touched(NAME), before, SETTINGS);
  expect(after.published).toBe(before.published);
  expect(after.workloads.get(NAME)).toBe(model.workloads.get(NAME));
});

test("E17: a spec that is made again with the same content keeps its resources", () => {
  const before = first(workload(greeter));
  const after = nextSnapshot(modelOf([workload({ ...greeter })]), touched(NAME), before, SETTINGS);
  expect(after.published.get(NAME)).toEqual(before.published.get(NAME));
  expect(after.published.get(NAME)?.listener).toBe(before.published.get(NAME)?.listener);
  expect(after.published.get(NAME)?.cluster.envoy).toBe(before.published.get(NAME)?.cluster.envoy);
});

test("B20: a Service deleted and made again under its name differs in listener and cluster, not in its route", () => {
  const before = first(workload(greeter)).published.get(NAME);
  const after = first(workload({ ...greeter, identity: "another uid" })).published.get(NAME);
  expect(after?.listener.version).not.toBe(before?.listener.version);
  expect(after?.cluster.grpc.version).not.toBe(before?.cluster.grpc.version);
  expect(after?.cluster.envoy.version).not.toBe(before?.cluster.envoy.version);
  expect(after?.route).toEqual(before?.route);
});

describe("a workload that breaks a rule (E18, B22)", () => {
  const bad = workload(greeter, [endpoint("10.0.0.1"), endpoint("not an address")]);

  test("E18: keeps its last good form and gives its Service a problem", () => {
    const before = first(workload(greeter));
    const after = nextSnapshot(modelOf([bad]), touched(NAME), before, SETTINGS);
    expect(after.published.get(NAME)).toBe(before.published.get(NAME));
    expect(after.workloads.get(NAME)).toBe(before.workloads.get(NAME));
    expect(after.problems.get("default/greeter")).toEqual([
      {
        object: "Service default/greeter",
        code: "refused-resource",
        message: expect.stringMatching(/^greeter\.default:8080: .*must be an IP literal \(G7\); it stays as it was$/),
      },
    ]);
  });

  test("is left out when it never had a good form, and nothing beside it is", () => {
    const other = portSpec("other");
    const snapshot = first(bad, workload(other));
    expect([...snapshot.published.keys()]).toEqual([other.cluster]);
    expect([...snapshot.problems.keys()]).toEqual(["default/greeter"]);
    expect(snapshot.problems.get("default/greeter")?.[0]?.message).toMatch(/it is left out$/);
  });

  test("is served again, without a problem, once it is mended", () => {
    const broken = nextSnapshot(modelOf([bad]), touched(NAME), first(workload(greeter)), SETTINGS);
    const mended = workload(greeter, [endpoint("10.0.0.9")]);
    const after = nextSnapshot(modelOf([mended]), touched(NAME), broken, SETTINGS);
    expect(after.workloads.get(NAME)).toBe(mended);
    expect([after.problems.size, after.refused.size]).toEqual([0, 0]);
  });

  test("G7: is refused for an address that it has twice, in whatever zones", () => {
    const twice = workload(greeter, [endpoint("10.0.0.1"), endpoint("10.0.0.1", zoneB)]);
    expect(first(twice).problems.get("default/greeter")?.[0]?.message).toMatch(/each address once/);
  });

  test("G9: is refused for endpoints out of order, which no plan could bring into one", () => {
    const disorderly = workload(greeter, [endpoint("10.0.0.2"), endpoint("10.0.0.1")]);
    expect(first(disorderly).problems.get("default/greeter")?.[0]?.message).toMatch(/order/);
  });

  test("keeps its problem while another port of its Service changes", () => {
    const other = portSpec("greeter", 9090);
    const before = first(bad, workload(other));
    const next = modelOf([bad, workload(other, [])]);
    const after = nextSnapshot(next, touched(other.cluster), before, SETTINGS);
    expect(after.problems.get("default/greeter")).toHaveLength(1);
  });
});

test("the problems of a Service are shown though none of its workloads changed", () => {
  const before = first(workload(greeter));
  const problem = { object: "Service default/greeter", code: "bad-annotation", message: "x" };
  const entry = before.model.services.get("default/greeter");
  const services = before.model.services.with([["default/greeter", entry && { ...entry, problems: [problem] }]]);
  const after = nextSnapshot({ ...before.model, services }, touched(), before, SETTINGS);
  expect(after.problems.get("default/greeter")).toEqual([problem]);
});

describe("a workload that is gone for good (B18)", () => {
  const before = first(workload(greeter));
  const after = nextSnapshot(modelOf([]), touched(NAME), before, SETTINGS);

  test("is published no more, and its assignment is answered empty", () => {
    expect([after.published.size, after.workloads.size]).toEqual([0, 0]);
    expect(after.retired.get(NAME)?.name).toBe(NAME);
  });

  test("is no longer retired when it comes back", () => {
    expect(nextSnapshot(before.model, touched(NAME), after, SETTINGS).retired.size).toBe(0);
  });

  test("stays retired while others change, until it is forgotten", () => {
    const other = workload(portSpec("other"));
    const later = nextSnapshot(modelOf([other]), touched(other.spec.cluster), after, SETTINGS);
    expect(later.retired.get(NAME)).toBe(after.retired.get(NAME));
    expect(forget(later, [NAME]).retired.size).toBe(0);
  });

  test("can be retired by a process that never saw it, unless it lives", () => {
    expect(retire(first(), [NAME]).retired.get(NAME)).toEqual(after.retired.get(NAME));
    expect(retire(before, [NAME]).retired.size).toBe(0);
  });

  test("retires nothing when it was never published", () => {
    expect(nextSnapshot(modelOf([]), touched(NAME), first(), SETTINGS).retired.size).toBe(0);
  });
});

const sorted = <V>(table: Table<V>): readonly (readonly [string, V])[] =>
  [...table.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1));

const services = ["a", "b", "c"];
const anyWorkload = fc
  .record({
    service: fc.constantFrom(...services),
    port: fc.constantFrom(80, 8080),
    uid: fc.constantFrom("1", "2"),
    hosts: fc.uniqueArray(fc.nat(3), { maxLength: 3 }),
    bad: fc.boolean(),
  })
  .map(({ service, port, uid, hosts, bad }) =>
    workload(
      portSpec(service, port, { identity: uid }),
      hosts.toSorted().map((host) => endpoint(bad && host === 3 ? "bad" : `10.0.0.${host}`)),
    ),
  );
const anyModel = fc
  .uniqueArray(anyWorkload, { selector: ({ spec }) => spec.cluster, maxLength: 6 })
  .map((workloads) => modelOf(workloads));

test("a snapshot reached step by step publishes what one made anew would, and last good forms besides", () => {
  fc.assert(
    fc.property(fc.array(anyModel, { minLength: 1, maxLength: 6 }), (models) => {
      const names = new Set(services.flatMap((name) => [80, 8080].map((port) => portSpec(name, port).cluster)));
      const changed = { workloads: names, services: new Set(services.map((name) => `default/${name}`)) };
      let walked: Snapshot | undefined;
      for (const model of models) {
        walked = nextSnapshot(model, changed, walked, SETTINGS);
        const anew = nextSnapshot(model, changed, undefined, SETTINGS);
        const lastGood = new Set(walked.refused.keys());
        expect([...walked.refused.keys()].toSorted()).toEqual([...anew.refused.keys()].toSorted());
        expect(sorted(walked.published).filter(([name]) => !lastGood.has(name))).toEqual(sorted(anew.published));
        expect(sorted(walked.workloads).filter(([name]) => !lastGood.has(name))).toEqual(sorted(anew.workloads));
        expect([...walked.workloads.keys()].toSorted()).toEqual([...walked.published.keys()].toSorted());
        expect([...walked.retired.keys()].filter((name) => walked?.published.has(name))).toEqual([]);
      }
    }),
  );
});
