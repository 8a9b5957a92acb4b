/** Where the API server keeps the kinds that are read, and the rights that reading them needs. */
import type { ObjectKind } from "../../../snapshots/objects.ts";

interface Resource {
  /** "" for the core group. */
  readonly group: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Nothing is served before it was read. Without Nodes zones come from slices, without Namespaces their annotations do not count. */
  readonly needed: boolean;
  /** Objects of one page of a list, which is parsed in one go: fewer of those that are large. */
  readonly pageSize: number;
}

const RESOURCES: Readonly<Record<ObjectKind, Resource>> = {
  Service: { group: "", plural: "services", namespaced: true, needed: true, pageSize: 500 },
  EndpointSlice: { group: "discovery.k8s.io", plural: "endpointslices", namespaced: true, needed: true, pageSize: 100 },
  Node: { group: "", plural: "nodes", namespaced: false, needed: false, pageSize: 100 },
  Namespace: { group: "", plural: "namespaces", namespaced: false, needed: false, pageSize: 500 },
};

export const KINDS = Object.keys(RESOURCES) as readonly ObjectKind[];

export const isNeeded = (kind: ObjectKind): boolean => RESOURCES[kind].needed;

export const pageSizeOf = (kind: ObjectKind): number => RESOURCES[kind].pageSize;

/** What one list + watch reads. */
export interface Scope {
  readonly kind: ObjectKind;
  /** Only objects in this namespace; of Namespaces, only this one. Absent: all. */
  readonly namespace?: string;
}

/** No namespaces means all of them. Nodes are in none. */
export const scopesOf = (namespaces: readonly string[]): readonly Scope[] =>
  KINDS.flatMap((kind): readonly Scope[] =>
    kind === "Node" || namespaces.length === 0 ? [{ kind }] : namespaces.map((namespace) => ({ kind, namespace })),
  );

/** Path of a collection on the API server. */
export function pathOf({ kind, namespace }: Scope): string {
  const { group, plural, namespaced } = RESOURCES[kind];
  const root = group === "" ? "/api/v1" : `/apis/${group}/v1`;
  return namespaced && namespace !== undefined ? `${root}/namespaces/${namespace}/${plural}` : `${root}/${plural}`;
}

/**
 * What narrows a collection besides its path. The selector is for Services only: slices bear their Service's labels only
 * when the controller wrote them, and a Service that comes to match would find slices that were passed over before.
 */
export function selectorsOf(
  { kind, namespace }: Scope,
  selector: string | undefined,
): Readonly<Record<string, string>> {
  if (kind === "Namespace" && namespace !== undefined) return { fieldSelector: `metadata.name=${namespace}` };
  return kind === "Service" && selector !== undefined ? { labelSelector: selector } : {};
}

/** `EndpointSlices in namespace shop`. */
export const scopeName = ({ kind, namespace }: Scope): string =>
  namespace === undefined ? `${kind}s` : `${kind}s in namespace ${namespace}`;

/** `endpointslices.discovery.k8s.io in namespace shop`, as kubectl says it. */
export function resourceName({ kind, namespace }: Scope): string {
  const { group, plural } = RESOURCES[kind];
  const full = group === "" ? plural : `${plural}.${group}`;
  return namespace === undefined ? full : `${full} in namespace ${namespace}`;
}

/** The RBAC rule to add, and to what. */
export function ruleFor({ kind, namespace }: Scope): string {
  const { group, plural, namespaced } = RESOURCES[kind];
  const to = namespaced && namespace !== undefined ? `a Role in namespace ${namespace}` : "a ClusterRole";
  const verbs = namespaced ? `"get", "list", "watch"` : `"list", "watch"`; // as deploy/permissions.yaml has them
  return `add to ${to}: {apiGroups: ["${group}"], resources: ["${plural}"], verbs: [${verbs}]}`;
}
