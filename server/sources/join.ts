/** Objects by kind and the joins between them, kept up change by change. */
import { isDeepStrictEqual } from "node:util";
import type {
  EndpointSlice,
  KubernetesObject,
  Namespace,
  Node,
  ObjectKey,
  ObjectKind,
  Objects,
  Service,
} from "../../snapshots/objects.ts";
import { compare } from "../../snapshots/order.ts";
import { emptyTable, type Table } from "../../snapshots/table.ts";

/** What may come out differently for those who derive from the objects. */
export interface Touched {
  readonly services: ReadonlySet<ObjectKey>;
  /** A node's zone, region or addresses. */
  readonly topology: boolean;
  /** When the oldest of the changes began, as its slice says; milliseconds since the epoch. */
  readonly changedAt: number | undefined;
}

export interface Joined {
  /** The same while nothing in it changes. */
  readonly objects: Objects;
  /** Every slice, so that the Service it belonged to is known when it goes or changes hands (H1b). */
  readonly slices: Table<EndpointSlice>;
}

export const emptyJoined: Joined = {
  objects: { services: emptyTable(), slicesByService: emptyTable(), nodes: emptyTable(), namespaces: emptyTable() },
  slices: emptyTable(),
};

/** The objects of some keys as they are now; undefined for one that is gone. Each kind has keys of its own. */
export type Changes = Readonly<Record<ObjectKind, ReadonlyMap<ObjectKey, KubernetesObject | undefined>>>;

interface Change<T> {
  readonly key: ObjectKey;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** The changes that change something: a re-read object that is equal by content is none (L14). */
function realChanges<K extends ObjectKind, T extends KubernetesObject & { kind: K }>(
  table: Table<T>,
  changes: ReadonlyMap<ObjectKey, KubernetesObject | undefined>,
  kind: K,
): readonly Change<T>[] {
  const isOfKind = (object: KubernetesObject | undefined): object is T | undefined =>
    object === undefined || object.kind === kind;
  return [...changes].flatMap(([key, after]) => {
    const before = table.get(key);
    return isOfKind(after) && !isDeepStrictEqual(before, after) ? [{ key, before, after }] : [];
  });
}

const applied = <T>(table: Table<T>, changes: readonly Change<T>[]): Table<T> =>
  table.with(changes.map(({ key, after }) => [key, after] as const));

const ownerOf = (slice: EndpointSlice | undefined): ObjectKey | undefined =>
  slice?.service === undefined ? undefined : `${slice.namespace}/${slice.service}`;

type SlicesByKey = Map<ObjectKey, EndpointSlice | undefined>;

/** What changes in each Service's list: a slice that changes hands leaves one and joins the other. */
function byOwner(changes: readonly Change<EndpointSlice>[]): ReadonlyMap<ObjectKey, SlicesByKey> {
  const lists = new Map<ObjectKey, SlicesByKey>();
  const note = (owner: ObjectKey | undefined, key: ObjectKey, slice: EndpointSlice | undefined): void => {
    if (owner !== undefined) lists.set(owner, (lists.get(owner) ?? new Map()).set(key, slice));
  };
  for (const { key, before, after } of changes) {
    note(ownerOf(before), key, undefined);
    note(ownerOf(after), key, after);
  }
  return lists;
}

function joinSlices(
  lists: Objects["slicesByService"],
  changes: ReadonlyMap<ObjectKey, SlicesByKey>,
): Objects["slicesByService"] {
  return lists.with(
    [...changes].map(([owner, changed]) => {
      const kept = (lists.get(owner) ?? []).filter((slice) => !changed.has(`${slice.namespace}/${slice.name}`));
      const added = [...changed.values()].filter((slice) => slice !== undefined);
      const list = [...kept, ...added].toSorted((a, b) => compare(a.name, b.name));
      return [owner, list.length === 0 ? undefined : list] as const;
    }),
  );
}

/** The moment of a slice that did not change with it is that of an earlier change. */
function oldest(changes: readonly Change<EndpointSlice>[]): number | undefined {
  const news = changes.flatMap(({ before, after }) =>
    after?.changedAt === undefined || after.changedAt === before?.changedAt ? [] : [after.changedAt],
  );
  return news.length === 0 ? undefined : news.reduce((least, one) => Math.min(least, one));
}

const topologyOf = (node: Node | undefined) => [node?.zone, node?.region, node?.podCidrs ?? []];

const movesNode = ({ before, after }: Change<Node>): boolean =>
  !isDeepStrictEqual(topologyOf(before), topologyOf(after));

const changesAnnotations = ({ before, after }: Change<Namespace>): boolean =>
  !isDeepStrictEqual(before?.annotations ?? {}, after?.annotations ?? {});

/** Namespaces change so rarely that reading every key is cheaper than an index. */
function servicesIn(namespaces: ReadonlySet<string>, services: Table<Service>): readonly ObjectKey[] {
  if (namespaces.size === 0) return [];
  return [...services.keys()].filter((key) => namespaces.has(key.slice(0, key.indexOf("/"))));
}

/** Takes changes in, and says what they touch. Costs by the number of changes, not of objects. */
export function join(previous: Joined, changed: Changes): { readonly joined: Joined; readonly touched: Touched } {
  const { objects } = previous;
  const services = realChanges(objects.services, changed.Service, "Service");
  const slices = realChanges(previous.slices, changed.EndpointSlice, "EndpointSlice");
  const nodes = realChanges(objects.nodes, changed.Node, "Node");
  const namespaces = realChanges(objects.namespaces, changed.Namespace, "Namespace");
  const lists = byOwner(slices);
  const next = {
    services: applied(objects.services, services),
    slicesByService: joinSlices(objects.slicesByService, lists),
    nodes: applied(objects.nodes, nodes),
    namespaces: applied(objects.namespaces, namespaces),
  };
  const annotated = new Set(namespaces.filter(changesAnnotations).map(({ key }) => key));
  return {
    joined: {
      slices: applied(previous.slices, slices),
      objects: [services, slices, nodes, namespaces].every(({ length }) => length === 0) ? objects : next,
    },
    touched: {
      services: new Set([...services.map(({ key }) => key), ...lists.keys(), ...servicesIn(annotated, next.services)]),
      topology: nodes.some(movesNode),
      changedAt: oldest(slices),
    },
  };
}
