import type { ObjectKey } from "../objects.ts";
import { hasLost } from "./keep.ts";
import type { Model, ServiceEntry, Topology, Workload } from "./model.ts";

/** What one derivation changes: undefined for what goes. Only what differs from the previous model is in it. */
export interface Draft {
  readonly workloads: Map<string, Workload | undefined>;
  readonly services: Map<ObjectKey, ServiceEntry | undefined>;
  /** When to look again, for every cluster that was looked at; undefined for never. */
  readonly due: Map<string, number | undefined>;
}

export const emptyDraft = (): Draft => ({ workloads: new Map(), services: new Map(), due: new Map() });

interface Since {
  readonly previous: Model;
  readonly now: number;
}

const earliest = (times: Iterable<number | undefined>, first = Number.POSITIVE_INFINITY): number => {
  let min = first;
  for (const time of times) if (time !== undefined && time < min) min = time;
  return min;
};

/** Canonical names that are to be looked at by now. */
export const dueNames = ({ due, wakeAt }: Model, now: number): readonly string[] =>
  now < wakeAt ? [] : [...due.entries()].filter(([, at]) => at <= now).map(([name]) => name);

/** All of `due` is searched only when its time has come, not at every change. */
function nextWakeAt(due: Model["due"], draft: Draft, { previous, now }: Since): number {
  if (due.size === 0) return Number.POSITIVE_INFINITY;
  return now < previous.wakeAt ? earliest(draft.due.values(), previous.wakeAt) : earliest(due.values());
}

/** The previous model with the changes, or itself when there are none. */
export function modelWith(draft: Draft, topology: Topology, { previous, now }: Since): Model {
  const due = previous.due.with(draft.due);
  const model: Model = {
    workloads: previous.workloads.with(draft.workloads),
    services: previous.services.with(draft.services),
    topology,
    due,
    wakeAt: nextWakeAt(due, draft, { previous, now }),
  };
  const unchanged = Object.entries(model).every(([key, value]) => previous[key as keyof Model] === value);
  return unchanged ? previous : model;
}

/** Whether some workload has an endpoint less. */
export const losesEndpoints = ({ workloads }: Draft, previous: Model): boolean =>
  [...workloads].some(([name, next]) => hasLost(previous.workloads.get(name)?.endpoints ?? [], next?.endpoints ?? []));
