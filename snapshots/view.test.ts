import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UNKNOWN, type ZoneClass } from "./balance/zone.ts";
import { danglingReferences } from "./consistency.ts";
import type { Workload } from "./derive/model.ts";
import { endpoint, evenPolicy, modelOf, portSpec, workload, zoneA, zoneB } from "./fixtures.ts";
import { listenerNames } from "./names.ts";
import { CLIENT_KINDS, type ClientKind } from "./resources/client-kind.ts";
import { grpcRules } from "./resources/grpc-rules.ts";
import { assignmentType, clusterType, listenerType } from "./resources/messages.ts";
import type { Resource } from "./resources/resource.ts";
import { nextSnapshot, retire, type Snapshot } from "./snapshot.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, SEND_ORDER } from "./type-url.ts";
import { viewOf } from "./view.ts";

function snapshotOf(...workloads: readonly Workload[]): Snapshot {
  const model = modelOf(workloads);
  const changed = { workloads: new Set(model.workloads.keys()), services: new Set(model.services.keys()) };
  return nextSnapshot(model, changed, undefined, { clusterDomain: "cluster.local" });
}

const greeter = portSpec("greeter", 8080, { portName: "grpc" });
const NAME = greeter.cluster;
const snapshot = snapshotOf(
  workload(greeter, [endpoint("10.0.0.1", zoneA), endpoint("10.0.0.2", zoneB, "draining")]),
  workload(portSpec("empty"), []),
);
const inZoneA: ZoneClass = { kind: "known", zone: zoneA };
const grpc = viewOf(snapshot, inZoneA, "grpc");
const envoy = viewOf(snapshot, inZoneA, "envoy");

describe("a listener", () => {
  const names = ["", ".svc", ".svc.cluster.local"].flatMap((suffix) =>
    ["", ":8080", ":grpc"].map((port) => `greeter.default${suffix}${port}`),
  );

  test.each(names)("is found as %s, under that very name (B11), and leads to the canonical route", (name) => {
    const resource = grpc.get(LISTENER, name);
    expect(resource?.name).toBe(name);
    expect(listenerType.decode(resource?.bytes ?? new Uint8Array()).name).toBe(name);
    expect(danglingReferences(grpc, [[LISTENER, name]])).toEqual([]);
  });

  test("differs between aliases in its name alone", () => {
    const [canonical, alias] = [NAME, "greeter.default.svc:grpc"]
      .map((name) => grpc.get(LISTENER, name)?.bytes ?? new Uint8Array())
      .map((bytes) => ({ ...listenerType.decode(bytes), name: "" }));
    expect(alias).toEqual(canonical);
  });

  test("E15: is encoded once for each name", () => {
    expect(grpc.get(LISTENER, "greeter.default")).toBe(envoy.get(LISTENER, "greeter.default"));
  });

  test.each([
    "greeter",
    "greeter.default:9090",
    "greeter.default:http",
    "greeter.other:8080",
    "",
    "*",
    "greeter.default.svc.other:8080",
  ])('is not found as "%s"', (name) => {
    expect(grpc.get(LISTENER, name)).toBeUndefined();
  });
});

describe("a server listener", () => {
  const address = (name: string) => {
    const listener = listenerType.decode(grpc.get(LISTENER, name)?.bytes ?? new Uint8Array());
    return [listener.name, listener.address?.address];
  };

  test.each([
    ["0.0.0.0:8080", "0.0.0.0", 8080],
    ["[::]:8080", "::", 8080],
    ["[2001:db8::1]:50051", "2001:db8::1", 50_051],
  ])("for %s has the name asked and the address bound", (bound, host, port) => {
    const name = `grpc/server?xds.resource.listening_address=${bound}`;
    const value = expect.objectContaining({ address: host, portSpecifier: { $case: "portValue", value: port } });
    expect(address(name)).toEqual([name, { $case: "socketAddress", value }]);
  });

  test.each(["0.0.0.0", "0.0.0.0:0", "host:8080", ""])('for "%s" does not exist', (bound) => {
    expect(grpc.get(LISTENER, `grpc/server?xds.resource.listening_address=${bound}`)).toBeUndefined();
  });

  test("is made once, however often it is asked for", () => {
    const name = "grpc/server?xds.resource.listening_address=0.0.0.0:50051";
    expect(grpc.get(LISTENER, name)).toBe(viewOf(snapshotOf(), UNKNOWN, "grpc").get(LISTENER, name));
  });
});

describe("routes, clusters and assignments", () => {
  test.each([[ROUTE], [CLUSTER], [ASSIGNMENT]] as const)("have no aliases: %s", (typeUrl) => {
    expect(grpc.get(typeUrl, NAME)?.name).toBe(NAME);
    expect(grpc.get(typeUrl, "greeter.default")).toBeUndefined();
  });

  test("B21: a cluster without endpoints has an empty assignment, never a missing one", () => {
    const bytes = grpc.get(ASSIGNMENT, "empty.default:8080")?.bytes ?? new Uint8Array();
    expect(assignmentType.decode(bytes)).toMatchObject({ clusterName: "empty.default:8080", endpoints: [] });
  });

  test("B18: the name of a cluster that is gone for good has an empty assignment and nothing else", () => {
    const view = viewOf(retire(snapshot, ["gone.default:8080"]), inZoneA, "envoy");
    const found = SEND_ORDER.filter((typeUrl) => view.get(typeUrl, "gone.default:8080") !== undefined);
    expect(found).toEqual([ASSIGNMENT]);
  });

  test("kinds of one form share the bytes; Envoy has its own", () => {
    const other = viewOf(snapshot, UNKNOWN, "other");
    expect(other.get(CLUSTER, NAME)).toBe(grpc.get(CLUSTER, NAME));
    expect(envoy.get(CLUSTER, NAME)?.bytes).not.toEqual(grpc.get(CLUSTER, NAME)?.bytes);
  });

  test("E15: zone classes that the workload does not tell apart share one assignment, made once", () => {
    const inZoneB = viewOf(snapshot, { kind: "known", zone: zoneB, node: "n1" }, "grpc");
    expect(inZoneB.get(ASSIGNMENT, NAME)).toBe(grpc.get(ASSIGNMENT, NAME));
  });

  test("B5: Envoy's assignment has another version when its cluster changes, gRPC's has not", () => {
    const one = endpoint("10.0.0.1");
    const versions = (uid: string, kind: ClientKind) =>
      viewOf(snapshotOf(workload({ ...greeter, identity: uid }, [one])), inZoneA, kind).get(ASSIGNMENT, NAME)?.version;
    expect(versions("1", "envoy")).not.toBe(versions("2", "envoy"));
    expect(versions("1", "grpc")).toBe(versions("2", "grpc"));
  });
});

describe("a wildcard", () => {
  const several = snapshotOf(...["b", "c", "a"].map((service) => workload(portSpec(service))));

  test("S14: gets the canonical clusters in order of name, in the form of the client", () => {
    const view = viewOf(several, UNKNOWN, "envoy");
    const names = ["a.default:8080", "b.default:8080", "c.default:8080"];
    expect(view.all(CLUSTER)).toEqual(names.map((name) => view.get(CLUSTER, name)));
  });

  test("S14 S37: gets no API listeners, no routes and no assignments", () => {
    const view = viewOf(several, UNKNOWN, "envoy");
    expect(([LISTENER, ROUTE, ASSIGNMENT] as const).map((typeUrl) => view.all(typeUrl))).toEqual([[], [], []]);
  });

  test("is not put together again for a change of endpoints", () => {
    const moved = modelOf(["a", "b", "c"].map((service) => workload(portSpec(service), [endpoint("10.9.9.9")])));
    const workloads = new Set(moved.workloads.keys());
    const next = nextSnapshot(moved, { workloads, services: new Set() }, several, { clusterDomain: "cluster.local" });
    expect(viewOf(next, UNKNOWN, "envoy").all(CLUSTER)).toBe(viewOf(several, UNKNOWN, "envoy").all(CLUSTER));
  });
});

const anyWorkloads = fc
  .uniqueArray(
    fc.record({
      service: fc.constantFrom("a", "b"),
      port: fc.constantFrom(80, 8080),
      picker: fc.constantFrom<"two-choices" | "round-robin">("two-choices", "round-robin"),
      hosts: fc.uniqueArray(fc.nat(99), { maxLength: 9 }),
    }),
    { selector: ({ service, port }) => `${service} ${port}`, maxLength: 4 },
  )
  .map((list) =>
    list.map(({ service, port, picker, hosts }) => {
      const spec = portSpec(service, port, { policy: { ...evenPolicy, picker } });
      const found = hosts.map((host) =>
        endpoint(`10.0.0.${100 + host}`, host % 2 === 0 ? zoneA : zoneB, host % 5 === 0 ? "draining" : "healthy"),
      );
      const order = ({ zone, address }: (typeof found)[number]) => `${zone.zone} ${address}`;
      return workload(
        spec,
        found.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
      );
    }),
  );

const bytesOf = (resource: Resource | undefined): Uint8Array => resource?.bytes ?? new Uint8Array();

test("B4 B21 E18: in every view of every model all that a client is led to is there, and passes gRPC's rules", () => {
  const zoneClass = fc.constantFrom<ZoneClass>(UNKNOWN, inZoneA, { kind: "known", zone: zoneB });
  fc.assert(
    fc.property(anyWorkloads, zoneClass, fc.constantFrom(...CLIENT_KINDS.keys()), (workloads, zone, kind) => {
      const snapshot = snapshotOf(...workloads);
      const view = viewOf(snapshot, zone, kind);
      const entries = [...snapshot.model.services.values()];
      const names = entries.flatMap((entry) => listenerNames(entry, "cluster.local"));
      const roots = names.filter((name) => view.get(LISTENER, name)).map((name) => [LISTENER, name] as const);
      expect(roots.length).toBeGreaterThanOrEqual(workloads.length);
      expect(danglingReferences(view, roots)).toEqual([]);
      for (const { spec } of workloads) {
        expect(grpcRules(assignmentType.decode(bytesOf(view.get(ASSIGNMENT, spec.cluster))))).toEqual([]);
        expect(clusterType.decode(bytesOf(view.get(CLUSTER, spec.cluster))).name).toBe(spec.cluster);
      }
    }),
  );
});
