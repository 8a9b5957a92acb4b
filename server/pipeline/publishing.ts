/** Model → snapshot → whoever reads it, not before it is due. */
import { changesBetween } from "../../snapshots/changes.ts";
import { type Changed, nextSnapshot, type Snapshot } from "../../snapshots/snapshot.ts";
import type { Origin } from "../convergence.ts";
import { holdOffDelay } from "../hold-off.ts";
import { carefully, NO_PARTS } from "./careful.ts";
import { type Context, NO_NAMES } from "./context.ts";

/** Publishes a snapshot. Recorded before it is told, so that whoever is told finds it. */
export function deliver(context: Context, snapshot: Snapshot, changed: Changed, origin?: Origin): void {
  const { state, clock, metrics, convergence, publish } = context;
  const before = state.published;
  const next = { snapshot, objects: state.store.objects, sourceProblems: state.store.problems };
  const changes = changesBetween(before?.snapshot, snapshot, changed);
  state.published = next;
  state.publishedAt = { now: clock.now(), wall: clock.wall() };
  const tell = (): void => publish(next, changes);
  if (before === undefined || origin === undefined) tell();
  else convergence.publish(origin, changes, tell);
  metrics.publishes.inc();
}

function* eachChange({ workloads, services }: Changed): Iterable<Changed> {
  for (const name of workloads) yield { workloads: new Set([name]), services: NO_NAMES };
  for (const key of services) yield { workloads: NO_NAMES, services: new Set([key]) };
}

/** Publishes at once what was derived and is not published yet, if there is any. */
export function publishNow(context: Context): void {
  const { state, timers, settings, failed } = context;
  const { unpublished } = state;
  timers.publish.cancel();
  state.unpublished = undefined;
  if (unpublished === undefined) return;
  const { changed, origin } = unpublished;
  let snapshot = state.published?.snapshot;
  const build = (part: Changed): void => {
    snapshot = nextSnapshot(state.model, part, snapshot, settings);
  };
  carefully({ whole: changed, parts: () => eachChange(changed), run: build, failed: failed("snapshot") });
  if (snapshot === undefined) return;
  const run = (next: Snapshot): void => deliver(context, next, changed, origin);
  carefully({ whole: snapshot, parts: NO_PARTS, run, failed: failed("publish") });
}

/** Whether readers would see anything new. */
function hasNews({ published, store, unpublished }: Context["state"]): boolean {
  if (published === undefined || store.objects !== published.objects) return true;
  const changed = unpublished?.changed;
  return (
    store.problems !== published.sourceProblems || (changed?.workloads.size ?? 0) + (changed?.services.size ?? 0) > 0
  );
}

/** Publishes what is not published yet: now or, while changes are gathered, later. */
export function publishWhenDue(context: Context): void {
  const { state, timers, clock, settings } = context;
  if (!hasNews(state)) state.unpublished = undefined;
  const { unpublished, publishedAt } = state;
  if (unpublished === undefined) return;
  const { origin, hasRemoval } = unpublished;
  const waiting = { since: origin.reportedAt, hasRemoval, ...(publishedAt && { publishedAt: publishedAt.now }) };
  const delay = holdOffDelay(settings, waiting, clock.now());
  if (delay === 0) publishNow(context);
  else if (!timers.publish.isArmed()) timers.publish.arm(delay, () => publishNow(context));
}
