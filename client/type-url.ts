const PREFIX = "type.googleapis.com/";

export const LISTENER = `${PREFIX}envoy.config.listener.v3.Listener`;
export const ROUTE = `${PREFIX}envoy.config.route.v3.RouteConfiguration`;
export const CLUSTER = `${PREFIX}envoy.config.cluster.v3.Cluster`;
export const ASSIGNMENT = `${PREFIX}envoy.config.endpoint.v3.ClusterLoadAssignment`;
export const CONNECTION_MANAGER = `${PREFIX}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;

export type TypeUrl = typeof LISTENER | typeof ROUTE | typeof CLUSTER | typeof ASSIGNMENT;

/** In the order in which a client learns that it needs them. */
export const TYPE_URLS: readonly TypeUrl[] = [LISTENER, ROUTE, CLUSTER, ASSIGNMENT];

export const isTypeUrl = (text: string): text is TypeUrl => (TYPE_URLS as readonly string[]).includes(text);

/** Responses of these list all that is subscribed, so that what one lacks is deleted. */
export const isFullState = (typeUrl: TypeUrl): boolean => typeUrl === LISTENER || typeUrl === CLUSTER;

/** "listener", "cluster" and so on, as messages to people say it. */
export function shortName(typeUrl: TypeUrl): string {
  switch (typeUrl) {
    case LISTENER:
      return "listener";
    case ROUTE:
      return "route";
    case CLUSTER:
      return "cluster";
    case ASSIGNMENT:
      return "assignment";
  }
}
