import type { ZoneClass } from "../../snapshots/balance/zone.ts";
import { zoneClassOf } from "../../snapshots/derive/topology.ts";
import { planFor } from "../../snapshots/plan.ts";
import type { Problem } from "../../snapshots/problem.ts";
import { readable } from "../../snapshots/resources/messages.ts";
import type { Snapshot } from "../../snapshots/snapshot.ts";
import { SHORT_NAMES, type ShortName } from "../../snapshots/type-url.ts";
import { viewOf } from "../../snapshots/view.ts";
import type { SnapshotAnswer, SnapshotQuery } from "./api.ts";
import { directoryOf, hintFor } from "./hint.ts";
import { pageOf } from "./page.ts";
import { type Failure, failure, found, type Outcome, type ServedWorld } from "./route.ts";
import { cut, optional } from "./shown.ts";
import { regionAlone, seenBy } from "./viewer.ts";

interface Wanted {
  readonly type: ShortName;
  readonly name: string;
}

const NAMES_OF_TYPES = Object.keys(SHORT_NAMES) as readonly ShortName[];

const problemsOf = (assignments: readonly Wanted[], zoneClass: ZoneClass, { workloads }: Snapshot): Problem[] =>
  assignments.flatMap(({ name }) => {
    const workload = workloads.get(name);
    return (workload && planFor(workload, zoneClass).problem) ?? [];
  });

function noSuchResource(name: string, type: ShortName | undefined, { published }: ServedWorld): Failure {
  const { message, nearest } = hintFor(SHORT_NAMES[type ?? "listener"], name, directoryOf(published));
  return failure(404, "no-such-resource", `no ${type ?? "resource"} is named ${cut(name)}: ${message}`, { nearest });
}

/** Resources as a client of that kind and place sees them; all four of one name stand together. */
export function resourceList(world: ServedWorld, query: SnapshotQuery): Outcome<SnapshotAnswer> {
  const { type, name, kind } = query;
  const misplaced = regionAlone(query);
  if (misplaced !== undefined) return misplaced;
  const { snapshot } = world.published;
  const zoneClass = zoneClassOf(query, snapshot.model.topology);
  const view = viewOf(snapshot, zoneClass, kind);
  const types = type === undefined ? NAMES_OF_TYPES : [type];
  const names = name === undefined ? [...snapshot.published.keys()] : [name];
  const wanted = names.flatMap((one) => types.map((of): Wanted => ({ type: of, name: one })));
  const keyOf = (one: Wanted): string => `${one.name} ${NAMES_OF_TYPES.indexOf(one.type)}`;
  const { total, items, next } = pageOf(wanted, keyOf, query);
  const resources = items.flatMap((one) => view.get(SHORT_NAMES[one.type], one.name) ?? []).map(readable);
  if (name !== undefined && resources.length === 0) return noSuchResource(name, type, world);
  const count = name === undefined ? total : resources.length;
  const problems = problemsOf(
    items.filter((one) => one.type === "assignment"),
    zoneClass,
    snapshot,
  );
  return found({ total: count, ...optional("next", next), seenBy: seenBy(kind, zoneClass), problems, resources });
}
