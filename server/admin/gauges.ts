import { SEND_ORDER, shortName } from "../../snapshots/type-url.ts";
import type { Published } from "../current.ts";
import type { Metrics } from "../metrics.ts";
import type { Roster } from "../roster.ts";
import { missingOf } from "./missing.ts";
import { allProblems } from "./problem-view.ts";

/** Sets the gauges that are counted when they are read, since nothing changes them step by step. */
export function setGauges(metrics: Metrics, published: Published | undefined, roster: Roster): void {
  metrics.problems.reset();
  if (published === undefined) return;
  for (const { code } of allProblems(published)) metrics.problems.inc({ code });
  for (const typeUrl of SEND_ORDER) {
    metrics.unresolved.set({ type: shortName(typeUrl) }, missingOf(typeUrl, published.snapshot, roster).length);
  }
}
