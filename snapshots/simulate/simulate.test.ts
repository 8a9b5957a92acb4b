import { describe, expect, test } from "vitest";
import type { ZoneClass } from "../balance/zone.ts";
import { namespace, node, objectsOf, ready, service, slice, terminating } from "../derive/fixtures.ts";
import type { KubernetesObject, SliceEndpoint } from "../objects.ts";
import { annotated, at, even, inMode, inZone, nodes } from "../plan/fixtures.ts";
import { ASSIGNMENT, CLUSTER } from "../type-url.ts";
import { wholeSnapshot } from "../whole.ts";
import { type Audience, NOBODY, type Subscriber } from "./pushes.ts";
import { simulate } from "./simulate.ts";
import { isFault, LIMITS, type WhatIf } from "./what-if.ts";

const KEY = "default/greeter";

function ask(whatIf: Partial<WhatIf>, all: readonly KubernetesObject[], audience: Audience = NOBODY) {
  const objects = objectsOf(...all);
  const served = { objects, snapshot: wholeSnapshot(objects), audience, now: 0, defaultMode: "weighted" as const };
  return simulate(served, { objects: [], zonesGone: [], scale: [], ...whatIf });
}

function answer(...asked: Parameters<typeof ask>) {
  const outcome = ask(...asked);
  if (isFault(outcome)) throw new Error(outcome.message);
  return outcome;
}

const greeter = [service(), slice(even), ...nodes];
const addresses = (outcome: ReturnType<typeof answer>) =>
  outcome.ports[0]?.after?.workload.endpoints.map(({ address }) => address);
const scaleTo = (to: number, zone?: string): Partial<WhatIf> => ({
  scale: [{ service: KEY, to, ...(zone !== undefined && { zone }) }],
});

describe("scaling", () => {
  test("down removes the last by address, in whatever slice they stand", () => {
    const slices = [slice([at("a", 3), at("b", 1)], { name: "1" }), slice([at("a", 1), at("a", 3)], { name: "2" })];
    expect(addresses(answer(scaleTo(1, "a"), [service(), ...slices, ...nodes]))).toEqual(["10.0.1.1", "10.0.2.1"]);
  });

  test("up makes up addresses that nobody has, on the nodes of the zone in turn", () => {
    const taken = ready("240.0.0.2", { zone: "a", nodeName: "n-a" });
    const { ports } = answer(scaleTo(4, "a"), [service(), slice([taken]), ...nodes]);
    const made = ports[0]?.after?.workload.endpoints.map(({ address, port, node: own }) => [address, port, own]);
    expect(made).toEqual([
      ["240.0.0.1", 8080, "n-a"],
      ["240.0.0.2", 8080, "n-a"],
      ["240.0.0.3", 8080, "n-a2"],
      ["240.0.0.4", 8080, "n-a"],
    ]);
  });

  test("from nothing takes the family and the ports that the Service says", () => {
    const port = { name: "grpc", port: 8080, protocol: "TCP" as const, targetPort: 50_051 };
    const { ports } = answer(scaleTo(1, "us/c"), [service({ ipFamilies: ["IPv6"], ports: [port] }), ...nodes]);
    expect(ports[0]?.after?.workload.endpoints).toEqual([
      { address: "100::1", port: 50_051, zone: { region: "us", zone: "c" }, node: "n-c", health: "healthy" },
    ]);
  });

  test("without a zone is of the one that the Service stands in, also if that has no name", () => {
    expect(addresses(answer(scaleTo(2), [service(), slice([ready("10.0.0.1")])]))).toEqual(["10.0.0.1", "240.0.0.1"]);
  });

  test("goes on in the region that was said where two have a zone of that name", () => {
    const both = [node("n1", "a", "eu"), node("n2", "a", "us")];
    const { ports } = answer(scaleTo(1, "us/a"), [service(), ...both]);
    expect(ports[0]?.after?.workload.endpoints.map(({ zone }) => zone)).toEqual([{ region: "us", zone: "a" }]);
  });

  test("keeps mode hints going, as new endpoints are hinted for their zone", () => {
    const hinted = even.map((one): SliceEndpoint => ({ ...one, hintedZones: [one.zone ?? ""] }));
    const auto = annotated({ "service.kubernetes.io/topology-mode": "Auto" });
    const { ports } = answer(scaleTo(3, "a"), [service(auto), slice(hinted), ...nodes]);
    expect(ports[0]?.after?.load?.crossZone).toBe(0);
  });
});

describe("objects", () => {
  test("a Service in the place of another stays the same one: only its assignment differs", () => {
    const { uid: _, ...asWritten } = service(inMode("spread"));
    const { pushes, ports } = answer({ objects: [asWritten] }, greeter, everybodyIn(inZone("a")));
    expect(ports[0]?.after?.workload.spec.identity).toBe(ports[0]?.before?.workload.spec.identity);
    expect(pushes.byType.has(CLUSTER)).toBe(false);
  });

  test("a new Service has no before, and its slices count with it", () => {
    const added = [service({ name: "new" }), slice(even, { name: "new-1", service: "new" })];
    const [port, ...more] = answer({ objects: added }, greeter).ports;
    expect([port?.before, port?.after?.workload.endpoints.length, more]).toEqual([undefined, 6, []]);
  });

  test("a slice that changes hands leaves its Service and joins the other", () => {
    const all = [...greeter, service({ name: "other" })];
    const { ports } = answer({ objects: [slice(even, { service: "other" })] }, all);
    expect(ports.map(({ after }) => after?.workload.endpoints.length)).toEqual([0, 6]);
    expect(ports[0]?.notes).toEqual(["no endpoint can serve"]);
  });

  test("a port that a Service loses has no after", () => {
    const { ports } = answer({ objects: [service({ ports: [{ name: "web", port: 80, protocol: "TCP" }] })] }, greeter);
    expect(ports.map(({ spec, after }) => [spec.port, after === undefined])).toEqual([
      [80, false],
      [8080, true],
    ]);
    expect(ports[1]?.notes).toEqual(["it is gone once its removal grace is over"]);
  });

  test("a Node that moves touches what stands on it, and a Namespace its Services", () => {
    const moved = answer({ objects: [node("n-c", "c", "eu")] }, [...greeter, service({ name: "empty" })]);
    expect(moved.ports.map(({ spec, isChanged }) => [spec.service, isChanged])).toEqual([["greeter", true]]);
    const { ports } = answer({ objects: [namespace({ "evenkeel.dev/zone-mode": "spread" })] }, greeter);
    expect(ports[0]?.after?.workload.spec.policy.mode).toBe("spread");
  });

  test("what would be wrong with a Service is told, and what is wrong already is not", () => {
    const bad = annotated({ "evenkeel.dev/lb": "fastest" });
    const worse = service(annotated({ "evenkeel.dev/lb": "fastest", "evenkeel.dev/zone-mode": "far" }));
    const { problems } = answer({ objects: [worse] }, [service(bad), slice(even), ...nodes]);
    expect(problems.map(({ message }) => message.split(" ")[0])).toEqual(["evenkeel.dev/zone-mode"]);
  });
});

/** Streams of one place, that ask for everything. */
function everybodyIn(...zoneClasses: readonly ZoneClass[]): Audience {
  const members = zoneClasses.map((zoneClass): Subscriber => ({ kind: "grpc", zoneClass }));
  return { size: members.length, subscribers: () => members, streams: () => new Map() };
}

describe("whom it would be sent to", () => {
  const everybody = everybodyIn(inZone("a"), inZone("b"), inZone("c", "us"), inZone("c", "us"));

  test("those whose assignment differs", () => {
    const { pushes, ports } = answer(scaleTo(1, "a"), [service(inMode("filter")), slice(even), ...nodes], everybody);
    expect([pushes.streams, pushes.byType, ports[0]?.pushedTo]).toEqual([1, new Map([[ASSIGNMENT, 1]]), 1]);
  });

  test("nobody in a zone that is gone", () => {
    expect(answer({ zonesGone: ["c"] }, greeter, everybody).pushes.streams).toBe(2);
  });
});

describe("clients", () => {
  test("move the demand at once", () => {
    const { ports } = answer({ clients: { a: 90, "us/c": 0 } }, greeter);
    expect(ports[0]?.after?.load?.from.map(({ demand }) => Math.round(demand * 100))).toEqual([93, 3, 3]);
    expect(ports[0]?.notes).toEqual([]);
  });

  test.each([
    ["mode spread does not go by how many clients there are", inMode("spread"), 90],
    [
      "evenkeel.dev/demand says where requests come from: clients do not count",
      annotated({ "evenkeel.dev/demand": "a=1" }),
      90,
    ],
    ["clients move no weight by three percentage points, which is not acted upon", {}, 0.1],
  ])("that change nothing are told why: %s", (note, more, count) => {
    const { ports } = answer({ clients: { a: count } }, [service(more), slice(even), ...nodes]);
    expect([ports[0]?.isChanged, ports[0]?.notes]).toEqual([false, [note]]);
  });
});

test("mode local shows no zones, since it goes by nodes, and all that terminate are told of", () => {
  const local = answer({ services: [KEY] }, [service({ internalTrafficPolicy: "Local" }), slice(even), ...nodes]);
  expect([local.ports[0]?.after?.load, local.ports[0]?.notes.length]).toEqual([undefined, 1]);
  const leaving = answer({ services: [KEY] }, [service(), slice([at("a", 1, terminating)]), ...nodes]);
  expect(leaving.ports[0]?.notes).toEqual(["none is ready: those that are terminating serve"]);
});

test("new endpoints that warm up are told of", () => {
  const warm = service(annotated({ "evenkeel.dev/warm-up": "60s" }));
  expect(answer(scaleTo(3, "a"), [warm, slice(even), ...nodes]).ports[0]?.notes).toEqual([
    "new endpoints warm up: up to ten pushes follow, and the load is that after them",
  ]);
});

test("only what is named is looked at, and what is touched beside it is counted", () => {
  const other = [service({ name: "other" }), slice(even, { name: "other-1", service: "other" })];
  const { ports, passedOver } = answer({ zonesGone: ["c"], services: [KEY] }, [...greeter, ...other]);
  expect([ports.map(({ spec }) => spec.service), passedOver]).toEqual([["greeter"], 1]);
});

describe("what cannot be imagined", () => {
  const twoRegions = [service(), node("n1", "a", "eu"), node("n2", "a", "us")];

  test.each<[string, Partial<WhatIf>, readonly KubernetesObject[], readonly string[] | undefined, string]>([
    [
      "unknown-zone",
      { zonesGone: ["a", "x"] },
      greeter,
      ["eu/a", "eu/b", "us/c"],
      'zonesGone[1]: no Node, endpoint or client is in a zone "x"',
    ],
    ["unknown-zone", { clients: { x: 1 } }, greeter, ["eu/a", "eu/b", "us/c"], "clients: no Node"],
    ["ambiguous-zone", { zonesGone: ["a"] }, twoRegions, ["eu/a", "us/a"], "zonesGone[0]: several regions"],
    ["ambiguous-zone", scaleTo(1), greeter, ["eu/a", "eu/b", "us/c"], "scale[0].zone must be given"],
    [
      "contradiction",
      { zonesGone: ["a"], ...scaleTo(1, "eu/a") },
      greeter,
      undefined,
      "scale[0]: zone eu/a is to be gone",
    ],
    ["contradiction", { zonesGone: ["a"], clients: { a: 1 } }, greeter, undefined, "clients: zone eu/a is to be gone"],
    [
      "unknown-service",
      { services: ["default/greter"] },
      greeter,
      [KEY],
      'services[0]: there is no Service "default/greter"',
    ],
    [
      "unknown-service",
      { scale: [{ service: "x/y", to: 1 }] },
      greeter,
      [KEY],
      'scale[0].service: there is no Service "x/y"',
    ],
    [
      "unknown-service",
      { objects: [slice([], { service: "y" })] },
      greeter,
      [KEY],
      "objects[0], of a Service: there is no",
    ],
    [
      "not-served",
      { scale: [{ service: KEY, to: 1 }] },
      [service({ type: "ExternalName" })],
      undefined,
      "scale[0].service: default/greeter is not served: ",
    ],
  ])("%s: %j", (code, whatIf, all, allowed, message) => {
    expect(ask(whatIf, all)).toMatchObject({ kind: "fault", code, message: expect.stringContaining(message) });
    expect((ask(whatIf, all) as { allowed?: readonly string[] }).allowed).toEqual(allowed);
  });

  test("more Services than a question may cost are refused, and a part of them is not", () => {
    const many = Array.from({ length: LIMITS.services + 1 }, (_, i) => [
      service({ name: `s${i}` }),
      slice(even, { name: `s${i}-1`, service: `s${i}` }),
    ]).flat();
    expect(ask({ zonesGone: ["c"] }, [...many, ...nodes])).toMatchObject({ kind: "fault", code: "too-much" });
    expect(answer({ zonesGone: ["c"], services: ["default/s0"] }, [...many, ...nodes]).passedOver).toBe(
      LIMITS.services,
    );
  });

  test("so is one Service of too many endpoints in too many zones", () => {
    const wide = Array.from({ length: 2000 }, (_, i) => ready(`10.1.${i >> 8}.${i & 255}`, { zone: `z${i}` }));
    expect(ask({ services: [KEY] }, [service(), slice(wide)])).toMatchObject({ kind: "fault", code: "too-much" });
  });
});
