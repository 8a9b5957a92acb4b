import {
  type CircuitBreakers,
  CircuitBreakers_Thresholds,
  type CircuitBreakers_Thresholds_RetryBudget,
} from "../../gen/envoy/config/cluster/v3/circuit_breaker.ts";
import {
  Cluster,
  Cluster_CommonLbConfig,
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  Cluster_SlowStartConfig,
  LoadBalancingPolicy,
} from "../../gen/envoy/config/cluster/v3/cluster.ts";
import { LeastRequest } from "../../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request.ts";
import {
  RingHash,
  RingHash_HashFunction,
} from "../../gen/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash.ts";
import { RoundRobin } from "../../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin.ts";
import { WrrLocality } from "../../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality.ts";
import { HttpProtocolOptions } from "../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options.ts";
import type { Any } from "../../gen/google/protobuf/any.ts";
import type { PortSpec, TrafficPolicy } from "../derive/model.ts";
import type { ClusterForm } from "./client-kind.ts";
import { ADS_SOURCE, SELF_SOURCE } from "./config-source.ts";
import { durationOf } from "./duration.ts";
import { incarnation } from "./incarnation.ts";
import {
  httpOptionsType,
  leastRequestType,
  packed,
  ringHashType,
  roundRobinType,
  wrrLocalityType,
} from "./messages.ts";
import { outlierDetection } from "./outlier-detection.ts";

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

/** Weighs localities itself. Without sizes, since Node refuses any; the hash is named, since Go, Java and Node refuse the default. */
const RING_HASH = packed(ringHashType, RingHash.fromPartial({ hashFunction: RingHash_HashFunction.XX_HASH }));

type Picker = TrafficPolicy["picker"];

const LISTS: Readonly<Record<Picker, LoadBalancingPolicy>> = {
  "two-choices": weighted(TWO_CHOICES, ROUND_ROBIN),
  "round-robin": weighted(ROUND_ROBIN),
  "ring-hash": policies(["ring_hash", RING_HASH]),
};

const ENUMS: Readonly<Record<Picker, Cluster_LbPolicy>> = {
  "two-choices": Cluster_LbPolicy.LEAST_REQUEST,
  "round-robin": Cluster_LbPolicy.ROUND_ROBIN,
  "ring-hash": Cluster_LbPolicy.RING_HASH,
};

type Balancing = Pick<Cluster, "lbPolicy" | "loadBalancingPolicy" | "commonLbConfig">;

/**
 * gRPC takes a list beside ROUND_ROBIN, and some of it refuses any other enum; Envoy takes the enum and refuses the list, as does
 * Armeria, which knows round robin alone.
 */
function balancing(picker: Picker, form: ClusterForm): Balancing {
  switch (form) {
    case "grpc":
    case "java":
      return {
        lbPolicy: Cluster_LbPolicy.ROUND_ROBIN,
        loadBalancingPolicy: LISTS[picker],
        commonLbConfig: commonLbConfig({}),
      };
    case "envoy":
      return {
        lbPolicy: ENUMS[picker],
        loadBalancingPolicy: undefined,
        // Draining endpoints count as unhealthy there: without this a scale-down to less than half would send to them.
        commonLbConfig: commonLbConfig({ healthyPanicThreshold: { value: 0 } }),
      };
    case "armeria":
      return {
        lbPolicy: Cluster_LbPolicy.ROUND_ROBIN,
        loadBalancingPolicy: undefined,
        commonLbConfig: commonLbConfig({}),
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

const template = (picker: Picker, form: ClusterForm): Cluster =>
  Cluster.fromPartial({
    clusterDiscoveryType: { $case: "type", value: Cluster_DiscoveryType.EDS },
    connectTimeout: { seconds: 5 },
    typedExtensionProtocolOptions: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": HTTP2 },
    ...balancing(picker, form),
  });

const templates = (form: ClusterForm): Readonly<Record<Picker, Cluster>> => ({
  "two-choices": template("two-choices", form),
  "round-robin": template("round-robin", form),
  "ring-hash": template("ring-hash", form),
});

const GRPC = templates("grpc");

const TEMPLATES: Readonly<Record<ClusterForm, ReturnType<typeof templates>>> = {
  grpc: GRPC,
  java: GRPC,
  envoy: templates("envoy"),
  armeria: templates("armeria"),
};

/** Java counts requests only of a cluster whose load it is to report (grpc/grpc-java#8713); it goes on where nobody takes reports (E25). */
const COUNTED: Partial<Cluster> = { lrsServer: SELF_SOURCE };

const THRESHOLDS = CircuitBreakers_Thresholds.create();

/** Envoy lets three retries run at once unless told otherwise; this makes it a fifth of the requests that do. */
const RETRY_BUDGET: CircuitBreakers_Thresholds_RetryBudget = { budgetPercent: { value: 20 }, minRetryConcurrency: 3 };

/** Where nobody asks for a limit, the difference between two limits that nobody reaches tells incarnations apart (B20). */
function circuitBreakers({ maxRequests }: TrafficPolicy, form: ClusterForm, incarnation: number): CircuitBreakers {
  const thresholds = { ...THRESHOLDS, maxRequests: maxRequests ?? MAX_UINT32 - (incarnation % 65_536) };
  const retryBudget = form === "envoy" ? RETRY_BUDGET : undefined;
  return { thresholds: [{ ...thresholds, retryBudget }], perHostThresholds: [] };
}

/** Only Envoy warms endpoints up itself: the others are sent assignments that do. */
function lbConfig({ picker, warmUpMs }: TrafficPolicy, form: ClusterForm): Cluster["lbConfig"] {
  if (form !== "envoy" || warmUpMs === undefined || picker === "ring-hash") return undefined;
  const slowStartConfig = Cluster_SlowStartConfig.fromPartial({ slowStartWindow: durationOf(warmUpMs) });
  if (picker === "round-robin") return { $case: "roundRobinLbConfig", value: { slowStartConfig } };
  return {
    $case: "leastRequestLbConfig",
    value: { choiceCount: undefined, activeRequestBias: undefined, slowStartConfig },
  };
}

/** How the endpoints of one Service port are used. Its assignment has the same name. */
export function cluster({ cluster: name, identity, policy }: PortSpec, form: ClusterForm): Cluster {
  const number = incarnation(identity);
  const base = {
    ...TEMPLATES[form][policy.picker],
    name,
    edsClusterConfig: { serviceName: name, edsConfig: ADS_SOURCE },
  };
  if (form === "armeria") return base; // it refuses a cluster that has any of the following
  return {
    ...base,
    circuitBreakers: circuitBreakers(policy, form, number),
    outlierDetection: outlierDetection(policy, form, number),
    lbConfig: lbConfig(policy, form),
    ...(form === "java" && policy.maxRequests !== undefined && COUNTED),
  };
}
