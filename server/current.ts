import type { Changes } from "../snapshots/changes.ts";
import type { Objects } from "../snapshots/objects.ts";
import type { Problem } from "../snapshots/problem.ts";
import type { Snapshot } from "../snapshots/snapshot.ts";

/** What is served, with the objects it was made of. Published as one value, so that readers never see halves. */
export interface Published {
  readonly snapshot: Snapshot;
  readonly objects: Objects;
  /** By source: files and objects that could not be used. */
  readonly sourceProblems: ReadonlyMap<string, readonly Problem[]>;
}

export type Listener = (published: Published, changes: Changes) => void;

/** Read side of the one mutable cell. Undefined until every feed of every source was read (B7, H4). */
export interface CurrentReader {
  get(): Published | undefined;
  /** Called after each publish, in order of subscription; returns its end. */
  onPublish(listener: Listener): () => void;
}

/** A cell with one writer. Whoever gets only the reader cannot change it. */
export function createCurrent(): { readonly reader: CurrentReader; publish(next: Published, changes: Changes): void } {
  let value: Published | undefined;
  const listeners = new Set<Listener>();
  return {
    publish: (next, changes) => {
      value = next;
      for (const listener of [...listeners]) listener(next, changes);
    },
    reader: {
      get: () => value,
      onPublish: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
}
