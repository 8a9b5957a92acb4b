import { type CircuitBreakers, CircuitBreakers_Thresholds } from "../../gen/envoy/config/cluster/v3/circuit_breaker.ts";
import {
  Cluster,
  Cluster_CommonLbConfig,
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  LoadBalancingPolicy,
} from "../../gen/envoy/config/cluster/v3/cluster.ts";
import { LeastRequest } from "../../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request.ts";
import { RoundRobin } from "../../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin.ts";
import { WrrLocality } from "../../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality.ts";
import { HttpProtocolOptions } from "../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options.ts";
import type { Any } from "../../gen/google/protobuf/any.ts";
import type { Policy, PortSpec } from "../derive/model.ts";
import { ADS_SOURCE } from "./ads-source.ts";
import type { Form } from "./client-kind.ts";
import { incarnation } from "./incarnation.ts";
import { httpOptionsType, leastRequestType, packed, roundRobinType, wrrLocalityType } from "./messages.ts";

const MAX_UINT32 = 0xffffffff;

const HTTP2 = packed(
  httpOptionsType,
  HttpProtocolOptions.fromPartial({
    upstreamProtocolOptions: {
      $case: "explicitHttpConfig",
      value: { protocolConfig: { $case: "http2ProtocolOptions", value: {} } },
    },
  }),
);

const policies = (...configs: readonly (readonly [name: string, config: Any])[]): LoadBalancingPolicy =>
  LoadBalancingPolicy.fromPartial({
    policies: configs.map(([name, typedConfig]) => ({ typedExtensionConfig: { name, typedConfig } })),
  });

const ROUND_ROBIN = ["round_robin", packed(roundRobinType, RoundRobin.create())] as const;
const TWO_CHOICES = ["least_request", packed(leastRequestType, LeastRequest.fromPartial({ choiceCount: 2 }))] as const;

/** Locality weights count only under WrrLocality, and only inside it is a picker that a client does not know skipped. */
const weighted = (...pickers: readonly (readonly [name: string, config: Any])[]): LoadBalancingPolicy =>
  policies([
    "wrr_locality",
    packed(wrrLocalityType, WrrLocality.fromPartial({ endpointPickingPolicy: policies(...pickers) })),
  ]);

const PICKERS: Readonly<Record<Policy["picker"], LoadBalancingPolicy>> = {
  "two-choices": weighted(TWO_CHOICES, ROUND_ROBIN),
  "round-robin": weighted(ROUND_ROBIN),
};

type Balancing = Pick<Cluster, "lbPolicy" | "loadBalancingPolicy" | "commonLbConfig">;

/** resources.md 10.3: gRPC takes a list and refuses Envoy's enum, Envoy takes the enum and refuses gRPC's list. */
function balancing(picker: Policy["picker"], form: Form): Balancing {
  switch (form) {
    case "grpc":
      return {
        lbPolicy: Cluster_LbPolicy.ROUND_ROBIN,
        loadBalancingPolicy: PICKERS[picker],
        commonLbConfig: commonLbConfig({}),
      };
    case "envoy":
      return {
        lbPolicy: picker === "two-choices" ? Cluster_LbPolicy.LEAST_REQUEST : Cluster_LbPolicy.ROUND_ROBIN,
        loadBalancingPolicy: undefined,
        // Draining endpoints count as unhealthy there: without this a scale-down to less than half would send to them.
        commonLbConfig: commonLbConfig({ healthyPanicThreshold: { value: 0 } }),
      };
  }
}

const commonLbConfig = (more: {
  readonly healthyPanicThreshold?: { readonly value: number };
}): Cluster_CommonLbConfig =>
  Cluster_CommonLbConfig.fromPartial({
    ...more,
    localityConfigSpecifier: { $case: "localityWeightedLbConfig", value: {} },
  });

const template = (picker: Policy["picker"], form: Form): Cluster =>
  Cluster.fromPartial({
    clusterDiscoveryType: { $case: "type", value: Cluster_DiscoveryType.EDS },
    connectTimeout: { seconds: 5 },
    typedExtensionProtocolOptions: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": HTTP2 },
    ...balancing(picker, form),
  });

const templates = (form: Form): Readonly<Record<Policy["picker"], Cluster>> => ({
  "two-choices": template("two-choices", form),
  "round-robin": template("round-robin", form),
});

const TEMPLATES: Readonly<Record<Form, ReturnType<typeof templates>>> = {
  grpc: templates("grpc"),
  envoy: templates("envoy"),
};

const THRESHOLDS = CircuitBreakers_Thresholds.create();

const circuitBreakers = (maxRequests: number): CircuitBreakers => ({
  thresholds: [{ ...THRESHOLDS, maxRequests }],
  perHostThresholds: [],
});

/** How the endpoints of one Service port are used. Its assignment has the same name. */
export const cluster = ({ cluster: name, identity, policy }: PortSpec, form: Form): Cluster => ({
  ...TEMPLATES[form][policy.picker],
  name,
  edsClusterConfig: { serviceName: name, edsConfig: ADS_SOURCE },
  circuitBreakers: circuitBreakers(MAX_UINT32 - (incarnation(identity) % 65_536)),
});
