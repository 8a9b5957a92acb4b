import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../balance/zone.ts";
import { ready, terminating, unready } from "../derive/fixtures.ts";
import type { SliceEndpoint } from "../objects.ts";
import { planFor } from "../plan.ts";
import { addresses, at, even, hints, inMode, inZone, reasons, shown, workloadOf } from "./fixtures.ts";
import { zoneClassFor } from "./zone-class.ts";

const EVEN = ["a:2 b:2 c:2"];

describe("prefer: clients of a zone are sent", () => {
  const workload = workloadOf(even, inMode("prefer"), { a: 1000 });
  test("to their own zone alone, whatever its load; behind it stand their region and the rest", () => {
    const plan = planFor(workload, inZone("a"));
    expect(shown(plan)).toEqual(["a:2", "b:2", "c:2"]);
    expect(reasons(plan)).toEqual(["own zone", "own region", "elsewhere"]);
  });
  test("to their region, numbered from 0, when their own zone has none", () => {
    expect(shown(planFor(workload, inZone("d")))).toEqual(["a:2 b:2", "c:2"]);
    expect(shown(planFor(workload, inZone("d", "asia")))).toEqual(EVEN);
  });
  test("to the next level when none in their own zone is ready", () => {
    const leaving = workloadOf(
      [at("a", 1, unready), at("a", 2, terminating), at("b", 1), at("c", 1)],
      inMode("prefer"),
    );
    expect(shown(planFor(leaving, inZone("a")))).toEqual(["b:1", "c:1"]);
  });
  test("H15: to endpoints without zone last, since they are in nobody's own", () => {
    const nameless = workloadOf([at("", 1), at("a", 1), at("b", 1)], inMode("prefer"));
    expect(shown(planFor(nameless, inZone("a")))).toEqual(["a:1", "b:1", ":1"]);
  });
  test("evenly when their zone is unknown, which is no problem", () => {
    const plan = planFor(workload, UNKNOWN);
    expect([shown(plan), plan.problem]).toEqual([EVEN, undefined]);
    expect(reasons(plan)).toEqual(["zone of the client unknown: spread evenly"]);
  });
  test("H12: evenly when none is ready at all", () => {
    const leaving = workloadOf([at("a", 1, terminating), at("b", 1, terminating)], inMode("prefer"));
    expect(shown(planFor(leaving, inZone("a")))).toEqual(["a:1 b:1"]);
  });
});

describe("prefer-node: clients on a node are sent", () => {
  const entries = [...even, at("a", 3, ready, { nodeName: "n-a2" })];
  const workload = workloadOf(entries, inMode("prefer-node"));
  test("G4: to their own node, then to the rest of their zone as another locality, their region, and all others", () => {
    const plan = planFor(workload, inZone("a", "eu", "n-a2"));
    expect(shown(plan)).toEqual(["a/own-node:1", "a:2", "b:2", "c:2"]);
    expect(reasons(plan)).toEqual(["own node", "own zone", "own region", "elsewhere"]);
    expect(addresses(plan)[0]).toBe("10.0.1.3");
  });
  test("to their zone when their node has none, together with all clients of that zone", () => {
    expect(shown(planFor(workload, inZone("a", "eu", "n-z")))).toEqual(["a:3", "b:2", "c:2"]);
    expect(zoneClassFor(workload, inZone("a", "eu", "n-z"))).toEqual(inZone("a"));
  });
  test("to their own node, then evenly, when only their node is known", () => {
    expect(shown(planFor(workload, { kind: "unknown", node: "n-b" }))).toEqual(["b/own-node:2", "a:3 c:2"]);
  });
  test("to their own node also where there is one zone only", () => {
    const one = workloadOf([at("a", 1), at("a", 2, ready, { nodeName: "n-a2" })], inMode("prefer-node"));
    expect(shown(planFor(one, inZone("a", "eu", "n-a2")))).toEqual(["a/own-node:1", "a:1"]);
  });
  test("to the next level when none on their node is ready", () => {
    const leaving = workloadOf([...even, at("a", 3, terminating, { nodeName: "n-a2" })], inMode("prefer-node"));
    expect(shown(planFor(leaving, inZone("a", "eu", "n-a2")))).toEqual(["a:2", "b:2", "c:2"]);
  });
});

describe("filter: clients of a zone are sent", () => {
  const workload = workloadOf(even, inMode("filter"));
  test("to their own zone, and nowhere else should it fail", () => {
    expect(shown(planFor(workload, inZone("a")))).toEqual(["a:2"]);
  });
  test("to all when it has none, or is unknown", () => {
    expect(shown(planFor(workload, inZone("d")))).toEqual(EVEN);
    expect(reasons(planFor(workload, inZone("d")))).toEqual(["own zone has none: spread evenly"]);
    expect(shown(planFor(workload, UNKNOWN))).toEqual(EVEN);
  });
});

describe("hints: clients are sent", () => {
  const hinted = (zone: string, number: number, ...hintedZones: string[]) => at(zone, number, ready, { hintedZones });
  const plan = (entries: readonly SliceEndpoint[], of = inZone("a")) => planFor(workloadOf(entries, hints), of);
  const auto = [hinted("a", 1, "a"), hinted("a", 2, "b"), hinted("b", 1, "b"), hinted("c", 1, "c")];

  test("G4: to those hinted for their zone, then to the others; a zone hinted for several is two localities", () => {
    expect(shown(plan(auto))).toEqual(["a/hinted:1", "a:1 b:1 c:1"]);
    expect(shown(plan(auto, inZone("b")))).toEqual(["a/hinted:1 b/hinted:1", "a:1 c:1"]);
    expect(reasons(plan(auto))).toEqual(["hinted for own zone", "hinted for other clients"]);
  });
  test("by the name of their zone alone, as kube-proxy looks it up", () => {
    expect(zoneClassFor(workloadOf(auto, hints), inZone("a", "us", "n-c"))).toEqual(inZone("a", ""));
  });
  test.each([
    ["a ready endpoint has no hint", [...auto, at("b", 2)], inZone("a")],
    ["a ready endpoint is hinted for nobody", [...auto, hinted("b", 2)], inZone("a")],
    ["none is hinted for their zone", auto, inZone("d")],
    ["their zone is unknown", auto, UNKNOWN],
  ])("evenly when %s", (_, entries, of) => {
    expect(shown(plan(entries, of))).toHaveLength(1);
    expect(reasons(plan(entries, of))).toEqual(["no usable hints for these clients: spread evenly"]);
  });
  test("by hints also when one that is not ready has none", () => {
    expect(shown(plan([...auto, at("b", 2, terminating), at("c", 2, unready)]))).toEqual(["a/hinted:1", "a:1 b:1 c:1"]);
  });
  test("H12: without regard to hints when none is ready", () => {
    const leaving = [at("a", 1, terminating, { hintedZones: ["b"] }), at("b", 1, terminating, { hintedZones: ["a"] })];
    expect(shown(plan(leaving))).toEqual(["a:1 b:1"]);
  });
  test("to those hinted for their node first, if every ready endpoint is hinted for some node", () => {
    const forNodes = [
      at("a", 1, ready, { hintedNodes: ["n-a"], hintedZones: ["a"] }),
      at("a", 2, ready, { hintedNodes: ["n-b"], hintedZones: ["a"] }),
    ];
    expect(shown(plan(forNodes, inZone("a", "eu", "n-a")))).toEqual(["a/hinted:1", "a:1"]);
    expect(reasons(plan(forNodes, inZone("a", "eu", "n-a")))[0]).toBe("hinted for own node");
    expect(shown(plan(forNodes, inZone("a", "eu", "n-z")))).toEqual(["a/hinted:2"]);
    expect(shown(plan([...forNodes, hinted("b", 1, "b")], inZone("a", "eu", "n-a")))).toEqual(["a/hinted:2", "b:1"]);
  });
});
