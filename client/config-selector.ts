import { type experimental, type Metadata, type MethodConfig, type ServiceConfig, status } from "@grpc/grpc-js";
import { CLUSTER_KEY } from "./balancer.ts";
import type { Resolution } from "./dependencies.ts";
import type { Retries, Route } from "./parse/route.ts";
import { clusterOf, routeFor } from "./route-match.ts";

type Ready = Extract<Resolution, { readonly kind: "ready" }>;

/** The entry for the method, else for its service, else for all, of a service config that the user gave the channel. */
function methodConfigOf(config: ServiceConfig | undefined, path: string): MethodConfig {
  const [, service = "", method = ""] = path.split("/");
  const fits = (wanted: { readonly service: string; readonly method: string }) => (entry: MethodConfig) =>
    entry.name.some((name) => (name.service || "") === wanted.service && (name.method || "") === wanted.method);
  const entries = config?.methodConfig ?? [];
  return (
    entries.find(fits({ service, method })) ??
    entries.find(fits({ service, method: "" })) ??
    entries.find(fits({ service: "", method: "" })) ?? { name: [] }
  );
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)}s`;

const retryPolicy = ({ maxAttempts, statuses, firstWaitMs, longestWaitMs }: Retries) => ({
  maxAttempts,
  initialBackoff: seconds(firstWaitMs),
  maxBackoff: seconds(longestWaitMs),
  backoffMultiplier: 2,
  retryableStatusCodes: [...statuses],
});

/** What the user set holds where the route says nothing. */
function withRoute(own: MethodConfig, route: Route, maxStreamMs: number | undefined): MethodConfig {
  const limitMs = route.maxStreamMs ?? maxStreamMs ?? Number.POSITIVE_INFINITY;
  return {
    ...own,
    ...(limitMs === Number.POSITIVE_INFINITY
      ? {}
      : { timeout: { seconds: Math.floor(limitMs / 1000), nanos: Math.round((limitMs % 1000) * 1e6) } }),
    ...(route.retries === undefined ? {} : { retryPolicy: retryPolicy(route.retries) }),
  };
}

const header = (metadata: Metadata, name: string): string | undefined => {
  if (name === "content-type") return "application/grpc";
  if (name.endsWith("-bin")) return undefined; // gRFC A28
  const values = metadata.get(name);
  return values.length === 0 ? undefined : values.join(",");
};

const outcome = (code: status, methodConfig: MethodConfig, pickInformation: Record<string, string>) => ({
  methodConfig,
  pickInformation,
  status: code,
  dynamicFilterFactories: [],
});

/** Chooses route and cluster of each request. */
export function configSelector(
  { host, maxStreamMs }: Ready,
  userConfig: ServiceConfig | undefined,
  random: () => number,
): experimental.ConfigSelector {
  return {
    invoke: (path, metadata) => {
      const route = routeFor(host, { path, header: (name) => header(metadata, name) }, random);
      const own = methodConfigOf(userConfig, path);
      if (route?.clusters === undefined) return outcome(status.UNAVAILABLE, own, {});
      const cluster = clusterOf(route.clusters, random);
      return outcome(status.OK, withRoute(own, route, maxStreamMs), { [CLUSTER_KEY]: cluster });
    },
    unref: () => undefined,
  };
}
