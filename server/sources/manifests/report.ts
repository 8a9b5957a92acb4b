/** What is known of the manifests → the events that tell a store so. Pure. */
import { isDeepStrictEqual } from "node:util";
import { type ObjectKind, objectKey } from "../../../snapshots/objects.ts";
import type { Problem } from "../../../snapshots/problem.ts";
import type { Feed, SourceEvent } from "../source.ts";
import type { Contents } from "./files.ts";

export const SOURCE = "manifests";

const feedOf = (kind: ObjectKind): Feed => ({ source: SOURCE, kind });

export const FEEDS: readonly Feed[] = (["Service", "EndpointSlice", "Node", "Namespace"] as const).map(feedOf);

/** What is told of the manifests. */
export interface Told {
  /** Undefined until they were read completely. */
  readonly contents?: Contents;
  readonly problems: readonly Problem[];
  readonly health?: { readonly healthy: boolean; readonly detail: string };
  /** How many objects there were before all went at once: suspicious, so it is shown (L12). */
  readonly emptied?: number;
}

export const NOTHING_TOLD: Told = { problems: [] };

/** All files were read. */
export function told(before: Told, contents: Contents, where: string): Told {
  const emptied = contents.objects.size > 0 ? undefined : before.contents?.objects.size || before.emptied;
  const message = `none of its ${emptied} objects is left`;
  return {
    contents,
    problems:
      emptied === undefined
        ? contents.problems
        : [...contents.problems, { object: `path ${where}`, code: "emptied", message }],
    health: { healthy: true, detail: `${contents.objects.size} objects in ${where}` },
    ...(emptied !== undefined && { emptied }),
  };
}

/** The path cannot be read: what is known stays, however much the removal of everything looks like a wish (L12). */
export function toldUnreadable(before: Told, reason: string, where: string): Told {
  const { contents } = before;
  const message = contents === undefined ? reason : `${reason}; what was read of it before stays`;
  return {
    ...before,
    problems: [...(contents?.problems ?? []), { object: `path ${where}`, code: "unreadable-path", message }],
    health: {
      healthy: false,
      detail: contents === undefined ? `waiting for ${where}: ${reason}` : `${where}: ${message}`,
    },
  };
}

/** All of it, and that this was all. */
const complete = ({ objects }: Contents): readonly SourceEvent[] =>
  FEEDS.flatMap((feed): readonly SourceEvent[] => [
    { kind: "init", feed },
    ...[...objects.values()]
      .filter(({ kind }) => kind === feed.kind)
      .map((object): SourceEvent => ({ kind: "apply", feed, object })),
    { kind: "ready", feed },
  ]);

const differences = (before: Contents, after: Contents): readonly SourceEvent[] => [
  ...[...after.objects]
    .filter(([id, object]) => before.objects.get(id) !== object)
    .map(([, object]): SourceEvent => ({ kind: "apply", feed: feedOf(object.kind), object })),
  ...[...before.objects]
    .filter(([id]) => !after.objects.has(id))
    .map(([, object]): SourceEvent => ({ kind: "remove", feed: feedOf(object.kind), key: objectKey(object) })),
];

function contentEvents({ contents: before }: Told, { contents: after }: Told): readonly SourceEvent[] {
  if (after === undefined || after === before) return [];
  return before === undefined ? complete(after) : differences(before, after);
}

/** Only what is new. */
export function newsBetween(before: Told, after: Told): readonly SourceEvent[] {
  const { problems, health } = after;
  const saysProblems = !isDeepStrictEqual(problems, before.problems);
  const saysHealth = health !== undefined && !isDeepStrictEqual(health, before.health);
  return [
    ...(saysHealth ? [{ kind: "status" as const, source: SOURCE, ...health }] : []),
    ...(saysProblems ? [{ kind: "problems" as const, source: SOURCE, problems }] : []),
    ...contentEvents(before, after),
  ];
}
