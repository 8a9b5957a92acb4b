import type { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import type {
  RetryPolicy as RetryPolicyMessage,
  RouteAction,
  RouteMatch,
  Route as RouteMessage,
  VirtualHost as VirtualHostMessage,
} from "../../gen/envoy/config/route/v3/route_components.ts";
import { all, bad, ok, type Parsed } from "../parsed.ts";
import { durationMs } from "./duration.ts";
import { type HeaderRule, parseHeader } from "./header.ts";

export type PathRule =
  | { readonly kind: "prefix" | "path"; readonly text: string; readonly ignoreCase: boolean }
  | { readonly kind: "regex"; readonly pattern: RegExp };

export interface WeightedName {
  readonly name: string;
  readonly weight: number;
}

export interface Retries {
  readonly maxAttempts: number;
  readonly statuses: readonly string[];
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

export interface Route {
  readonly path: PathRule;
  readonly headers: readonly HeaderRule[];
  /** The part of matching requests that it takes, from 0 to 1. */
  readonly part: number;
  /** With positive weights; at least one. Undefined where requests cannot be forwarded, which fails them. */
  readonly clusters: readonly WeightedName[] | undefined;
  /** The limit of a request in milliseconds, infinity being none; undefined leaves it to the listener. */
  readonly maxStreamMs: number | undefined;
  readonly retries: Retries | undefined;
}

export interface VirtualHost {
  readonly domains: readonly string[];
  readonly routes: readonly Route[];
}
export type Routes = readonly VirtualHost[];

const DENOMINATORS = [100, 10_000, 1_000_000] as const;

function pathOf({ pathSpecifier, caseSensitive }: RouteMatch): Parsed<PathRule> {
  const ignoreCase = caseSensitive === false;
  switch (pathSpecifier?.$case) {
    case "prefix":
    case "path":
      return ok({ kind: pathSpecifier.$case, text: pathSpecifier.value, ignoreCase });
    case "safeRegex":
      try {
        return ok({ kind: "regex", pattern: new RegExp(`^(?:${pathSpecifier.value.regex})$`, "u") });
      } catch {
        return bad(`"${pathSpecifier.value.regex}" is not a regular expression`);
      }
    case "connectMatcher":
    case "pathSeparatedPrefix":
    case "pathMatchPolicy":
    case undefined:
      return bad(`path matcher ${pathSpecifier?.$case ?? "(none)"} is not supported`);
  }
}

function clustersOf({ clusterSpecifier }: RouteAction): Parsed<readonly WeightedName[]> {
  if (clusterSpecifier?.$case === "cluster") return ok([{ name: clusterSpecifier.value, weight: 1 }]);
  if (clusterSpecifier?.$case !== "weightedClusters")
    return bad(`a cluster by ${clusterSpecifier?.$case ?? "(nothing)"} is not supported`);
  const clusters = clusterSpecifier.value.clusters
    .map(({ name, weight = 0 }) => ({ name, weight }))
    .filter(({ weight }) => weight > 0);
  return clusters.length > 0 ? ok(clusters) : bad("the weights of its clusters are all zero");
}

const STATUSES: ReadonlySet<string> = new Set([
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
]);

/** gRFC A44: what gRPC can retry, at most 5 attempts; undefined when nothing of `retry_on` is a gRPC status. */
function retriesOf(policy: RetryPolicyMessage | undefined): Retries | undefined {
  const words = (policy?.retryOn ?? "").split(",").map((word) => word.trim());
  const statuses = words.filter((word) => STATUSES.has(word)).map((word) => word.toUpperCase().replace("-", "_"));
  if (policy === undefined || statuses.length === 0) return undefined;
  const firstWaitMs = Math.max(1, durationMs(policy.retryBackOff?.baseInterval) ?? 25);
  const longestWaitMs = Math.max(firstWaitMs, durationMs(policy.retryBackOff?.maxInterval) ?? firstWaitMs * 10);
  return { maxAttempts: Math.min(5, (policy.numRetries ?? 1) + 1), statuses, firstWaitMs, longestWaitMs };
}

function partOf({ runtimeFraction }: RouteMatch): number {
  const value = runtimeFraction?.defaultValue;
  return value === undefined ? 1 : value.numerator / (DENOMINATORS[value.denominator] ?? 100);
}

/** gRFC A31: what the route says holds, even a zero, which lifts the listener's limit. */
function limitOf(action: RouteAction | undefined): number | undefined {
  const limits = action?.maxStreamDuration;
  const limit = limits?.grpcTimeoutHeaderMax ?? limits?.maxStreamDuration;
  return limit && (durationMs(limit) ?? Number.POSITIVE_INFINITY);
}

/** Without query parameters, since gRPC paths have none: routes that ask for them are passed over (gRFC A28). */
function routeOf({ match, action }: RouteMessage, host: VirtualHostMessage): Parsed<readonly Route[]> {
  if (match === undefined) return bad("a route has no match");
  if (match.queryParameters.length > 0) return ok([]);
  const path = pathOf(match);
  const headers = all(match.headers.map(parseHeader));
  const forwards = action?.$case === "route" ? action.value : undefined;
  const clusters = forwards === undefined ? ok(undefined) : clustersOf(forwards);
  if (path.kind === "bad") return path;
  if (headers.kind === "bad") return headers;
  if (clusters.kind === "bad") return clusters;
  const retries = retriesOf(forwards?.retryPolicy ?? host.retryPolicy);
  return ok([
    {
      path: path.value,
      headers: headers.value,
      part: partOf(match),
      clusters: clusters.value,
      maxStreamMs: limitOf(forwards),
      retries,
    },
  ]);
}

function hostOf(message: VirtualHostMessage): Parsed<VirtualHost> {
  const routes = all(message.routes.map((route) => routeOf(route, message)));
  return routes.kind === "bad" ? routes : ok({ domains: message.domains, routes: routes.value.flat() });
}

export const parseRoutes = (message: RouteConfiguration): Parsed<Routes> => all(message.virtualHosts.map(hostOf));
