/** What all lists + watches know → the events that tell a store so. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { ObjectKey, ObjectKind } from "../../../snapshots/objects.ts";
import { compare } from "../../../snapshots/order.ts";
import type { Problem } from "../../../snapshots/problem.ts";
import type { Feed, SourceEvent } from "../source.ts";
import { isNeeded, KINDS, resourceName, ruleFor, scopeName } from "./kinds.ts";
import { isTroubled } from "./watch-state.ts";
import type { Step, Watched } from "./watched.ts";

export const SOURCE = "kubernetes";

const feedOf = (kind: ObjectKind): Feed => ({ source: SOURCE, kind });

export const FEEDS: readonly Feed[] = KINDS.map(feedOf);

/** What is told of the cluster. */
export interface Told {
  /** The feeds that are told to be ready. */
  readonly kinds: ReadonlySet<ObjectKind>;
  readonly problems: readonly Problem[];
  readonly health?: { readonly healthy: boolean; readonly detail: string };
}

export const NOTHING_TOLD: Told = { kinds: new Set(), problems: [] };

/** What can be served without it is. */
const isPassedOver = ({ scope, state }: Watched): boolean =>
  !isNeeded(scope.kind) && state.trouble?.denied !== undefined;

/** What is missing, and the rule that gives it. Undefined while nothing is. */
export function denialOf({ scope, state }: Watched): string | undefined {
  const { message, denied } = state.trouble ?? {};
  if (denied === undefined) return undefined;
  const resource = resourceName(scope);
  if (denied.absent) return `there is no ${resource} on this API server to ${denied.verb} (${message})`;
  return `no right to ${denied.verb} ${resource} (${message}); ${ruleFor(scope)}`;
}

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function troubleOf(watched: Watched): string {
  const { scope, state, out } = watched;
  const what = denialOf(watched) ?? state.trouble?.message ?? "";
  const when = out === undefined ? "" : `, since ${time(out.since)}, next attempt at ${time(out.nextAt)}`;
  return `${scopeName(scope)}: ${what}${when}`;
}

/** More than a few say no more than a few. */
const MOST_SHOWN = 4;

const joined = (texts: readonly string[]): string =>
  texts.length <= MOST_SHOWN
    ? texts.join("; ")
    : `${texts.slice(0, MOST_SHOWN).join("; ")}; and ${texts.length - MOST_SHOWN} more`;

const withoutIt = (watched: Watched): string =>
  `served ${watched.state.synced ? "with old" : "without"} ${scopeName(watched.scope)}: ${denialOf(watched)}`;

/** Undefined until there is something to say: all is read, or something cannot be. */
function healthOf(all: readonly Watched[], kinds: Told["kinds"], where: string): Told["health"] {
  const passedOver = all.filter(isPassedOver).map(withoutIt);
  const troubles = all.filter((one) => isTroubled(one.state) && !isPassedOver(one)).map(troubleOf);
  if (troubles.length > 0) {
    return { healthy: false, detail: `cannot read all of ${where}: ${joined([...troubles, ...passedOver])}` };
  }
  if (kinds.size < KINDS.length) return undefined;
  return { healthy: true, detail: joined([`reads ${where}`, ...passedOver]) };
}

const problemsOf = (all: readonly Watched[]): readonly Problem[] =>
  all
    .flatMap(({ contents }) => [...contents.problems.entries()].map(([key, problems]) => ({ key, problems })))
    .toSorted((a, b) => compare(a.key, b.key))
    .flatMap(({ problems }) => problems);

/** All of a feed, and that this was all. */
const complete = (kind: ObjectKind, all: readonly Watched[]): readonly SourceEvent[] => {
  const feed = feedOf(kind);
  const objects = all
    .filter(({ scope }) => scope.kind === kind)
    .flatMap(({ contents }) => [...contents.objects.values()]);
  return [
    { kind: "init", feed },
    ...objects.map((object): SourceEvent => ({ kind: "apply", feed, object })),
    { kind: "ready", feed },
  ];
};

function differences(before: Watched, after: Watched, keys: ReadonlySet<ObjectKey>): readonly SourceEvent[] {
  const feed = feedOf(after.scope.kind);
  return [...keys].flatMap((key): readonly SourceEvent[] => {
    const [old, object] = [before.contents.objects.get(key), after.contents.objects.get(key)];
    if (old === object) return [];
    return object === undefined ? [{ kind: "remove", feed, key }] : [{ kind: "apply", feed, object }];
  });
}

const readyKinds = (all: readonly Watched[], told: Told["kinds"]): Told["kinds"] =>
  new Set(
    KINDS.filter(
      (kind) =>
        told.has(kind) ||
        all.filter(({ scope }) => scope.kind === kind).every((one) => one.state.synced || isPassedOver(one)),
    ),
  );

/** One list + watch as it was and as it is, and what lies between. */
export interface Change {
  readonly before: Watched;
  readonly steps: readonly Step[];
  readonly after: Watched;
}

function objectEvents(
  change: Change,
  all: readonly Watched[],
  told: Told["kinds"],
  ready: Told["kinds"],
): readonly SourceEvent[] {
  const { kind } = change.after.scope;
  if (!ready.has(kind)) return [];
  if (!told.has(kind) || change.steps.some(({ completes }) => completes)) return complete(kind, all);
  const keys = new Set(change.steps.flatMap(({ entries }) => entries.map(({ key }) => key)));
  return differences(change.before, change.after, keys);
}

/** Only what is new. `all` is after the change. */
export function newsOf(
  told: Told,
  change: Change,
  { all, where }: { readonly all: readonly Watched[]; readonly where: string },
): { readonly told: Told; readonly events: readonly SourceEvent[] } {
  const kinds = readyKinds(all, told.kinds);
  const sameProblems = change.before.contents.problems === change.after.contents.problems;
  const problems = sameProblems ? told.problems : problemsOf(all);
  const health = healthOf(all, kinds, where) ?? told.health;
  const events = [
    ...(health !== undefined && !isDeepStrictEqual(health, told.health)
      ? [{ kind: "status" as const, source: SOURCE, ...health }]
      : []),
    ...(isDeepStrictEqual(problems, told.problems) ? [] : [{ kind: "problems" as const, source: SOURCE, problems }]),
    ...objectEvents(change, all, told.kinds, kinds),
  ];
  return { told: { kinds, problems, ...(health !== undefined && { health }) }, events };
}
