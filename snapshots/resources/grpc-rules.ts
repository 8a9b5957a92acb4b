/**
 * gRPC's own rules for assignments, G1 to G9: Envoy's annotations do not state them, and a client that finds one broken
 * rejects the whole resource.
 */
import type { SocketAddress } from "../../gen/envoy/config/core/v3/address.ts";
import type { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import type { LbEndpoint, LocalityLbEndpoints } from "../../gen/envoy/config/endpoint/v3/endpoint_components.ts";
import type { Violation } from "../../gen/validate/runtime.ts";
import { isAddress, isPort } from "../derive/address.ts";

const MAX_UINT32 = 0xffffffff;

const NONE: readonly Violation[] = [];

const unless = (kept: boolean, path: string, rule: string, message: string): readonly Violation[] =>
  kept ? NONE : [{ path, rule, message }];

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function socketAddressOf({ hostIdentifier }: LbEndpoint): SocketAddress | undefined {
  const address = hostIdentifier?.$case === "endpoint" ? hostIdentifier.value.address?.address : undefined;
  return address?.$case === "socketAddress" ? address.value : undefined;
}

const portOf = (address: SocketAddress | undefined): number =>
  address?.portSpecifier?.$case === "portValue" ? address.portSpecifier.value : 0;

const ADDRESS_PATH = "endpoint.address.socket_address.address";
const PORT_PATH = "endpoint.address.socket_address.port_value";

/** What one endpoint must be on its own. */
export function endpointRules(endpoint: LbEndpoint): readonly Violation[] {
  const address = socketAddressOf(endpoint);
  const port = portOf(address);
  return [
    ...unless(isAddress(address?.address ?? ""), ADDRESS_PATH, "G7", "must be an IP literal"),
    ...unless(isPort(port), PORT_PATH, "G7", "must be from 1 to 65535"),
    ...unless(endpoint.loadBalancingWeight !== 0, "load_balancing_weight", "G6", "must be at least 1 if set"),
  ];
}

const localityKey = ({ locality }: LocalityLbEndpoints): string =>
  `${locality?.region}\0${locality?.zone}\0${locality?.subZone}`;

function localityRules(locality: LocalityLbEndpoints, path: string): readonly Violation[] {
  const weights = sum(locality.lbEndpoints.map((endpoint) => endpoint.loadBalancingWeight ?? 0));
  return [
    ...unless(locality.locality !== undefined, `${path}.locality`, "G1", "must be set"),
    ...unless((locality.loadBalancingWeight ?? 0) >= 1, `${path}.load_balancing_weight`, "G2", "must be at least 1"),
    ...unless(weights <= MAX_UINT32, `${path}.lb_endpoints`, "G3", "must have weights of no more than 2^32-1 together"),
  ];
}

function priorityRules(localities: readonly LocalityLbEndpoints[]): readonly Violation[] {
  const byPriority = Map.groupBy(localities, ({ priority }) => priority);
  return [...byPriority].flatMap(([priority, members]) => {
    const weights = sum(members.map(({ loadBalancingWeight }) => loadBalancingWeight ?? 0));
    return [
      ...unless(weights <= MAX_UINT32, `priority ${priority}`, "G3", "must weigh no more than 2^32-1"),
      ...unless(priority < byPriority.size, `priority ${priority}`, "G5", "must follow the others without a gap"),
    ];
  });
}

/** What an assignment must be apart from its endpoints. */
export function frameRules({ clusterName, endpoints, policy }: ClusterLoadAssignment): readonly Violation[] {
  const localities = new Set(endpoints.map(localityKey));
  const drops = policy?.dropOverloads ?? [];
  return [
    ...unless(clusterName !== "", "cluster_name", "G8", "must not be empty"),
    ...unless(localities.size === endpoints.length, "endpoints", "G4", "must have each locality in one place only"),
    ...unless(
      drops.every(({ category }) => category !== ""),
      "policy.drop_overloads",
      "G8",
      "must have a category",
    ),
    ...endpoints.flatMap((locality, i) => localityRules(locality, `endpoints[${i}]`)),
    ...priorityRules(endpoints),
  ];
}

/** Each address and port once in the whole assignment, as the keys given (G7). */
export function addressRules(keys: readonly string[]): readonly Violation[] {
  if (new Set(keys).size === keys.length) return [];
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  return [{ path: "endpoints", rule: "G7", message: `must have each address once; ${twice} is there twice` }];
}

const addressKey = (endpoint: LbEndpoint): string => {
  const address = socketAddressOf(endpoint);
  return `${address?.address} ${portOf(address)}`;
};

/** All of gRPC's rules on one whole assignment. */
export function grpcRules(assignment: ClusterLoadAssignment): readonly Violation[] {
  const endpoints = assignment.endpoints.flatMap(({ lbEndpoints }) => lbEndpoints);
  return [...frameRules(assignment), ...endpoints.flatMap(endpointRules), ...addressRules(endpoints.map(addressKey))];
}
