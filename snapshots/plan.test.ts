import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyClass, anyWorkload } from "../e2e/harness/workloads.ts";
import { UNKNOWN, zoneKey } from "./balance/zone.ts";
import { terminating, unready } from "./derive/fixtures.ts";
import { addresses, at, even, inMode, inZone, local, reasons, shown, spread, workloadOf } from "./plan/fixtures.ts";
import { zoneClassFor } from "./plan/zone-class.ts";
import { planFor } from "./plan.ts";

describe("weighted: clients of a zone are sent", () => {
  test("to their own zone alone while it can serve them; the others stand behind, nearest first", () => {
    const plan = planFor(workloadOf(even), inZone("a"));
    expect(shown(plan)).toEqual(["a:10000", "b:2", "c:2"]);
    expect(reasons(plan)).toEqual(["own zone", "failover to own region", "failover to another region"]);
  });
  test("beyond it in proportion to what others have left, in their own region first", () => {
    const plan = planFor(workloadOf(even, {}, { a: 20 }), inZone("a"));
    expect(shown(plan)).toEqual(["a:4286 b:2857 c:2857"]);
    expect(reasons(plan)[1]).toBe("own region, for what nearer zones cannot serve");
  });
  test("by the limit of the rule when nobody was there before", () => {
    expect(shown(planFor(workloadOf(even, {}, { a: 20 }), inZone("d")))).toEqual(["b:5000 c:5000", "a:2"]);
  });
  test("H6: evenly when their zone is unknown", () => {
    const plan = planFor(workloadOf([...even, at("a", 3)]), UNKNOWN);
    expect(shown(plan)).toEqual(["a:3 b:2 c:2"]);
    expect(reasons(plan)).toEqual(["zone of the client unknown: spread evenly"]);
  });
  test("to the only zone that can serve, whatever their own", () => {
    const workload = workloadOf([at("a", 1), at("a", 2), at("b", 1, unready), at("c", 1, terminating)]);
    expect(zoneClassFor(workload, inZone("b"))).toBe(UNKNOWN);
    expect(shown(planFor(workload, inZone("b")))).toEqual(["a:2"]);
    expect(reasons(planFor(workload, inZone("b")))).toEqual(["the only zone"]);
  });
  test("evenly when their zone has no name, though their region is known", () => {
    expect(zoneClassFor(workloadOf(even), inZone(""))).toBe(UNKNOWN);
  });
  test("H15: to endpoints without zone only for what zones with a name cannot serve", () => {
    expect(shown(planFor(workloadOf([at("a", 1), at("b", 1), at("", 1)]), inZone("a")))).toEqual([
      ":3333 a:6667",
      "b:1",
    ]);
  });
  test("nowhere when nothing can serve, as in every mode", () => {
    const plans = [{}, spread, local].map((more) => planFor(workloadOf([at("a", 1, unready)], more), inZone("a")));
    expect(plans.map(({ tiers }) => tiers)).toEqual([[], [], []]);
  });
});

test("H6: spread weighs each zone by its healthy endpoints, for every client", () => {
  const workload = workloadOf([...even, at("a", 3), at("b", 3, terminating)], spread);
  expect(shown(planFor(workload, inZone("a")))).toEqual(["a:3 b:2 c:2"]);
  expect(reasons(planFor(workload, inZone("a")))).toEqual(["spread evenly"]);
  expect(zoneClassFor(workload, inZone("a"))).toBe(UNKNOWN);
});

test("H9: draining endpoints stand beside the healthy ones of their zone, and where there is none they stand nowhere", () => {
  const workload = workloadOf([at("a", 1), at("a", 2, terminating), at("b", 1), at("c", 1, terminating)]);
  const plan = planFor(workload, inZone("a"));
  expect(shown(plan)).toEqual(["a:10000", "b:1"]);
  expect(plan.tiers[0]?.[0]?.endpoints.map(({ health }) => health)).toEqual(["healthy", "draining"]);
});

test("H12: when none is ready those that are terminating serve, without zone preference", () => {
  const workload = workloadOf([at("a", 1, terminating), at("b", 1, terminating), at("b", 2, terminating)]);
  const plan = planFor(workload, inZone("a"));
  expect(shown(plan)).toEqual(["a:1 b:2"]);
  expect(reasons(plan)).toEqual(["none is ready: those that are terminating serve"]);
});

describe("H14: with internalTrafficPolicy Local", () => {
  const workload = workloadOf([...even, at("a", 3, terminating)], local);
  test("clients are sent to the endpoints of their own node alone", () => {
    const plan = planFor(workload, inZone("b", "eu", "n-a"));
    expect(addresses(plan)).toEqual(["10.0.1.1", "10.0.1.2", "10.0.1.3"]);
    expect([shown(plan), reasons(plan)]).toEqual([["a:2"], ["own node"]]);
  });
  test("a node that is known is enough", () => {
    expect(addresses(planFor(workload, { kind: "unknown", node: "n-b" }))).toEqual(["10.0.2.1", "10.0.2.2"]);
  });
  test("clients on a node without endpoints are sent nowhere", () => {
    expect(planFor(workload, inZone("a", "eu", "n-z"))).toEqual({ tiers: [] });
  });
  test("clients of unknown node are served as if it were Cluster, and that is a problem", () => {
    const plan = planFor(workload, inZone("a"));
    expect(shown(plan)).toEqual(["a:2 b:2 c:2"]);
    expect(plan.problem).toMatchObject({ object: "Service default/greeter", code: "client-node-unknown" });
  });
  test("H12: where none of a node is ready, those of it that are terminating serve its clients", () => {
    const leaving = workloadOf([at("a", 1), at("b", 1, terminating), at("b", 2, unready)], local);
    const [locality] = planFor(leaving, inZone("b", "eu", "n-b")).tiers.flat();
    expect(locality?.endpoints.map(({ address, health }) => `${address} ${health}`)).toEqual(["10.0.2.1 healthy"]);
  });
  test("all clients of one node share an assignment, whatever their zone", () => {
    expect(zoneClassFor(workload, inZone("b", "eu", "n-a"))).toEqual(
      zoneClassFor(workload, { kind: "unknown", node: "n-a" }),
    );
    expect(zoneClassFor(workload, inZone("b"))).toBe(UNKNOWN);
  });
});

test("the node of a client does not matter where only zones do", () => {
  expect(zoneClassFor(workloadOf(even), inZone("a", "eu", "n-a"))).toEqual(inZone("a"));
});

test("whatever clients say of themselves, there are no more classes than zones, regions and nodes that matter", () => {
  const workload = workloadOf(even);
  const claimed = Array.from({ length: 100 }, (_, i) => inZone(`z${i}`, i % 2 === 0 ? "eu" : `r${i}`));
  const served = new Set(claimed.map((zoneClass) => JSON.stringify(zoneClassFor(workload, zoneClass))));
  expect(served.size).toBe(2);
  const nodeLocal = workloadOf(even, local);
  const nearby = workloadOf(even, inMode("prefer-node"));
  const onNodes = Array.from({ length: 100 }, (_, i) => inZone(`z${i}`, "eu", `x${i}`));
  const counted = [nodeLocal, nearby].map(
    (one) => new Set(onNodes.map((zoneClass) => JSON.stringify(zoneClassFor(one, zoneClass)))).size,
  );
  expect(counted).toEqual([1, 1]);
});

test("every plan has no empty tier, each locality once, weights of at least 1, each endpoint once, and a healthy one in each locality", () => {
  fc.assert(
    fc.property(anyWorkload, anyClass, (workload, zoneClass) => {
      const { tiers } = planFor(workload, zoneClass);
      const localities = tiers.flat();
      const endpoints = localities.flatMap((locality) => locality.endpoints);
      expect(tiers.filter((tier) => tier.length === 0)).toEqual([]);
      expect(new Set(localities.map(({ zone, subZone }) => `${zoneKey(zone)} ${subZone}`)).size).toBe(
        localities.length,
      );
      expect(new Set(endpoints).size).toBe(endpoints.length);
      expect(localities.filter(({ weight }) => !(Number.isInteger(weight) && weight >= 1))).toEqual([]);
      expect(localities.filter((one) => one.endpoints.every(({ health }) => health === "draining"))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test("outside modes local and filter every healthy endpoint is in every plan", () => {
  fc.assert(
    fc.property(anyWorkload, anyClass, (workload, zoneClass) => {
      fc.pre(!["local", "filter"].includes(workload.spec.policy.mode));
      const planned = planFor(workload, zoneClass)
        .tiers.flat()
        .flatMap(({ endpoints }) => endpoints);
      const healthy = workload.endpoints.filter(({ health }) => health === "healthy");
      expect(healthy.filter((endpoint) => !planned.includes(endpoint))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test("a client is served as its class is", () => {
  fc.assert(
    fc.property(anyWorkload, anyClass, (workload, zoneClass) => {
      const normal = zoneClassFor(workload, zoneClass);
      expect(planFor(workload, normal)).toEqual(planFor(workload, zoneClass));
      expect(zoneClassFor(workload, normal)).toEqual(normal);
    }),
    { numRuns: 1000 },
  );
});
