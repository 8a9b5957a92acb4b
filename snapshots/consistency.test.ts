import { expect, test } from "vitest";
import { UNKNOWN } from "./balance/zone.ts";
import { danglingReferences } from "./consistency.ts";
import { modelOf, portSpec, workload } from "./fixtures.ts";
import { nextSnapshot } from "./snapshot.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, shortName, type TypeUrl } from "./type-url.ts";
import { type View, viewOf } from "./view.ts";

const greeter = portSpec("greeter");
const model = modelOf([workload(greeter)]);
const changed = { workloads: new Set([greeter.cluster]), services: new Set<string>() };
const whole = viewOf(nextSnapshot(model, changed, undefined, { clusterDomain: "cluster.local" }), UNKNOWN, "grpc");

const without = (missing: TypeUrl): View => ({
  ...whole,
  get: (typeUrl, name) => (typeUrl === missing ? undefined : whole.get(typeUrl, name)),
});

test("a client that starts at a listener finds all that it is led to", () => {
  expect(danglingReferences(whole, [[LISTENER, greeter.cluster]])).toEqual([]);
});

test.each([[LISTENER], [ROUTE], [CLUSTER], [ASSIGNMENT]] as const)(
  "a missing %s is found from the listener on",
  (type) => {
    const dangling = danglingReferences(without(type), [[LISTENER, greeter.cluster]]);
    expect(dangling).toEqual([`${shortName(type)} ${greeter.cluster}`]);
  },
);

test("a server listener leads nowhere else: its route is inside", () => {
  const name = "grpc/server?xds.resource.listening_address=0.0.0.0:8080";
  expect(danglingReferences(whole, [[LISTENER, name]])).toEqual([]);
});
