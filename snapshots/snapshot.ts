import type { Violation } from "../gen/validate/runtime.ts";
import type { Model, Workload } from "./derive/model.ts";
import { type ObjectKey, objectKey } from "./objects.ts";
import type { Problem } from "./problem.ts";
import { type Published, publish } from "./published.ts";
import { emptyAssignment } from "./resources/assignment.ts";
import { endpointsRules } from "./resources/endpoint.ts";
import type { Resource } from "./resources/resource.ts";
import { emptyTable, type Table } from "./table.ts";

/** All resources at one moment, consistent with each other, immutable. */
export interface Snapshot {
  readonly model: Model;
  /** By canonical name. A workload that failed its checks keeps its last good entry, or has none. */
  readonly published: Table<Published>;
  /** What assignments are made of: for each published name the last workload that passed its checks. */
  readonly workloads: Table<Workload>;
  /** By canonical name: why its newest workload is not the one that is served. */
  readonly refused: Table<readonly Problem[]>;
  /** By `namespace/name` of the Service they are about. */
  readonly problems: Table<readonly Problem[]>;
  /**
   * Canonical names that are gone for good, each with the empty assignment that is answered to whoever still asks, so
   * that no client keeps dead addresses (B18).
   */
  readonly retired: Table<Resource>;
  /** The suffix of host names, `cluster.local` unless told otherwise. */
  readonly clusterDomain: string;
}

export interface SnapshotSettings {
  readonly clusterDomain: string;
}

/** What a burst of events touched: canonical names of workloads, and keys of Services. */
export interface Changed {
  readonly workloads: ReadonlySet<string>;
  readonly services: ReadonlySet<ObjectKey>;
}

const firstSnapshot = (model: Model, { clusterDomain }: SnapshotSettings): Snapshot => ({
  model,
  published: emptyTable(),
  workloads: emptyTable(),
  refused: emptyTable(),
  problems: emptyTable(),
  retired: emptyTable(),
  clusterDomain,
});

/** What becomes of one canonical name; undefined where it has nothing of that sort. */
interface Entry {
  readonly published: Published | undefined;
  readonly workload: Workload | undefined;
  readonly refused: readonly Problem[] | undefined;
  readonly retired: Resource | undefined;
}

const entryOf = (name: string, { published, workloads, refused, retired }: Snapshot): Entry => ({
  published: published.get(name),
  workload: workloads.get(name),
  refused: refused.get(name),
  retired: retired.get(name),
});

function gone(name: string, { published, retired }: Entry): Entry {
  const empty = published === undefined ? retired : emptyAssignment(name);
  return { published: undefined, workload: undefined, refused: undefined, retired: empty };
}

const serviceKey = ({ spec }: Workload): ObjectKey => objectKey({ namespace: spec.namespace, name: spec.service });

/** Keeps what was served, and says why: the first rule that is broken stands for the others. */
function refuse({ spec }: Workload, last: Entry, violations: readonly Violation[]): Entry {
  const fate = last.published === undefined ? "it is left out" : "it stays as it was";
  const more = violations.length > 1 ? ` and ${violations.length - 1} more` : "";
  const refused = violations.slice(0, 1).map(({ path, rule, message }) => ({
    object: `Service ${spec.namespace}/${spec.service}`,
    code: "refused-resource",
    message: `${spec.cluster}: ${path} ${message} (${rule})${more}; ${fate}`,
  }));
  return { ...last, refused };
}

/** Checks only what changed: resources when the spec did, endpoints when they did. */
function accept(workload: Workload, last: Entry): Entry {
  const { spec, endpoints } = workload;
  const made =
    last.workload?.spec === spec ? { published: last.published, violations: [] } : publish(spec, last.published);
  const violations = [...made.violations, ...endpointsRules(endpoints, last.workload?.endpoints ?? [])];
  if (violations.length > 0) return refuse(workload, last, violations);
  return { published: made.published, workload, refused: undefined, retired: undefined };
}

function nextEntry(name: string, model: Model, before: Snapshot): Entry {
  const workload = model.workloads.get(name);
  const last = entryOf(name, before);
  return workload === undefined ? gone(name, last) : accept(workload, last);
}

/** All that is wrong with a Service and with what was made of it. */
function problemsOf(key: ObjectKey, model: Model, refused: Snapshot["refused"]): readonly Problem[] | undefined {
  const service = model.services.get(key);
  if (service === undefined) return undefined;
  const problems = [...service.problems, ...service.ports.flatMap(({ cluster }) => refused.get(cluster) ?? [])];
  return problems.length > 0 ? problems : undefined;
}

/** The Services that changed, and the owners of workloads that did. */
function touchedServices(changed: Changed, model: Model, before: Snapshot): ReadonlySet<ObjectKey> {
  const workloads = [...changed.workloads].flatMap(
    (name) => model.workloads.get(name) ?? before.workloads.get(name) ?? [],
  );
  return new Set([...changed.services, ...workloads.map(serviceKey)]);
}

/**
 * The snapshot of a model. Only what changed is looked at, so a change costs the same in a large cluster; without a
 * previous snapshot everything must be named as changed. A workload that breaks a rule keeps its last good entry and
 * gives its Service a problem, and nothing else is touched (E18, B22).
 */
export function nextSnapshot(
  model: Model,
  changed: Changed,
  previous: Snapshot | undefined,
  settings: SnapshotSettings,
): Snapshot {
  const before = previous ?? firstSnapshot(model, settings);
  const entries = [...changed.workloads].map((name) => [name, nextEntry(name, model, before)] as const);
  const refused = before.refused.with(entries.map(([name, entry]) => [name, entry.refused]));
  return {
    model,
    published: before.published.with(entries.map(([name, entry]) => [name, entry.published])),
    workloads: before.workloads.with(entries.map(([name, entry]) => [name, entry.workload])),
    refused,
    problems: before.problems.with(
      [...touchedServices(changed, model, before)].map((key) => [key, problemsOf(key, model, refused)]),
    ),
    retired: before.retired.with(entries.map(([name, entry]) => [name, entry.retired])),
    clusterDomain: settings.clusterDomain,
  };
}

/** Answers these names with an empty assignment from now on; names that live are left alone. */
export function retire(snapshot: Snapshot, names: Iterable<string>): Snapshot {
  const dead = [...names].filter((name) => !snapshot.published.has(name) && !snapshot.retired.has(name));
  return { ...snapshot, retired: snapshot.retired.with(dead.map((name) => [name, emptyAssignment(name)])) };
}

/** Drops retired names that nobody asks for any more. */
export const forget = (snapshot: Snapshot, names: Iterable<string>): Snapshot => ({
  ...snapshot,
  retired: snapshot.retired.with([...names].map((name) => [name, undefined])),
});
