import { expect, test } from "vitest";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import type { LbEndpoint, LocalityLbEndpoints } from "../../gen/envoy/config/endpoint/v3/endpoint_components.ts";
import { endpointMessage } from "./endpoint.ts";
import { grpcRules } from "./grpc-rules.ts";

const endpoint = (address: string, port = 8080, weight?: number): LbEndpoint => ({
  ...endpointMessage({ address, port, zone: { region: "", zone: "" }, health: "healthy" }),
  loadBalancingWeight: weight,
});

const locality = (zone: string, more: Partial<LocalityLbEndpoints> = {}): Partial<LocalityLbEndpoints> => ({
  locality: { region: "eu", zone, subZone: "" },
  loadBalancingWeight: 1,
  ...more,
});

const broken = (clusterName: string, ...endpoints: readonly Partial<LocalityLbEndpoints>[]): readonly string[] =>
  grpcRules(ClusterLoadAssignment.fromPartial({ clusterName, endpoints: [...endpoints] })).map(({ rule }) => rule);

test("an assignment that every client takes breaks no rule", () => {
  const p0 = locality("a", { lbEndpoints: [endpoint("10.0.0.1"), endpoint("2001:db8::1")] });
  const p1 = locality("b", { lbEndpoints: [endpoint("10.0.0.1", 8081, 1)], priority: 1 });
  expect(broken("c", p0, p1)).toEqual([]);
});

test("an assignment without localities breaks no rule", () => {
  expect(broken("c")).toEqual([]);
});

test.each<[rule: string, why: string, found: readonly string[]]>([
  ["G1", "a locality without its name", broken("c", { loadBalancingWeight: 1 })],
  ["G2", "a locality of weight 0", broken("c", locality("a", { loadBalancingWeight: 0 }))],
  ["G2", "a locality without weight", broken("c", { locality: { region: "", zone: "a", subZone: "" } })],
  [
    "G3",
    "locality weights beyond 32 bits",
    broken("c", locality("a", { loadBalancingWeight: 0xffffffff }), locality("b")),
  ],
  [
    "G3",
    "endpoint weights beyond 32 bits",
    broken("c", locality("a", { lbEndpoints: [endpoint("10.0.0.1", 1, 0xffffffff), endpoint("10.0.0.2", 1, 1)] })),
  ],
  ["G4", "a locality twice", broken("c", locality("a"), locality("a"))],
  ["G4", "a locality in two priorities", broken("c", locality("a"), locality("a", { priority: 1 }))],
  ["G5", "a priority that is left out", broken("c", locality("a"), locality("b", { priority: 2 }))],
  ["G5", "no priority 0", broken("c", locality("a", { priority: 1 }))],
  ["G6", "an endpoint of weight 0", broken("c", locality("a", { lbEndpoints: [endpoint("10.0.0.1", 1, 0)] }))],
  ["G7", "a host name", broken("c", locality("a", { lbEndpoints: [endpoint("pod-1.example")] }))],
  [
    "G7",
    "an address that means something on one host only",
    broken("c", locality("a", { lbEndpoints: [endpoint("fe80::1%eth0")] })),
  ],
  ["G7", "port 0", broken("c", locality("a", { lbEndpoints: [endpoint("10.0.0.1", 0)] }))],
  [
    "G7",
    "an address twice, in two localities",
    broken(
      "c",
      locality("a", { lbEndpoints: [endpoint("10.0.0.1")] }),
      locality("b", { lbEndpoints: [endpoint("10.0.0.1")] }),
    ),
  ],
  ["G8", "no cluster name", broken("")],
])("%s: %s is refused", (rule, _why, found) => {
  expect(found).toEqual([rule]);
});
