import { describe, expect, test } from "vitest";
import { zoneKey } from "../balance/zone.ts";
import { resolvePort } from "../names.ts";
import { derive } from "./derive.ts";
import {
  everything,
  input,
  modelOf,
  namespace,
  next,
  node,
  objectsOf,
  ready,
  service,
  slice,
  terminating,
  touching,
  unready,
} from "./fixtures.ts";
import { emptyModel, type Model } from "./model.ts";

const GREETER = "greeter.default:8080";
const KEY = "default/greeter";

const addresses = (model: Model, cluster = GREETER) =>
  model.workloads.get(cluster)?.endpoints.map(({ address }) => address);

const port = (number: number, name: string) => ({ name, port: number, protocol: "TCP" as const });

describe("H1: a known port without endpoints has a workload without endpoints", () => {
  test.each([
    ["when there is no slice", []],
    ["when its slice has neither ports nor endpoints", [slice([], { ports: [] })]],
    ["when nothing is ready", [slice([unready("10.0.0.1")])]],
  ])("%s", (_, slices) => {
    expect(addresses(modelOf(service(), ...slices))).toEqual([]);
  });
});

test("H2, H3: slices are joined, and a pod that moves between them neither doubles nor vanishes", () => {
  const walk = [
    [slice([ready("10.0.0.1")], { name: "1" }), slice([], { name: "2" })],
    [slice([ready("10.0.0.1")], { name: "1" }), slice([ready("10.0.0.1")], { name: "2" })],
    [slice([], { name: "1" }), slice([ready("10.0.0.1")], { name: "2" })],
  ];
  let model = emptyModel;
  for (const slices of walk) {
    const output = next(model, [service(), ...slices]);
    expect(addresses(output.model)).toEqual(["10.0.0.1"]);
    expect(output.removal).toBe(false);
    model = output.model;
  }
});

test("H7: one bad Service never stops another", () => {
  const model = modelOf(service({ name: "Bad_Name" }), service(), slice([ready("10.0.0.1")]));
  expect(addresses(model)).toEqual(["10.0.0.1"]);
  expect(model.services.get("default/Bad_Name")?.problems.map(({ code }) => code)).toEqual(["bad-name"]);
  expect(model.services.get(KEY)?.problems).toEqual([]);
});

describe("H8: what converges", () => {
  test("scale to zero and back", () => {
    const full = modelOf(service(), slice([ready("10.0.0.1")]));
    const none = next(full, [service(), slice([], { ports: [] })]);
    const back = next(none.model, [service(), slice([ready("10.0.0.2")])]);
    expect([addresses(none.model), addresses(back.model)]).toEqual([[], ["10.0.0.2"]]);
    expect([none.removal, back.removal]).toEqual([true, false]);
  });

  test("a port that is renamed, with its slices in between still under the old name", () => {
    const before = modelOf(
      service({ ports: [port(8080, "http")] }),
      slice([ready("10.0.0.1")], { ports: [port(8080, "http")] }),
    );
    const between = next(before, [service(), slice([ready("10.0.0.1")], { ports: [port(8080, "http")] })]);
    const after = next(between.model, [service(), slice([ready("10.0.0.1")])]);
    expect([addresses(between.model), addresses(after.model)]).toEqual([[], ["10.0.0.1"]]);
    expect(after.model).toEqual(modelOf(service(), slice([ready("10.0.0.1")])));
  });

  test("a Service that is deleted and created again with another uid", () => {
    const before = modelOf(service(), slice([ready("10.0.0.1")]));
    const gone = next(before, [], { now: 1000 });
    const back = next(gone.model, [service({ uid: "uid-2" }), slice([ready("10.0.0.2")])], { now: 2000 });
    expect(back.model).toEqual(modelOf(service({ uid: "uid-2" }), slice([ready("10.0.0.2")])));
    expect(back.wakeAt).toBeUndefined();
  });
});

describe("B18: a Service that is gone", () => {
  const full = modelOf(service(), slice([ready("10.0.0.1")]));
  const gone = next(full, [], { now: 1000 });

  test("keeps its last workload and all its names for the removal grace", () => {
    expect(gone.model.workloads.get(GREETER)).toEqual({ ...full.workloads.get(GREETER), goneSince: 1000 });
    const entry = gone.model.services.get(KEY);
    expect(entry).toMatchObject({ notServed: "it is gone", problems: [] });
    expect([undefined, "grpc", 8080].map((name) => entry && resolvePort(entry, name)?.cluster)).toEqual(
      Array(3).fill(GREETER),
    );
    expect([gone.removal, gone.wakeAt]).toEqual([false, 31_000]);
  });
  test("keeps its endpoints as they were though its slices go", () => {
    expect(next(gone.model, [slice([])], { now: 2000 }).model).toBe(gone.model);
  });
  test("does not change by being looked at early", () => {
    const early = next(gone.model, [], { now: 30_999, touched: touching() });
    expect(early.model).toBe(gone.model);
    expect(early.wakeAt).toBe(31_000);
  });
  test("goes for good when the grace is over", () => {
    const after = next(gone.model, [], { now: 31_000, touched: touching() });
    expect([after.model.workloads.size, after.model.services.size, after.model.due.size]).toEqual([0, 0, 0]);
    expect(after.changed).toEqual({ workloads: new Set([GREETER]), services: new Set([KEY]) });
    expect(after.wakeAt).toBeUndefined();
  });
  test("ignores the demand of those who still ask", () => {
    const demand = () => new Map([[zoneKey({ region: "", zone: "a" }), 5]]);
    expect(
      next(gone.model, [], { touched: touching(), demandTouched: new Set([GREETER]), demand, now: 2000 }).model,
    ).toBe(gone.model);
  });
});

describe("B18: a port that is gone", () => {
  const both = service({ ports: [port(8080, "grpc"), port(9090, "admin")] });
  const before = modelOf(both, slice([ready("10.0.0.1")]));
  const gone = next(before, [service({ ports: [port(9090, "admin")] }), slice([ready("10.0.0.1")])]);

  test("stands after those that are there, and the other takes the names that need one port", () => {
    const entry = gone.model.services.get(KEY);
    expect(entry?.ports.map((spec) => spec.port)).toEqual([9090, 8080]);
    expect(entry?.defaultPort?.port).toBe(9090);
    expect(gone.model.workloads.get(GREETER)?.goneSince).toBe(0);
  });
  test("leaves its name to a new port that takes it", () => {
    const moved = next(before, [service({ ports: [port(7070, "grpc")] }), slice([ready("10.0.0.1")])]);
    const entry = moved.model.services.get(KEY);
    expect(entry && resolvePort(entry, "grpc")?.port).toBe(7070);
  });
  test("goes after its grace, and the Service stays", () => {
    const after = next(gone.model, [service({ ports: [port(9090, "admin")] }), slice([ready("10.0.0.1")])], {
      now: 30_000,
      touched: touching(),
    });
    expect(after.model.services.get(KEY)?.ports.map((spec) => spec.port)).toEqual([9090]);
    expect([...after.changed.workloads]).toEqual([GREETER]);
  });
});

test("without a grace what is gone goes at once, and its endpoints are a removal", () => {
  const before = modelOf(service(), slice([ready("10.0.0.1")]));
  const after = next(before, [], { settings: { removalGraceMs: 0 } });
  expect([after.model.workloads.size, after.model.services.size, after.removal]).toEqual([0, 0, true]);
});

test("a Service that is switched off is treated as gone, and its entry says why", () => {
  const before = modelOf(service(), slice([ready("10.0.0.1")]));
  const off = service({ annotations: { "evenkeel.dev/enabled": "false" } });
  const after = next(before, [off, slice([ready("10.0.0.1")])], { now: 5 });
  expect(after.model.workloads.get(GREETER)?.goneSince).toBe(5);
  expect(after.model.services.get(KEY)?.notServed).toBe("its annotation evenkeel.dev/enabled is false");
});

describe("H11, E16: what must not be held off", () => {
  const before = modelOf(service(), slice([ready("10.0.0.1"), ready("10.0.0.2")]));
  test.each([
    ["an endpoint that is terminating", [terminating("10.0.0.1"), ready("10.0.0.2")], true],
    ["an endpoint that is no longer ready", [unready("10.0.0.1"), ready("10.0.0.2")], true],
    ["an endpoint that is gone", [ready("10.0.0.2")], true],
    ["an endpoint that is replaced", [ready("10.0.0.3"), ready("10.0.0.2")], true],
    ["not an endpoint more", [ready("10.0.0.1"), ready("10.0.0.2"), ready("10.0.0.3")], false],
    ["not an endpoint that stands elsewhere", [ready("10.0.0.1", { zone: "z" }), ready("10.0.0.2")], false],
  ])("%s", (_, entries, removal) => {
    expect(next(before, [service(), slice(entries)]).removal).toBe(removal);
  });
});

describe("unchanged means identical", () => {
  const nodes = [node("n1", "a", "eu"), node("n2", "b", "eu")];
  const entries = [ready("10.0.0.1", { nodeName: "n1" }), ready("10.0.0.2", { nodeName: "n2" })];
  const objects = [service(), slice(entries), ...nodes];
  const before = modelOf(...objects);

  test("the whole model, when nothing changed, whatever was touched", () => {
    const same = derive(input(objectsOf(...objects), { touched: everything }), before);
    expect(same.model).toBe(before);
    expect(same.changed).toEqual({ workloads: new Set(), services: new Set() });
  });
  test("the spec and each endpoint that stayed, when one is added", () => {
    const { model } = next(before, [service(), slice([...entries, ready("10.0.0.3")]), ...nodes]);
    const [old, now] = [before.workloads.get(GREETER), model.workloads.get(GREETER)];
    expect(now).not.toBe(old);
    expect(now?.spec).toBe(old?.spec);
    expect(now?.endpoints.slice(1)).toEqual(old?.endpoints);
    expect(now?.endpoints[1]).toBe(old?.endpoints[0]);
    expect(now?.endpoints[2]).toBe(old?.endpoints[1]);
    expect(model.services.get(KEY)).toBe(before.services.get(KEY));
  });
  test("the flow, when an endpoint is replaced within its zone", () => {
    const { model } = next(before, [
      service(),
      slice([ready("10.0.0.9", { nodeName: "n1" }), ready("10.0.0.2", { nodeName: "n2" })]),
      ...nodes,
    ]);
    expect(model.workloads.get(GREETER)?.flow).toBe(before.workloads.get(GREETER)?.flow);
  });
  test("the endpoints, when only the Service changed", () => {
    const { model } = next(before, [
      service({ annotations: { "evenkeel.dev/lb": "round_robin" } }),
      slice(entries),
      ...nodes,
    ]);
    expect(model.workloads.get(GREETER)?.endpoints).toBe(before.workloads.get(GREETER)?.endpoints);
    expect(model.workloads.get(GREETER)?.spec.policy.picker).toBe("round-robin");
  });
  test("every workload, when a node without endpoints comes", () => {
    const { model, changed } = next(before, [...objects, node("n3", "c", "eu")], {
      touched: { services: new Set(), topology: true },
    });
    expect(model.workloads).toBe(before.workloads);
    expect(model.topology.zoneOfNode.get("n3")).toEqual({ region: "eu", zone: "c" });
    expect(changed.workloads.size).toBe(0);
  });
});

test("only the touched Service is read", () => {
  const others = Array.from({ length: 50 }, (_, i) => service({ name: `other-${i}` }));
  const objects = objectsOf(service(), slice([ready("10.0.0.1")]), ...others);
  const model = derive(input(objects, { touched: everything }), emptyModel).model;
  const read: string[] = [];
  const spied = <V>(table: { get(key: string): V | undefined }) =>
    new Proxy(table, {
      get: (target, property) => {
        if (property === "get") return (key: string) => [read.push(key), target.get(key)][1];
        throw new Error(`${String(property)} is used`);
      },
    });
  const watched = {
    ...objects,
    services: spied(objects.services),
    slicesByService: spied(objects.slicesByService),
    nodes: spied(objects.nodes),
  };
  derive(input({ ...objects, ...watched } as typeof objects, { touched: touching(KEY) }), model);
  expect(new Set(read)).toEqual(new Set([KEY]));
});

test("problems of slices are told once, though every port of the Service reads them", () => {
  const ports = [port(8080, "grpc"), port(9090, "admin")];
  const model = modelOf(service({ ports }), slice([ready("nowhere")], { ports }));
  expect(model.services.get(KEY)?.problems.map(({ code }) => code)).toEqual(["bad-address"]);
});

test("annotations of the Namespace reach its Services", () => {
  const before = modelOf(service(), slice([ready("10.0.0.1")]));
  const { model } = next(before, [
    service(),
    slice([ready("10.0.0.1")]),
    namespace({ "evenkeel.dev/zone-mode": "spread" }),
  ]);
  expect(model.workloads.get(GREETER)?.spec.policy.mode).toBe("spread");
});

test("the server's default mode is that of Services that ask for none", () => {
  const settings = { removalGraceMs: 0, defaultMode: "prefer" as const };
  const { model } = next(emptyModel, [service(), slice([ready("10.0.0.1")])], { settings });
  expect(model.workloads.get(GREETER)?.spec.policy).toMatchObject({ mode: "prefer", modeFrom: "default" });
});

test("a change of hints is a change of the workload, and no removal", () => {
  const hinted = (zone: string) => slice([ready("10.0.0.1", { hintedZones: [zone] })]);
  const before = modelOf(service(), hinted("a"));
  expect(next(before, [service(), hinted("a")]).model).toBe(before);
  const after = next(before, [service(), hinted("b")]);
  expect([[...after.changed.workloads], after.removal]).toEqual([[GREETER], false]);
});
