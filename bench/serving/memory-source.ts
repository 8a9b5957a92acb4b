import type { Feed, Source, SourceEvent } from "../../server/sources/source.ts";
import type { KubernetesObject, ObjectKind } from "../../snapshots/objects.ts";

const NAME = "memory";
const KINDS: readonly ObjectKind[] = ["Service", "EndpointSlice", "Node", "Namespace"];
const feed = (kind: ObjectKind): Feed => ({ source: NAME, kind });

const apply = (object: KubernetesObject): SourceEvent => ({ kind: "apply", feed: feed(object.kind), object });

/** The feeds of a source in memory. */
export const FEEDS: readonly Feed[] = KINDS.map(feed);

/** All objects there are, as a first read reports them. */
export const firstRead = (objects: readonly KubernetesObject[]): readonly SourceEvent[] => [
  ...FEEDS.map((of): SourceEvent => ({ kind: "init", feed: of })),
  ...objects.map(apply),
  ...FEEDS.map((of): SourceEvent => ({ kind: "ready", feed: of })),
];

/** A source that reports what it is told to. */
export interface MemorySource extends Source {
  /** All objects there are, as a first read. */
  fill(objects: readonly KubernetesObject[]): void;
  /** One object that is new or changed. */
  change(object: KubernetesObject): void;
}

export function createMemorySource(): MemorySource {
  let report: (burst: readonly SourceEvent[]) => void = () => {};
  return {
    name: NAME,
    feeds: FEEDS,
    start: (to) => {
      report = to;
      return { [Symbol.asyncDispose]: async () => {} };
    },
    fill: (objects) => report(firstRead(objects)),
    change: (object) => report([apply(object)]),
  };
}
