/** What every source said, joined into one picture. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject, ObjectKey, ObjectKind } from "../../snapshots/objects.ts";
import { compare } from "../../snapshots/order.ts";
import type { Problem } from "../../snapshots/problem.ts";
import { emptyTable, type Table } from "../../snapshots/table.ts";
import { emptyFeed, type FeedEvent, type FeedState, stepFeed } from "./feed.ts";
import { type Changes, emptyJoined, type Joined, join, type Touched } from "./join.ts";
import type { Feed, SourceEvent } from "./source.ts";

export interface SourceHealth {
  readonly healthy: boolean;
  readonly detail: string;
}

/** Two sources report an object of one key: the first in order is used, the others are passed over. */
interface Conflict {
  readonly used: string;
  readonly passedOver: readonly string[];
}

export interface Store extends Joined {
  /** In order of sources. */
  readonly feeds: readonly FeedState[];
  /** By source; absent for one that has not spoken yet. */
  readonly health: ReadonlyMap<string, SourceHealth>;
  /** By source: what it could not use of what it read. */
  readonly reported: ReadonlyMap<string, readonly Problem[]>;
  /** By kind and key. */
  readonly conflicts: Table<Conflict>;
  /** By source: all that could not be used. The same map while nothing in it changes. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
}

/** Of two feeds that report the same object, the first in order wins. */
export const emptyStore = (feeds: readonly Feed[]): Store => ({
  ...emptyJoined,
  feeds: feeds.map(emptyFeed),
  health: new Map(),
  reported: new Map(),
  conflicts: emptyTable(),
  problems: new Map(),
});

/** Every feed of every source was read completely. */
export const isReady = ({ feeds }: Store): boolean => feeds.every(({ ready }) => ready);

const feedId = ({ source, kind }: Feed): string => `${source} ${kind}`;

const isFeedEvent = (event: SourceEvent): event is FeedEvent => "feed" in event;

type ChangedKeys = Readonly<Record<ObjectKind, ReadonlySet<ObjectKey>>>;

function stepFeeds(
  feeds: readonly FeedState[],
  events: readonly FeedEvent[],
): { readonly feeds: readonly FeedState[]; readonly keys: ChangedKeys } {
  const byFeed = Map.groupBy(events, ({ feed }) => feedId(feed));
  const steps = feeds.map((state) => stepFeed(state, byFeed.get(feedId(state.feed)) ?? []));
  const keysOf = (kind: ObjectKind): ReadonlySet<ObjectKey> =>
    new Set(steps.filter(({ state }) => state.feed.kind === kind).flatMap(({ keys }) => [...keys]));
  return {
    feeds: steps.map(({ state }) => state),
    keys: {
      Service: keysOf("Service"),
      EndpointSlice: keysOf("EndpointSlice"),
      Node: keysOf("Node"),
      Namespace: keysOf("Namespace"),
    },
  };
}

const feedsOf = (feeds: readonly FeedState[], kind: ObjectKind): readonly FeedState[] =>
  feeds.filter(({ feed }) => feed.kind === kind);

/** The object of each key, from the first source that has it. */
function winners(feeds: readonly FeedState[], keys: ChangedKeys): Changes {
  const of = (kind: ObjectKind): ReadonlyMap<ObjectKey, KubernetesObject | undefined> => {
    const candidates = feedsOf(feeds, kind);
    return new Map(
      [...keys[kind]].map((key) => [key, candidates.find(({ objects }) => objects.has(key))?.objects.get(key)]),
    );
  };
  return { Service: of("Service"), EndpointSlice: of("EndpointSlice"), Node: of("Node"), Namespace: of("Namespace") };
}

function conflictOf(candidates: readonly FeedState[], key: ObjectKey): Conflict | undefined {
  const [used, ...others] = candidates.filter(({ objects }) => objects.has(key)).map(({ feed }) => feed.source);
  return used === undefined || others.length === 0 ? undefined : { used, passedOver: others };
}

function nextConflicts(
  conflicts: Store["conflicts"],
  feeds: readonly FeedState[],
  keys: ChangedKeys,
): Store["conflicts"] {
  const kinds = (Object.keys(keys) as ObjectKind[]).filter((kind) => feedsOf(feeds, kind).length > 1);
  const changes = kinds.flatMap((kind) => {
    const candidates = feedsOf(feeds, kind);
    return [...keys[kind]].map((key) => [`${kind} ${key}`, conflictOf(candidates, key)] as const);
  });
  return conflicts.with(changes.filter(([id, conflict]) => !isDeepStrictEqual(conflicts.get(id), conflict)));
}

function nextReported(reported: Store["reported"], burst: readonly SourceEvent[]): Store["reported"] {
  const news = burst.flatMap((event) => (event.kind === "problems" ? [[event.source, event.problems] as const] : []));
  const next = new Map([...reported, ...news]);
  return isDeepStrictEqual(next, reported) ? reported : next;
}

function nextHealth(health: Store["health"], burst: readonly SourceEvent[]): Store["health"] {
  const news = burst.flatMap((event) =>
    event.kind === "status" ? [[event.source, { healthy: event.healthy, detail: event.detail }] as const] : [],
  );
  return news.length === 0 ? health : new Map([...health, ...news]);
}

function problemsOf({ reported, conflicts }: Pick<Store, "reported" | "conflicts">): Store["problems"] {
  const all = new Map([...reported].map(([source, problems]) => [source, [...problems]]));
  for (const [object, { used, passedOver }] of [...conflicts.entries()].toSorted(([a], [b]) => compare(a, b))) {
    const message = `is not used, since ${used} reports it too and comes first`;
    for (const source of passedOver)
      all.set(source, [...(all.get(source) ?? []), { object, code: "conflict", message }]);
  }
  return all;
}

/**
 * Takes a burst in, and says what it touches: only what differs by content. Costs by what the burst brings, not by what is
 * held; a relist costs by the size of its feed.
 */
export function reduce(
  store: Store,
  burst: readonly SourceEvent[],
): { readonly store: Store; readonly touched: Touched } {
  const { feeds, keys } = stepFeeds(store.feeds, burst.filter(isFeedEvent));
  const { joined, touched } = join(store, winners(feeds, keys));
  const reported = nextReported(store.reported, burst);
  const conflicts = nextConflicts(store.conflicts, feeds, keys);
  const isSame = reported === store.reported && conflicts === store.conflicts;
  return {
    store: {
      ...joined,
      feeds,
      health: nextHealth(store.health, burst),
      reported,
      conflicts,
      problems: isSame ? store.problems : problemsOf({ reported, conflicts }),
    },
    touched,
  };
}
