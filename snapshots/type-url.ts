const PREFIX = "type.googleapis.com/";

export const LISTENER = `${PREFIX}envoy.config.listener.v3.Listener`;
export const ROUTE = `${PREFIX}envoy.config.route.v3.RouteConfiguration`;
export const CLUSTER = `${PREFIX}envoy.config.cluster.v3.Cluster`;
export const ASSIGNMENT = `${PREFIX}envoy.config.endpoint.v3.ClusterLoadAssignment`;

export type TypeUrl = typeof LISTENER | typeof ROUTE | typeof CLUSTER | typeof ASSIGNMENT;

/** Make before break (B1): when several types change, they are sent in this order. */
export const SEND_ORDER: readonly TypeUrl[] = [CLUSTER, ASSIGNMENT, LISTENER, ROUTE];

/** A response of these lists all that is subscribed; what it lacks is deleted (S16). */
export const isFullState = (typeUrl: TypeUrl): boolean => typeUrl === LISTENER || typeUrl === CLUSTER;

export const isTypeUrl = (text: string): text is TypeUrl => (SEND_ORDER as readonly string[]).includes(text);

/** The short words that the admin API, metrics and the CLI use. */
export const SHORT_NAMES = { listener: LISTENER, route: ROUTE, cluster: CLUSTER, assignment: ASSIGNMENT } as const;
export type ShortName = keyof typeof SHORT_NAMES;

export function shortName(typeUrl: TypeUrl): ShortName {
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
