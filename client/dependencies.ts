import type { Cache, Entry } from "./cache.ts";
import type { Assignment } from "./parse/assignment.ts";
import type { Cluster } from "./parse/cluster.ts";
import type { Listener } from "./parse/listener.ts";
import type { Routes, VirtualHost } from "./parse/route.ts";
import { virtualHostFor } from "./route-match.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, shortName, type TypeUrl } from "./type-url.ts";

export interface ResourceName {
  readonly typeUrl: TypeUrl;
  readonly name: string;
}

/** A cluster that routes lead to. */
export type ClusterView =
  | {
      readonly kind: "ready";
      readonly maxRequests: number;
      readonly assignment: Assignment;
      readonly version: string;
      /** Why the newest assignment was refused; the one in use is older. */
      readonly refused: string | undefined;
    }
  | { readonly kind: "failed"; readonly message: string };

export type Resolution =
  | { readonly kind: "waiting" }
  | { readonly kind: "failed"; readonly message: string }
  | {
      readonly kind: "ready";
      readonly host: VirtualHost;
      readonly maxStreamMs: number | undefined;
      readonly clusters: ReadonlyMap<string, ClusterView>;
    };

export interface Dependencies {
  /** All resources that the target needs, as far as is known by now. */
  readonly needs: readonly ResourceName[];
  readonly resolution: Resolution;
}

type Found<T> =
  | { readonly kind: "here"; readonly value: T; readonly version: string; readonly refused: string | undefined }
  | { readonly kind: "waiting" }
  | { readonly kind: "failed"; readonly message: string };

function find<T>(cache: Cache, { typeUrl, name }: ResourceName): Found<T> {
  const entry: Entry | undefined = cache[typeUrl].get(name);
  switch (entry?.kind) {
    case "here":
      return { kind: "here", value: entry.value as T, version: entry.version, refused: entry.refused };
    case "absent":
      return { kind: "failed", message: `${shortName(typeUrl)} "${name}" does not exist` };
    case "refused":
      return { kind: "failed", message: `${shortName(typeUrl)} "${name}" is invalid: ${entry.problem}` };
    case undefined:
      return { kind: "waiting" };
  }
}

/** One walk from a listener to the assignments, noting what it needed and whether all of that is there. */
class Walk {
  readonly needs: ResourceName[] = [];
  isWaiting = false;
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  find<T>(typeUrl: TypeUrl, name: string): Found<T> {
    const found = find<T>(this.#cache, { typeUrl, name });
    this.needs.push({ typeUrl, name });
    this.isWaiting ||= found.kind === "waiting";
    return found;
  }
}

const routesOf = (walk: Walk, { routes }: Listener): Found<Routes> =>
  routes.kind === "named"
    ? walk.find<Routes>(ROUTE, routes.name)
    : { kind: "here", value: routes.routes, version: "", refused: undefined };

const clusterNames = ({ routes }: VirtualHost): ReadonlySet<string> =>
  new Set(routes.flatMap(({ clusters }) => (clusters ?? []).map(({ name }) => name)));

function clusterView(walk: Walk, name: string): ClusterView | undefined {
  const cluster = walk.find<Cluster>(CLUSTER, name);
  if (cluster.kind === "waiting") return undefined;
  if (cluster.kind === "failed") return cluster;
  const found = walk.find<Assignment>(ASSIGNMENT, cluster.value.assignment);
  if (found.kind === "waiting") return undefined;
  if (found.kind === "failed") return found;
  const { value: assignment, version, refused } = found;
  return { kind: "ready", maxRequests: cluster.value.maxRequests, assignment, version, refused };
}

function readyWith(walk: Walk, host: VirtualHost, { maxStreamMs }: Listener): Resolution {
  const clusters = new Map<string, ClusterView>();
  for (const name of clusterNames(host)) {
    const view = clusterView(walk, name);
    if (view !== undefined) clusters.set(name, view);
  }
  return walk.isWaiting ? { kind: "waiting" } : { kind: "ready", host, maxStreamMs, clusters };
}

function resolveWith(walk: Walk, listenerName: string, authority: string): Resolution {
  const listener = walk.find<Listener>(LISTENER, listenerName);
  if (listener.kind !== "here") return listener;
  const routes = routesOf(walk, listener.value);
  if (routes.kind !== "here") return routes;
  const host = virtualHostFor(routes.value, authority);
  if (host === undefined) return { kind: "failed", message: `no virtual host is for "${authority}"` };
  return readyWith(walk, host, listener.value);
}

/** What a target leads to, given what is known; a cluster that fails fails only its own requests (gRFC A74). */
export function dependencies(cache: Cache, listenerName: string, authority: string): Dependencies {
  const walk = new Walk(cache);
  const resolution = resolveWith(walk, listenerName, authority);
  return { needs: walk.needs, resolution };
}

function sameCluster(a: ClusterView, b: ClusterView | undefined): boolean {
  if (a.kind === "failed" || b?.kind !== "ready")
    return a.kind === "failed" && b?.kind === "failed" && a.message === b.message;
  return a.assignment === b.assignment && a.maxRequests === b.maxRequests && a.refused === b.refused;
}

/** Whether a channel need not be told of the second after the first. */
export function sameResolution(a: Resolution, b: Resolution): boolean {
  if (a.kind === "failed" && b.kind === "failed") return a.message === b.message;
  if (a.kind !== "ready" || b.kind !== "ready") return false;
  return (
    a.host === b.host &&
    a.maxStreamMs === b.maxStreamMs &&
    a.clusters.size === b.clusters.size &&
    [...a.clusters].every(([name, cluster]) => sameCluster(cluster, b.clusters.get(name)))
  );
}
