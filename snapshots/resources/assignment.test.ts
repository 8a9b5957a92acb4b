import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HealthStatus } from "../../gen/envoy/config/core/v3/health_check.ts";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import type { Endpoint } from "../derive/model.ts";
import { compareAll } from "../order.ts";
import type { PlannedLocality } from "../plan/locality.ts";
import type { Plan } from "../plan.ts";
import { assignment, emptyAssignment, frame, placed } from "./assignment.ts";
import type { AssignmentForm } from "./client-kind.ts";
import { endpointMessage } from "./endpoint.ts";
import { grpcRules } from "./grpc-rules.ts";
import { assignmentType } from "./messages.ts";
import { checked, type Resource } from "./resource.ts";
import { digest } from "./version.ts";

const ipv4 = fc.ipV4();
const ipv6 = fc
  .tuple(fc.nat(0xffff), fc.nat(0xffff))
  .map(([a, b]) => `2001:db8:${(a | 1).toString(16)}::${(b | 1).toString(16)}`);
const health = fc.constantFrom<Endpoint["health"]>("healthy", "draining");
const address = fc.record({ address: fc.oneof(ipv4, ipv6), port: fc.integer({ min: 1, max: 65_535 }), health });
const zone = fc.record({ region: fc.constantFrom("", "eu", "us"), zone: fc.constantFrom("", "a", "b", "zürich-1") });

const byAddress = (a: Endpoint, b: Endpoint): number => compareAll([a.address], [b.address]) || a.port - b.port;

/** Any plan of a workload that passed its checks: addresses unique, each zone once, endpoints in order. */
const plan: fc.Arbitrary<Plan> = fc
  .uniqueArray(fc.tuple(zone, fc.nat(2), fc.integer({ min: 1, max: 10_000 }), fc.array(address, { maxLength: 12 })), {
    selector: ([{ region, zone }]) => `${region}/${zone}`,
    maxLength: 6,
  })
  .map((localities) => {
    const seen = new Set<string>();
    const tiers: PlannedLocality[][] = [[], [], []];
    for (const [zone, tier, weight, addresses] of localities) {
      const fresh = addresses.filter(
        ({ address, port }) => !seen.has(`${address} ${port}`) && seen.add(`${address} ${port}`),
      );
      const endpoints = fresh.map((one): Endpoint => ({ ...one, zone })).toSorted(byAddress);
      tiers[tier]?.push({ zone, weight, endpoints, reason: "" });
    }
    return { tiers: tiers.filter((tier) => tier.length > 0) };
  });

const form = fc.constantFrom<AssignmentForm>("grpc", "envoy", "flat");

function passed(plan: Plan, form: AssignmentForm): Resource {
  const made = assignment("greeter.default:8080", plan, form);
  expect(made).toMatchObject({ kind: "passed" });
  return (made as Extract<typeof made, { kind: "passed" }>).resource;
}

const decoded = (plan: Plan, form: AssignmentForm): ClusterLoadAssignment =>
  assignmentType.decode(passed(plan, form).bytes);

test("an assignment has the very bytes that the ordinary encoder writes", () => {
  fc.assert(
    fc.property(plan, form, (plan, form) => {
      const localities = placed(plan, form);
      const message = frame("greeter.default:8080", localities, form);
      const whole = {
        ...message,
        endpoints: message.endpoints.map((locality, i) => ({
          ...locality,
          lbEndpoints: localities[i]?.endpoints.map(endpointMessage) ?? [],
        })),
      };
      expect(Buffer.from(passed(plan, form).bytes)).toEqual(Buffer.from(ClusterLoadAssignment.encode(whole).finish()));
    }),
    { numRuns: 500 },
  );
});

test("whatever the plan, what is sent passes gRPC's rules and Envoy's when it is read back whole (G1 to G9)", () => {
  fc.assert(
    fc.property(plan, form, (plan, form) => {
      const message = decoded(plan, form);
      expect(grpcRules(message)).toEqual([]);
      expect(checked(assignmentType, message.clusterName, message)).toMatchObject({ kind: "passed" });
    }),
  );
});

test("B15: equal bytes have equal versions, taken from the bytes", () => {
  fc.assert(
    fc.property(plan, form, (plan, form) => {
      const { bytes, version } = passed(plan, form);
      expect(version).toBe(digest(bytes));
      expect(passed(structuredClone(plan), form).version).toBe(version);
    }),
  );
});

const a = { region: "eu", zone: "a" };
const b = { region: "eu", zone: "b" };
const one = (address: string, zone = a, health: Endpoint["health"] = "healthy"): Endpoint => ({
  address,
  port: 80,
  zone,
  health,
});
const locality = (endpoints: readonly Endpoint[], zone = a, weight = 1): PlannedLocality => ({
  zone,
  weight,
  endpoints,
  reason: "",
});

const shape = ({ endpoints }: ClusterLoadAssignment) =>
  endpoints.map(({ locality, priority, lbEndpoints }) => [
    locality?.zone,
    priority,
    lbEndpoints.map(({ healthStatus }) => healthStatus),
  ]);

describe("draining endpoints (H9)", () => {
  const plan: Plan = {
    tiers: [
      [locality([one("10.0.0.1", a, "draining")])],
      [locality([one("10.0.0.2", b), one("10.0.0.3", b, "draining")], b)],
    ],
  };

  test("G5: are left out for gRPC, and priorities are counted over what is left", () => {
    expect(shape(decoded(plan, "grpc"))).toEqual([["b", 0, [HealthStatus.HEALTHY]]]);
  });

  test("are sent to Envoy as such", () => {
    expect(shape(decoded(plan, "envoy"))).toEqual([
      ["a", 0, [HealthStatus.DRAINING]],
      ["b", 1, [HealthStatus.HEALTHY, HealthStatus.DRAINING]],
    ]);
  });
});

test("Envoy is told to spill to the next priority as late as gRPC does, gRPC is told nothing", () => {
  const plan = { tiers: [[locality([one("10.0.0.1")])]] };
  expect([decoded(plan, "envoy").policy?.overprovisioningFactor, decoded(plan, "grpc").policy]).toEqual([
    10_000,
    undefined,
  ]);
});

test("B18 B21: a cluster without endpoints has an empty assignment, the same as one that is gone for good", () => {
  expect(passed({ tiers: [] }, "grpc")).toEqual(emptyAssignment("greeter.default:8080"));
  expect(grpcRules(assignmentType.decode(emptyAssignment("greeter.default:8080").bytes))).toEqual([]);
});

test.each<[rule: string, tiers: Plan["tiers"]]>([
  ["G2", [[locality([one("10.0.0.1")], a, 0)]]],
  ["G3", [[locality([one("10.0.0.1")], a, 0xffffffff), locality([one("10.0.0.2", b)], b, 1)]]],
  ["G4", [[locality([one("10.0.0.1")])], [locality([one("10.0.0.2")])]]],
  ["G9", [[locality([one("10.0.0.2"), one("10.0.0.1")])]]],
  ["G9", [[locality([one("10.0.0.1"), one("10.0.0.1")])]]],
  ["G9", [[locality([one("10.0.0.1", b)])]]],
])("a plan that breaks %s is refused, not sent", (rule, tiers) => {
  const made = assignment("greeter.default:8080", { tiers }, "grpc");
  expect(made).toMatchObject({
    kind: "refused",
    violations: expect.arrayContaining([expect.objectContaining({ rule })]),
  });
});
