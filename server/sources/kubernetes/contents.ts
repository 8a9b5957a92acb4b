/** What one list + watch knows: the objects in their last good form, and what is wrong with them now. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject, ObjectKey, ObjectKind } from "../../../snapshots/objects.ts";
import type { Problem } from "../../../snapshots/problem.ts";
import { emptyTable, type Table } from "../../../snapshots/table.ts";
import { project } from "../project.ts";

export interface Contents {
  readonly objects: Table<KubernetesObject>;
  readonly problems: Table<readonly Problem[]>;
}

export const NO_CONTENTS: Contents = { objects: emptyTable(), problems: emptyTable() };

/** What the API server says of one object. */
export interface Entry {
  readonly key: ObjectKey;
  readonly gone: boolean;
  /** Undefined when it is gone or cannot be used. */
  readonly object?: KubernetesObject;
  readonly problems: readonly Problem[];
}

/** Reads an object. All that is not needed of it, `managedFields` above all, is let go here (L8). */
export function entryOf(kind: ObjectKind, raw: unknown, gone: boolean): Entry {
  const { id, object, problems } = project(kind, raw);
  const key = id === undefined ? "" : id.slice(kind.length + 1); // all without a good name share one key: they are no objects
  if (gone) return { key, gone, problems: [] };
  return { key, gone, problems, ...(object !== undefined && { object }) };
}

/** One that cannot be used keeps its last good form (H7); one that is equal by content stays the object it was (L14). */
function usable(known: Contents, { key, gone, object }: Entry): KubernetesObject | undefined {
  const old = known.objects.get(key);
  if (gone) return undefined;
  return object === undefined || isDeepStrictEqual(old, object) ? old : object;
}

const within = (base: Contents, known: Contents, entries: readonly Entry[]): Contents => ({
  objects: base.objects.with(entries.map((entry) => [entry.key, usable(known, entry)] as const)),
  problems: base.problems.with(
    entries.map(({ key, problems }) => [key, problems.length === 0 ? undefined : problems] as const),
  ),
});

/** After events of a watch. */
export const changed = (known: Contents, entries: readonly Entry[]): Contents => within(known, known, entries);

/** After a complete list: what is not in it is gone (L4). */
export const replaced = (known: Contents, entries: readonly Entry[]): Contents => within(NO_CONTENTS, known, entries);
