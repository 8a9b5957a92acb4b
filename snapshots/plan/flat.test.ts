import fc from "fast-check";
import { expect, test } from "vitest";
import { anyClass, anyWarming, anyWorkload } from "../../e2e/harness/workloads.ts";
import { planIn } from "../assignments.ts";
import { endpointKey } from "../derive/endpoints.ts";
import { addresses, at, even, inMode, inZone, shown, workloadOf } from "./fixtures.ts";
import { flattened } from "./flat.ts";
import type { PlannedLocality } from "./locality.ts";

const healthy = ({ endpoints }: PlannedLocality) => endpoints.filter(({ health }) => health === "healthy");
const keys = (localities: readonly PlannedLocality[]) =>
  localities.flatMap(({ endpoints }) => endpoints.map(endpointKey));

test("clients that know no weights are sent endpoints of the first tier, as many of each zone as its weight asks for", () => {
  fc.assert(
    fc.property(fc.oneof(anyWorkload, anyWarming), anyClass, (workload, zoneClass) => {
      const plan = planIn("grpc", workload, zoneClass);
      const [tier = []] = plan.tiers;
      const flat = flattened(plan, "seed").tiers;
      expect(flat.length).toBe(Math.min(1, plan.tiers.length));
      const sent = new Set(keys(flat.flat()));
      const most = Math.max(0, ...tier.map((one) => one.weight / healthy(one).length));
      const wrong = tier.filter((one) => {
        const count = one.endpoints.filter((endpoint) => sent.has(endpointKey(endpoint))).length;
        return Math.abs(count - one.weight / most) > 0.5 + 1e-9;
      });
      expect(wrong).toEqual([]);
      expect(
        [...sent].filter((key) => !keys(tier.map((one) => ({ ...one, endpoints: healthy(one) }))).includes(key)),
      ).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
}, 120_000);

const busyB = workloadOf(
  [...Array.from({ length: 20 }, (_, i) => at("a", i + 1)), ...Array.from({ length: 10 }, (_, i) => at("b", i + 1))],
  {},
  { a: 100, b: 200 },
);

test("what a zone cannot carry itself goes to a part of the others, another part for each zone", () => {
  expect(shown(planIn("grpc", busyB, inZone("b")))).toEqual(["a:4918 b:5082"]);
  const flat = planIn("flat", busyB, inZone("b"));
  expect(flat.tiers[0]?.map(({ zone, endpoints }) => [zone.zone, endpoints.length])).toEqual([
    ["a", 10],
    ["b", 10],
  ]);
  expect(addresses(planIn("flat", busyB, inZone("b")))).toEqual(addresses(flat));
  expect(addresses(flattened(planIn("grpc", busyB, inZone("b")), "other"))).not.toEqual(addresses(flat));
});

test("one endpoint that goes moves no other, but for the one that takes its place", () => {
  const before = addresses(planIn("flat", busyB, inZone("b")));
  const [gone = ""] = before;
  const entries = busyB.endpoints.filter(({ address }) => address !== gone);
  const plan = {
    tiers: [
      ["a", "b"].map((zone) => ({
        zone: { region: "eu", zone },
        weight: 1,
        reason: "",
        endpoints: entries.filter((one) => one.zone.zone === zone),
      })),
    ],
  };
  const after = new Set(addresses(flattened(plan, "eu\0b\0")));
  expect(before.filter((address) => !after.has(address))).toEqual([gone]);
});

test("the levels behind the first are left out, since they would be used as well", () => {
  const workload = workloadOf(even, inMode("prefer"));
  expect(shown(planIn("flat", workload, inZone("a")))).toEqual(["a:2"]);
});

test("where nothing can serve, nothing is sent", () => {
  expect(flattened({ tiers: [] }, "").tiers).toEqual([]);
});
