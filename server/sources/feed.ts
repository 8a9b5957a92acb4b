/** The objects of one feed, and the relist that may be on its way. */
import { isDeepStrictEqual } from "node:util";
import { type KubernetesObject, type ObjectKey, objectKey } from "../../snapshots/objects.ts";
import { emptyTable, type Table } from "../../snapshots/table.ts";
import type { Feed, SourceEvent } from "./source.ts";

export interface FeedState {
  readonly feed: Feed;
  /** It was read completely at least once. */
  readonly ready: boolean;
  readonly objects: Table<KubernetesObject>;
  /** What a relist has brought so far. Nobody reads it before `ready`. */
  readonly incoming?: Table<KubernetesObject>;
}

export type FeedEvent = Extract<SourceEvent, { readonly feed: Feed }>;

export const emptyFeed = (feed: Feed): FeedState => ({ feed, ready: false, objects: emptyTable() });

type Pending = ReadonlyMap<ObjectKey, KubernetesObject | undefined>;

/** Takes in what a burst says of single objects. One that is equal by content stays the object it was. */
function taken(state: FeedState, pending: Pending): FeedState {
  const changes = [...pending].map(([key, object]) => {
    const old = state.objects.get(key);
    return [key, isDeepStrictEqual(old, object) ? old : object] as const;
  });
  return state.incoming === undefined
    ? { ...state, objects: state.objects.with(changes) }
    : { ...state, incoming: state.incoming.with(changes) };
}

const differing = (before: FeedState["objects"], after: FeedState["objects"]): readonly ObjectKey[] => [
  ...[...before.keys()].filter((key) => !after.has(key)),
  ...[...after.entries()].filter(([key, object]) => before.get(key) !== object).map(([key]) => key),
];

const replaced = ({ feed, objects, incoming }: FeedState): FeedState => ({
  feed,
  ready: true,
  objects: incoming ?? objects,
});

/** The feed after its part of a burst, and the keys whose objects may not be what they were. */
export function stepFeed(
  start: FeedState,
  events: readonly FeedEvent[],
): { readonly state: FeedState; readonly keys: ReadonlySet<ObjectKey> } {
  let state = start;
  let pending = new Map<ObjectKey, KubernetesObject | undefined>();
  const keys = new Set<ObjectKey>();
  const take = (): void => {
    if (state.incoming === undefined) for (const key of pending.keys()) keys.add(key);
    state = taken(state, pending);
    pending = new Map();
  };
  for (const event of events) {
    switch (event.kind) {
      case "apply":
        pending.set(objectKey(event.object), event.object);
        break;
      case "remove":
        pending.set(event.key, undefined);
        break;
      case "init":
        take();
        state = { ...state, incoming: emptyTable() };
        break;
      case "ready": {
        take();
        const next = replaced(state);
        for (const key of differing(state.objects, next.objects)) keys.add(key);
        state = next;
        break;
      }
    }
  }
  take();
  return { state, keys };
}
