/** What was read of each file, and what all files say together. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject } from "../../../snapshots/objects.ts";
import type { Problem } from "../../../snapshots/problem.ts";
import { type ObjectId, objectId } from "../project.ts";
import type { Parsed } from "./parse.ts";

export interface FileState {
  readonly stamp: string;
  readonly objects: ReadonlyMap<ObjectId, KubernetesObject>;
  readonly problems: readonly Problem[];
}

/** What a file or all files say; of two objects with one id, the first. */
export type Contents = Pick<FileState, "objects" | "problems">;

export const NOTHING: Contents = { objects: new Map(), problems: [] };

const duplicate = (object: ObjectId, used: string, other: string): Problem => ({
  object,
  code: "duplicate-object",
  message:
    used === other ? `${used}: is there twice; the first is used` : `${other}: is not used, since it is in ${used} too`,
});

/** A file that cannot be read keeps all it had. */
function kept(previous: Contents, problems: readonly Problem[]): Contents {
  const note = previous.objects.size > 0 ? "; what was read of it before stays" : "";
  return {
    objects: previous.objects,
    problems: problems.map((problem) => ({ ...problem, message: `${problem.message}${note}` })),
  };
}

/** The last good forms of objects that cannot be used as they are now. */
const lastGood = (previous: Contents, refused: readonly ObjectId[]): readonly KubernetesObject[] =>
  refused.flatMap((id) => previous.objects.get(id) ?? []);

/**
 * What a file says after it was read again. An object that cannot be used any more keeps its last good form; one that is
 * equal by content stays the object it was.
 */
export function nextContents(previous: Contents, parsed: Parsed, file: string): Contents {
  if (!parsed.readable) return kept(previous, parsed.problems);
  const byId = Map.groupBy(parsed.objects, objectId);
  for (const object of lastGood(previous, parsed.refused))
    if (!byId.has(objectId(object))) byId.set(objectId(object), [object]);
  const twice = [...byId].filter(([, objects]) => objects.length > 1).map(([id]) => duplicate(id, file, file));
  const objects = [...byId].flatMap(([id, [object]]) => {
    const old = previous.objects.get(id);
    const same = isDeepStrictEqual(old, object) ? (old ?? object) : object;
    return same === undefined ? [] : [[id, same] as const];
  });
  return { objects: new Map(objects), problems: [...parsed.problems, ...twice] };
}

/** All files together, in order of name: of an object in two files, the first file's is used. */
export function merged(files: ReadonlyMap<string, Contents>): Contents {
  const objects = new Map<ObjectId, KubernetesObject>();
  const problems: Problem[] = [];
  const fileOf = new Map<ObjectId, string>();
  for (const [file, contents] of files) {
    problems.push(...contents.problems);
    for (const [id, object] of contents.objects) {
      const used = fileOf.get(id);
      if (used !== undefined) problems.push(duplicate(id, used, file));
      else objects.set(id, object);
      fileOf.set(id, used ?? file);
    }
  }
  return { objects, problems };
}
