/** What the pipeline says of itself in metrics and in the log. */
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { SourceEvent } from "../sources/source.ts";
import type { Store } from "../sources/store.ts";

export function countEvents(metrics: Metrics, burst: readonly SourceEvent[]): void {
  const events = burst.filter((event) => "feed" in event);
  for (const [source, ofSource] of Map.groupBy(events, ({ feed }) => feed.source)) {
    for (const [kind, ofFeed] of Map.groupBy(ofSource, ({ feed }) => feed.kind)) {
      metrics.sourceEvents.inc({ source, kind }, ofFeed.length);
      metrics.relists.inc({ source, kind }, ofFeed.filter((event) => event.kind === "ready").length);
    }
  }
}

/** The sources that can be read now and could not before, or the other way round. */
export const turnedSources = (before: Store, after: Store): readonly string[] =>
  [...after.health].filter(([name, { healthy }]) => before.health.get(name)?.healthy !== healthy).map(([name]) => name);

export function logTurned(log: Log, { health }: Store, turned: readonly string[]): void {
  for (const source of turned) {
    const { healthy = false, detail = "" } = health.get(source) ?? {};
    if (healthy) log.info("source is read", { source, detail });
    else log.warn("source cannot be read", { source, detail });
  }
}

export function logNewProblems(log: Log, before: Store, after: Store): void {
  if (after.problems === before.problems) return;
  for (const [source, problems] of after.reported) {
    if (problems === before.reported.get(source) || problems.length === 0) continue;
    log.warn("source has problems", { source, count: problems.length, first: problems[0] });
  }
}

export function showHealth(metrics: Metrics, { health }: Store): void {
  for (const [source, { healthy }] of health) metrics.sourceHealthy.set({ source }, healthy ? 1 : 0);
}
