import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, type TypeUrl } from "../../snapshots/type-url.ts";
import type { ServerCall } from "../grpc/call.ts";
import type { GrpcServer } from "../grpc/server.ts";

/** A method that serves discovery: its path, its variant, and the one type it serves, or all. */
export interface DiscoveryMethod {
  readonly path: string;
  readonly variant: "sotw" | "delta";
  readonly only: TypeUrl | undefined;
}

export const ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService";

const pair = (service: string, what: string, only?: TypeUrl): DiscoveryMethod[] => [
  { path: `/${service}/Stream${what}`, variant: "sotw", only },
  { path: `/${service}/Delta${what}`, variant: "delta", only },
];

/** ADS and the per-type services. What is not here (`Fetch*`, load reports) is UNIMPLEMENTED (E25). */
export const DISCOVERY_METHODS: readonly DiscoveryMethod[] = [
  ...pair(ADS, "AggregatedResources"),
  ...pair("envoy.service.listener.v3.ListenerDiscoveryService", "Listeners", LISTENER),
  ...pair("envoy.service.route.v3.RouteDiscoveryService", "Routes", ROUTE),
  ...pair("envoy.service.cluster.v3.ClusterDiscoveryService", "Clusters", CLUSTER),
  ...pair("envoy.service.endpoint.v3.EndpointDiscoveryService", "Endpoints", ASSIGNMENT),
];

/** Has each discovery method served by `open`. */
export function serveDiscovery(
  server: Pick<GrpcServer, "register">,
  open: (call: ServerCall, method: DiscoveryMethod) => void,
): void {
  for (const method of DISCOVERY_METHODS) server.register(method.path, (call) => open(call, method));
}
