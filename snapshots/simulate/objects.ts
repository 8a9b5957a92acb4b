import type { DeriveInput } from "../derive/derive.ts";
import {
  type EndpointSlice,
  type KubernetesObject,
  type ObjectKey,
  type Objects,
  objectKey,
  type Service,
} from "../objects.ts";
import { compare } from "../order.ts";

type OfKind<K extends KubernetesObject["kind"]> = Extract<KubernetesObject, { readonly kind: K }>;

/** Those of one kind by key; of two alike the last. */
function byKey<K extends KubernetesObject["kind"]>(all: readonly KubernetesObject[], kind: K) {
  const ofKind = all.filter((object): object is OfKind<K> => object.kind === kind);
  return new Map(ofKind.map((object): readonly [ObjectKey, OfKind<K>] => [objectKey(object), object]));
}

const ownerOf = ({ namespace, service }: EndpointSlice): ObjectKey | undefined =>
  service === undefined ? undefined : objectKey({ namespace, name: service });

/** In order of name, as all that reads them expects. */
export const inOrder = (slices: readonly EndpointSlice[]): readonly EndpointSlice[] =>
  slices.toSorted((a, b) => compare(a.name, b.name));

/** The lists that these slices leave and join: a slice may change hands. */
function listsWith(
  lists: Objects["slicesByService"],
  slices: ReadonlyMap<ObjectKey, EndpointSlice>,
): ReadonlyMap<ObjectKey, readonly EndpointSlice[]> {
  if (slices.size === 0) return new Map();
  const isReplaced = (slice: EndpointSlice): boolean => slices.has(objectKey(slice));
  const left = [...lists.entries()].filter(([, list]) => list.some(isReplaced)).map(([owner]) => owner);
  const joined = Map.groupBy(slices.values(), ownerOf);
  const owners = new Set([...left, ...[...joined.keys()].filter((owner) => owner !== undefined)]);
  return new Map(
    [...owners].map((owner) => {
      const kept = (lists.get(owner) ?? []).filter((slice) => !isReplaced(slice));
      return [owner, inOrder([...kept, ...(joined.get(owner) ?? [])])];
    }),
  );
}

/** A Service that takes the place of another is the same one, changed, unless it says otherwise: an apply keeps the uid. */
const succeeding = (service: Service, before: Service | undefined): Service => ({
  ...(before?.uid !== undefined && { uid: before.uid }),
  ...service,
});

/** What there is once these are added or have taken the place of others, and what that touches. */
export function withObjects(
  objects: Objects,
  added: readonly KubernetesObject[],
): { readonly objects: Objects; readonly touched: DeriveInput["touched"] } {
  const services = byKey(added, "Service");
  const nodes = byKey(added, "Node");
  const namespaces = byKey(added, "Namespace");
  const lists = listsWith(objects.slicesByService, byKey(added, "EndpointSlice"));
  const next = {
    services: objects.services.with(
      [...services].map(([key, service]) => [key, succeeding(service, objects.services.get(key))] as const),
    ),
    slicesByService: objects.slicesByService.with(lists),
    nodes: objects.nodes.with(nodes),
    namespaces: objects.namespaces.with(namespaces),
  };
  const inherit = [...next.services.values()].filter(({ namespace }) => namespaces.has(namespace)).map(objectKey);
  return {
    objects: next,
    touched: { services: new Set([...services.keys(), ...lists.keys(), ...inherit]), topology: nodes.size > 0 },
  };
}
