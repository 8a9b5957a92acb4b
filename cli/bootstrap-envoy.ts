import { isIP } from "node:net";
import { KIND_METADATA } from "../snapshots/resources/client-kind.ts";
import type { Identity } from "./bootstrap.ts";

/** The cluster in the bootstrap that stands for evenkeel itself. */
const XDS_CLUSTER = "evenkeel";

/**
 * Without it, Envoy speaks HTTP/1 to the server, and waits for ever on the stream of one whose machine is gone. Armeria takes HTTP/2 for
 * gRPC without being told.
 */
const HTTP2 = {
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: { connection_keepalive: { interval: "30s", timeout: "10s" } } },
  },
};

const ADS = { ads: {}, resource_api_version: "V3" };

/** Envoy waits for ever by 0; to Armeria it says that a resource is missing when it was just asked for. */
const ADS_OF_ENVOY = { ...ADS, initial_fetch_timeout: "0s" };

/** `unix:PATH`, or `HOST:PORT` with or without `dns:///` before it. */
function xdsCluster(server: string): object {
  const [, path] = /^unix:(.+)$/.exec(server) ?? [];
  const [, bracketed, bare = "", port] = /(?:\[(.+)\]|([^/:]+)):(\d+)$/.exec(server) ?? [];
  const host = bracketed ?? bare;
  const address =
    path === undefined ? { socket_address: { address: host, port_value: Number(port) } } : { pipe: { path } };
  return {
    name: XDS_CLUSTER,
    type: path === undefined && isIP(host) === 0 ? "STRICT_DNS" : "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: XDS_CLUSTER,
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
  };
}

const adsConfig = (apiType: "GRPC" | "DELTA_GRPC", service: object = {}): object => ({
  api_type: apiType,
  transport_api_version: "V3",
  grpc_services: [{ envoy_grpc: { cluster_name: XDS_CLUSTER, ...service } }],
});

/** Envoy waits up to 30 seconds between its attempts to reach a server that is away, unless told otherwise. */
const SOON = { retry_policy: { retry_back_off: { base_interval: "0.25s", max_interval: "5s" } } };

const nodeOf = ({ id, region, zone, subZone, metadata }: Identity, more: object = {}): object => ({
  id,
  cluster: "clients", // Envoy does not start without any
  locality: {
    ...(region !== undefined && { region }),
    ...(zone !== undefined && { zone }),
    ...(subZone !== undefined && { sub_zone: subZone }),
  },
  metadata: { ...metadata, ...more },
});

/** All of Envoy's bootstrap but its listeners, which are its owner's: every cluster comes by delta ADS, routes where a listener asks. */
export const envoyBootstrapOf = (identity: Identity): object => ({
  node: nodeOf(identity),
  dynamic_resources: { ads_config: adsConfig("DELTA_GRPC", SOON), cds_config: ADS_OF_ENVOY },
  static_resources: { clusters: [{ ...xdsCluster(identity.server), typed_extension_protocol_options: HTTP2 }] },
});

/** Armeria's, which asks for listeners as well, and has to say what it is, since it sends no user agent. */
export const armeriaBootstrapOf = (identity: Identity): object => ({
  node: nodeOf(identity, { [KIND_METADATA]: "armeria" }),
  dynamic_resources: { ads_config: adsConfig("GRPC"), lds_config: ADS, cds_config: ADS },
  static_resources: { clusters: [xdsCluster(identity.server)] },
});
