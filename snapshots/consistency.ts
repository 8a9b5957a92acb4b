import type { Any } from "../gen/google/protobuf/any.ts";
import { clusterType, connectionManagerType, listenerType, routeType } from "./resources/messages.ts";
import type { Resource } from "./resources/resource.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, shortName, type TypeUrl } from "./type-url.ts";
import type { View } from "./view.ts";

/** A resource by type and name. */
export type Reference = readonly [typeUrl: TypeUrl, name: string];

function routeOf(connectionManager: Any): readonly Reference[] {
  const { routeSpecifier } = connectionManagerType.decode(connectionManager.value);
  return routeSpecifier?.$case === "rds" ? [[ROUTE, routeSpecifier.value.routeConfigName]] : [];
}

function routesOf(bytes: Uint8Array): readonly Reference[] {
  const connectionManager = listenerType.decode(bytes).apiListener?.apiListener;
  return connectionManager === undefined ? [] : routeOf(connectionManager);
}

const clustersOf = (bytes: Uint8Array): readonly Reference[] =>
  routeType
    .decode(bytes)
    .virtualHosts.flatMap(({ routes }) => routes)
    .flatMap(({ action }): readonly Reference[] => {
      const specifier = action?.$case === "route" ? action.value.clusterSpecifier : undefined;
      return specifier?.$case === "cluster" ? [[CLUSTER, specifier.value]] : [];
    });

/** What a resource names and a client will therefore ask for. */
function referencesIn({ typeUrl, bytes }: Resource): readonly Reference[] {
  switch (typeUrl) {
    case LISTENER:
      return routesOf(bytes);
    case ROUTE:
      return clustersOf(bytes);
    case CLUSTER:
      return [[ASSIGNMENT, clusterType.decode(bytes).edsClusterConfig?.serviceName ?? ""]];
    case ASSIGNMENT:
      return [];
  }
}

/**
 * The references that lead nowhere, from these resources on, as text; none when a client that starts there finds all
 * that it needs (B4). A resource that is not there itself counts as well.
 */
export function danglingReferences(view: View, roots: readonly Reference[]): readonly string[] {
  return roots.flatMap(([typeUrl, name]) => {
    const resource = view.get(typeUrl, name);
    return resource === undefined
      ? [`${shortName(typeUrl)} ${name}`]
      : danglingReferences(view, referencesIn(resource));
  });
}
