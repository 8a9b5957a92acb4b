import { describe, expect, test } from "vitest";
import { zoneKey } from "../balance/zone.ts";
import type { KubernetesObject, Service } from "../objects.ts";
import { modelOf, next, node, ready, service, slice, touching } from "./fixtures.ts";
import type { Model } from "./model.ts";

const GREETER = "greeter.default:8080";

describe("demand", () => {
  const nodes = [node("n1", "a", "eu"), node("n2", "b", "eu")];
  const objects = [
    service(),
    slice([ready("10.0.0.1", { nodeName: "n1" }), ready("10.0.0.2", { nodeName: "n2" })]),
    ...nodes,
  ];
  const before = modelOf(...objects);
  const inA = (count: number) => new Map([[zoneKey({ region: "eu", zone: "a" }), count]]);
  const counted = (previous: Model, count: number, now: number, of: readonly KubernetesObject[] = objects) =>
    next(previous, of, {
      touched: touching(),
      demand: () => inA(count),
      demandTouched: new Set([GREETER, "no.such:1"]),
      now,
    });
  const first = counted(before, 20, 100);

  test("of the first clients acts at once", () => {
    expect(first.model.workloads.get(GREETER)?.demand).toEqual({ streams: inA(20), since: 100 });
    expect(first.model.workloads.get(GREETER)?.endpoints).toBe(before.workloads.get(GREETER)?.endpoints);
    expect([...first.changed.workloads]).toEqual([GREETER]);
    expect([first.removal, first.wakeAt]).toEqual([false, undefined]);
  });
  test("that changes again waits, then acts without being touched", () => {
    const second = counted(first.model, 200, 5000);
    expect(second.changed.workloads.size).toBe(0);
    expect(second.wakeAt).toBe(10_100);
    const third = next(second.model, objects, { touched: touching(), demand: () => inA(200), now: 10_100 });
    expect(third.model.workloads.get(GREETER)?.demand).toEqual({ streams: inA(200), since: 10_100 });
    expect(third.wakeAt).toBeUndefined();
  });
  test("that goes back while it waits is forgotten", () => {
    const second = counted(first.model, 200, 5000);
    const third = counted(second.model, 20, 6000);
    expect(third.model.due.size).toBe(0);
    expect(third.model.workloads.get(GREETER)).toBe(first.model.workloads.get(GREETER));
  });
  test("is held while capacity changes at once", () => {
    const grown = [service(), slice([1, 2, 3].map((i) => ready(`10.0.0.${i}`, { nodeName: "n1" }))), ...nodes];
    const after = next(first.model, grown, { demand: () => inA(21), now: 200 });
    const workload = after.model.workloads.get(GREETER);
    expect(workload?.demand).toBe(first.model.workloads.get(GREETER)?.demand);
    expect(workload?.flow.capacity.map(({ part }) => part)).toEqual([1]);
  });
  test("is not looked at where zones do not weigh", () => {
    const spread: Service = service({ annotations: { "evenkeel.dev/zone-mode": "spread" } });
    const model = modelOf(spread, ...objects.slice(1));
    expect(counted(model, 20, 100, [spread, ...objects.slice(1)]).model).toBe(model);
  });
  test("that the Service says acts at once, whatever streams there are", () => {
    const said = (text: string): Service => service({ annotations: { "evenkeel.dev/demand": text } });
    const model = modelOf(said("a=1"), ...objects.slice(1));
    const parts = (of: Model) => of.workloads.get(GREETER)?.flow.demand.map(({ zone, part }) => [zone.zone, part]);
    expect(parts(model)).toEqual([["a", 1]]);
    expect(counted(model, 200, 100, [said("a=1"), ...objects.slice(1)]).model).toBe(model);
    const after = next(model, [said("a=1,b=3"), ...objects.slice(1)], { demand: () => inA(200), now: 101 });
    expect(parts(after.model)).toEqual([
      ["a", 0.25],
      ["b", 0.75],
    ]);
  });
  test("that the Service says follows the region of a zone, though none of its endpoints is there", () => {
    const said: readonly KubernetesObject[] = [
      service({ annotations: { "evenkeel.dev/demand": "a=1,c=1" } }),
      ...objects.slice(1),
    ];
    const after = next(modelOf(...said), [...said, node("n3", "c", "us")], {
      touched: { services: new Set(), topology: true },
    });
    const zones = after.model.workloads.get(GREETER)?.flow.demand.map(({ zone }) => `${zone.region}/${zone.zone}`);
    expect(zones).toEqual(["eu/a", "us/c"]);
  });
  test("acts at once by another tolerance", () => {
    const tolerant = service({ annotations: { "evenkeel.dev/zone-tolerance": "50%" } });
    const after = next(first.model, [tolerant, ...objects.slice(1)], { demand: () => inA(20), now: 101 });
    const workload = after.model.workloads.get(GREETER);
    expect([workload?.flow.tolerance, workload?.demand]).toEqual([0.5, first.model.workloads.get(GREETER)?.demand]);
  });
  test("is balanced anew when zones grow large enough, though their parts stay the same", () => {
    const least = service({ annotations: { "evenkeel.dev/min-zone-endpoints": "2", "evenkeel.dev/demand": "a=1" } });
    const grown = ["n1", "n1", "n2", "n2"].map((nodeName, i) => ready(`10.0.0.${i + 1}`, { nodeName }));
    const small = modelOf(least, ...objects.slice(1));
    const { model } = next(small, [least, slice(grown), ...nodes]);
    const tooSmall = [small, model].map((one) => one.workloads.get(GREETER)?.flow.tooSmall.size);
    expect(tooSmall).toEqual([2, 0]);
  });
  test("wakes for the earliest of several", () => {
    const other = [service({ name: "other" })];
    const waiting = counted(first.model, 200, 5000, [...objects, ...other]);
    const withOther = next(waiting.model, [...objects, ...other], { touched: touching("default/other"), now: 5000 });
    const otherGone = next(withOther.model, objects, {
      touched: touching("default/other"),
      now: 6000,
      settings: { removalGraceMs: 1000 },
    });
    expect(otherGone.wakeAt).toBe(7000);
    const later = next(otherGone.model, objects, {
      touched: touching(),
      now: 7000,
      demand: () => inA(200),
      settings: { removalGraceMs: 1000 },
    });
    expect([...later.changed.workloads]).toEqual(["other.default:8080"]);
    expect(later.wakeAt).toBe(10_100);
  });
});
