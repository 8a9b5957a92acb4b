/** The ways to set Envoy up that are in use besides everything by ADS, as its own configuration. */
import {
  ADMIN,
  ADS,
  adsConfig,
  listener,
  type Protocol,
  staticCluster,
  XDS_CLUSTER,
} from "../programs/envoy/config.ts";

/** Where each type is asked for on a stream of its own. */
const ownStream = (protocol: Protocol) => ({
  resource_api_version: "V3",
  initial_fetch_timeout: "0s",
  api_config_source: adsConfig(protocol),
});

interface Around {
  /** HOST:PORT of evenkeel, and of what is there without it. */
  readonly xds: string;
  readonly fallback?: string;
  readonly protocol: Protocol;
}

const socketOf = (text: string) => ({
  address: text.slice(0, text.lastIndexOf(":")),
  port: Number(text.slice(text.lastIndexOf(":") + 1)),
});

const whole = ({ xds }: Around, listeners: readonly object[], clusters: readonly object[], dynamic?: object) => ({
  node: { id: "shape", cluster: "e2e", locality: { region: "r", zone: "a" } },
  admin: ADMIN,
  ...(dynamic !== undefined && { dynamic_resources: dynamic }),
  static_resources: { listeners, clusters: [staticCluster(XDS_CLUSTER, [socketOf(xds)]), ...clusters] },
});

/** Everything on one stream; a listener for each target. */
export const allByAds = (around: Around, ...targets: readonly string[]) =>
  whole(around, targets.map(listener), [], { ads_config: adsConfig(around.protocol), cds_config: ADS });

/** Clusters on a stream of their own, the rest by ADS, as the clusters themselves say. */
export const clustersApart = (around: Around, ...targets: readonly string[]) =>
  whole(around, targets.map(listener), [], {
    ads_config: adsConfig(around.protocol),
    cds_config: ownStream(around.protocol),
  });

/**
 * Endpoints alone, on a stream of their own, for a cluster that is Envoy's own; where there are none, a second one serves. The
 * listener is named as the cluster over both.
 */
export function endpointsAlone(around: Around, name: string) {
  const { typed_extension_protocol_options } = staticCluster("", []);
  const eds = {
    name: "by-evenkeel",
    type: "EDS",
    connect_timeout: "1s",
    typed_extension_protocol_options,
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    eds_cluster_config: { service_name: name, eds_config: ownStream(around.protocol) },
  };
  const aggregate = {
    name: "either",
    connect_timeout: "1s",
    lb_policy: "CLUSTER_PROVIDED",
    cluster_type: {
      name: "envoy.clusters.aggregate",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig",
        clusters: ["by-evenkeel", "without"],
      },
    },
  };
  const without = staticCluster("without", [socketOf(around.fallback ?? "")]);
  return whole(around, [listener("either")], [eds, without, aggregate]);
}
