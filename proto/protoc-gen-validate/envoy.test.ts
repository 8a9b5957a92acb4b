import { describe, expect, test } from "vitest";
import { Cluster, type DeepPartial } from "../../gen/envoy/config/cluster/v3/cluster.ts";
import { validateCluster } from "../../gen/envoy/config/cluster/v3/cluster.validate.ts";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import { validateClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.validate.ts";
import type { LbEndpoint, LocalityLbEndpoints } from "../../gen/envoy/config/endpoint/v3/endpoint_components.ts";
import { Listener } from "../../gen/envoy/config/listener/v3/listener.ts";
import { validateListener } from "../../gen/envoy/config/listener/v3/listener.validate.ts";
import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import { validateRouteConfiguration } from "../../gen/envoy/config/route/v3/route.validate.ts";
import type { Route, VirtualHost } from "../../gen/envoy/config/route/v3/route_components.ts";
import { HttpConnectionManager } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import { validateHttpConnectionManager } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.validate.ts";
import type { Violation } from "../../gen/validate/runtime.ts";

const V3 = 2;
const EDS = 3;
const ADS = { configSourceSpecifier: { $case: "ads", value: {} }, resourceApiVersion: V3 } as const;
const UNDEFINED_VALUE = 99 as never;

const any = (type: string) => ({ typeUrl: `type.googleapis.com/envoy.extensions.${type}` });

const brokenBy = (violations: readonly Violation[]): readonly string[] =>
  violations.map(({ path, rule }) => `${path}: ${rule}`);

const cluster = (changes: DeepPartial<Cluster>): readonly string[] =>
  brokenBy(
    validateCluster(
      Cluster.fromPartial({
        name: "foo",
        clusterDiscoveryType: { $case: "type", value: EDS },
        connectTimeout: { seconds: 5, nanos: 0 },
        edsClusterConfig: { serviceName: "foo", edsConfig: ADS },
        circuitBreakers: { thresholds: [{ maxRequests: 4_294_967_295 }] },
        ...changes,
      }),
    ),
  );

const endpoint = (address: string, portValue: number): DeepPartial<LbEndpoint> => {
  const socketAddress = { address, portSpecifier: { $case: "portValue", value: portValue } } as const;
  const value = { address: { address: { $case: "socketAddress", value: socketAddress } } } as const;
  return { healthStatus: 1, hostIdentifier: { $case: "endpoint", value } };
};

const locality = (changes: DeepPartial<LocalityLbEndpoints>): DeepPartial<LocalityLbEndpoints> => ({
  locality: { region: "r", zone: "a" },
  loadBalancingWeight: 3,
  lbEndpoints: [endpoint("10.0.0.1", 8080)],
  ...changes,
});

const assignment = (changes: DeepPartial<ClusterLoadAssignment>): readonly string[] =>
  brokenBy(
    validateClusterLoadAssignment(
      ClusterLoadAssignment.fromPartial({ clusterName: "foo", endpoints: [locality({})], ...changes }),
    ),
  );

const route = (changes: DeepPartial<Route>): DeepPartial<Route> => ({
  match: { pathSpecifier: { $case: "prefix", value: "" }, caseSensitive: true },
  action: { $case: "route", value: { clusterSpecifier: { $case: "cluster", value: "foo" } } },
  ...changes,
});

const virtualHost = (changes: DeepPartial<VirtualHost>): DeepPartial<VirtualHost> => ({
  name: "v",
  domains: ["foo.ns:8080", "foo.ns", "*"],
  routes: [route({})],
  ...changes,
});

const routes = (changes: DeepPartial<RouteConfiguration>): readonly string[] =>
  brokenBy(
    validateRouteConfiguration(
      RouteConfiguration.fromPartial({ name: "foo.ns:8080", virtualHosts: [virtualHost({})], ...changes }),
    ),
  );

const routed = (changes: DeepPartial<Route>): readonly string[] =>
  routes({ virtualHosts: [virtualHost({ routes: [route({}), route(changes)] })] });

const connectionManager = (changes: DeepPartial<HttpConnectionManager>): readonly string[] =>
  brokenBy(
    validateHttpConnectionManager(
      HttpConnectionManager.fromPartial({
        statPrefix: "foo",
        routeSpecifier: { $case: "rds", value: { routeConfigName: "foo.ns:8080", configSource: ADS } },
        httpFilters: [
          { name: "router", configType: { $case: "typedConfig", value: any("filters.http.router.v3.Router") } },
        ],
        ...changes,
      }),
    ),
  );

const listener = (changes: DeepPartial<Listener>): readonly string[] =>
  brokenBy(
    validateListener(
      Listener.fromPartial({
        name: "grpc/server?xds.resource.listening_address=0.0.0.0:8080",
        address: {
          address: {
            $case: "socketAddress",
            value: { address: "0.0.0.0", portSpecifier: { $case: "portValue", value: 8080 } },
          },
        },
        defaultFilterChain: { name: "d", filters: [{ name: "hcm" }] },
        ...changes,
      }),
    ),
  );

test("the shapes that gRPC clients are sent keep Envoy's rules", () => {
  const apiListener = { apiListener: any("filters.network.http_connection_manager.v3.HttpConnectionManager") };
  expect([
    cluster({}),
    assignment({}),
    routes({}),
    connectionManager({}),
    listener({}),
    listener({ address: undefined, defaultFilterChain: undefined, apiListener }),
  ]).toEqual([[], [], [], [], [], []]);
});

describe("a damaged message breaks the rule of the field that is damaged", () => {
  test.each([
    ["a cluster", "name: string.min_len", cluster({ name: "" })],
    [
      "a cluster",
      "type: enum.defined_only",
      cluster({ clusterDiscoveryType: { $case: "type", value: UNDEFINED_VALUE } }),
    ],
    ["a cluster", "connect_timeout: duration.gt", cluster({ connectTimeout: { seconds: 0, nanos: 0 } })],
    ["a cluster", "lb_policy: enum.defined_only", cluster({ lbPolicy: UNDEFINED_VALUE })],
    [
      "a cluster",
      "eds_cluster_config.eds_config.config_source_specifier: oneof.required",
      cluster({ edsClusterConfig: { edsConfig: {} } }),
    ],
    [
      "a cluster",
      "outlier_detection.interval: duration.gt",
      cluster({ outlierDetection: { interval: { seconds: 0, nanos: 0 } } }),
    ],
    [
      "a cluster",
      "ring_hash_lb_config.minimum_ring_size: uint64.lte",
      cluster({ lbConfig: { $case: "ringHashLbConfig", value: { minimumRingSize: 8_388_609 } } }),
    ],
    [
      "a cluster",
      "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: string.min_len",
      cluster({ loadAssignment: { clusterName: "foo", endpoints: [{ lbEndpoints: [endpoint("", 1)] }] } }),
    ],
    ["an assignment", "cluster_name: string.min_len", assignment({ clusterName: "" })],
    ["an assignment", "endpoints[0].priority: uint32.lte", assignment({ endpoints: [locality({ priority: 129 })] })],
    [
      "an assignment",
      "endpoints[1].load_balancing_weight: uint32.gte",
      assignment({ endpoints: [locality({}), locality({ loadBalancingWeight: 0 })] }),
    ],
    [
      "an assignment",
      "endpoints[0].lb_endpoints[1].endpoint.address.socket_address.port_value: uint32.lte",
      assignment({ endpoints: [locality({ lbEndpoints: [endpoint("10.0.0.1", 1), endpoint("10.0.0.2", 65_536)] })] }),
    ],
    [
      "an assignment",
      "endpoints[0].lb_endpoints[0].endpoint.address.address: oneof.required",
      assignment({
        endpoints: [locality({ lbEndpoints: [{ hostIdentifier: { $case: "endpoint", value: { address: {} } } }] })],
      }),
    ],
    [
      "an assignment",
      "policy.drop_overloads[0].category: string.min_len",
      assignment({ policy: { dropOverloads: [{ category: "" }] } }),
    ],
    ["routes", "virtual_hosts[0].name: string.min_len", routes({ virtualHosts: [virtualHost({ name: "" })] })],
    [
      "routes",
      "virtual_hosts[0].domains: repeated.min_items",
      routes({ virtualHosts: [virtualHost({ domains: [] })] }),
    ],
    [
      "routes",
      "virtual_hosts[0].domains[1]: repeated.items.string.well_known_regex",
      routes({ virtualHosts: [virtualHost({ domains: ["a", "a\nb"] })] }),
    ],
    ["routes", "virtual_hosts[0].routes[1].match: message.required", routed({ match: undefined })],
    ["routes", "virtual_hosts[0].routes[1].action: oneof.required", routed({ action: undefined })],
    [
      "routes",
      "virtual_hosts[0].routes[1].route.cluster_specifier: oneof.required",
      routed({ action: { $case: "route", value: {} } }),
    ],
    [
      "routes",
      "virtual_hosts[0].routes[1].match.path_separated_prefix: string.pattern",
      routed({ match: { pathSpecifier: { $case: "pathSeparatedPrefix", value: "/a?" } } }),
    ],
    ["a connection manager", "stat_prefix: string.min_len", connectionManager({ statPrefix: "" })],
    ["a connection manager", "route_specifier: oneof.required", connectionManager({ routeSpecifier: undefined })],
    [
      "a connection manager",
      "http_filters[0].name: string.min_len",
      connectionManager({ httpFilters: [{ name: "" }] }),
    ],
    [
      "a connection manager",
      "rds.config_source: message.required",
      connectionManager({ routeSpecifier: { $case: "rds", value: { routeConfigName: "a" } } }),
    ],
    [
      "a listener",
      "default_filter_chain.filters[0].name: string.min_len",
      listener({ defaultFilterChain: { filters: [{}] } }),
    ],
    [
      "a listener",
      "filter_chains[0].filter_chain_match.destination_port: uint32.gte",
      listener({ filterChains: [{ filterChainMatch: { destinationPort: 0 } }] }),
    ],
    [
      "a listener",
      "filter_chains[0].filter_chain_match.source_ports[1]: repeated.items.uint32.lte",
      listener({ filterChains: [{ filterChainMatch: { sourcePorts: [1, 65_536] } }] }),
    ],
  ])("%s breaks %s", (_what, rule, broken) => {
    expect(broken).toEqual([rule]);
  });
});
