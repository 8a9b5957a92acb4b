/** Envoy's own configuration: one listener for each target, which leads to its cluster. */
import { listenerNamed } from "./listener.ts";

export type Protocol = "sotw" | "delta";

export const XDS_CLUSTER = "evenkeel";

interface Socket {
  readonly address: string;
  readonly port: number;
}

/** `HOST:PORT`, alone or as a list after `ipv4:`. */
const socketsIn = (uri: string): readonly Socket[] =>
  uri
    .replace(/^ipv4:/, "")
    .split(",")
    .map((one) => ({ address: one.slice(0, one.lastIndexOf(":")), port: Number(one.slice(one.lastIndexOf(":") + 1)) }));

const addressOf = ({ address, port }: Socket) => ({ socket_address: { address, port_value: port } });

const HTTP2 = {
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: {} },
  },
};

export const staticCluster = (name: string, sockets: readonly Socket[]) => ({
  name,
  type: "STATIC",
  connect_timeout: "1s",
  typed_extension_protocol_options: HTTP2,
  load_assignment: {
    cluster_name: name,
    endpoints: [{ lb_endpoints: sockets.map((socket) => ({ endpoint: { address: addressOf(socket) } })) }],
  },
});

/** On a port that it chooses. */
export const ADMIN = { address: addressOf({ address: "127.0.0.1", port: 0 }) };

export const ADS = { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" };

const routesTo = (cluster: string) => ({
  name: cluster,
  virtual_hosts: [
    { name: cluster, domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster, timeout: "0s" } }] },
  ],
});

/** The canonical name that an `xds:///` target stands for; undefined for one that names addresses. */
const nameIn = (target: string): string | undefined => /^xds:\/\/\/(.+)$/.exec(target)?.[1];

/** On a port of its own, which it chooses. Routes come from the server, with the timeouts and retries that the Service asks for. */
export function listener(target: string) {
  const name = nameIn(target);
  return listenerNamed(target, name === undefined ? { own: routesTo(target) } : { from: name });
}

/** How it asks for everything. It waits for a server that is away no longer than two seconds at a time. */
export const adsConfig = (protocol: Protocol) => ({
  api_type: protocol === "delta" ? "DELTA_GRPC" : "GRPC",
  transport_api_version: "V3",
  set_node_on_first_message_only: true,
  grpc_services: [
    {
      envoy_grpc: {
        cluster_name: XDS_CLUSTER,
        retry_policy: { retry_back_off: { base_interval: "0.25s", max_interval: "2s" } },
      },
    },
  ],
});

/** What its owner adds: a listener for each target, and a cluster for those that name addresses. */
export const ownFor = (targets: readonly string[]): object => ({
  admin: ADMIN,
  static_resources: {
    clusters: targets
      .filter((target) => nameIn(target) === undefined)
      .map((target) => staticCluster(target, socketsIn(target))),
    listeners: targets.map(listener),
  },
});

/** Whether all of them name addresses, so that nobody has to be asked. */
export const areFixed = (targets: readonly string[]): boolean =>
  targets.every((target) => nameIn(target) === undefined);
