/** Names that are asked for, compared now and then with those that there are. */
import { parseClusterName } from "../../snapshots/names.ts";
import { forget, retire, type Snapshot } from "../../snapshots/snapshot.ts";
import { ASSIGNMENT } from "../../snapshots/type-url.ts";
import type { Roster } from "../roster.ts";
import { carefully, NO_PARTS } from "./careful.ts";
import { type Context, NO_NAMES } from "./context.ts";
import { deliver, publishNow } from "./publishing.ts";

const TIDY_MS = 5_000;

/** Retired names that nobody asks for any more. */
const forgotten = ({ retired }: Snapshot, roster: Roster): readonly string[] =>
  [...retired.keys()].filter((name) => roster.subscribers(ASSIGNMENT, name).size === 0);

/**
 * Canonical names whose assignment somebody has asked for since `latest` or longer though nobody has them: those of a client
 * whose Service went while this server was not there. They are answered as if the server had seen it go (B18).
 */
const orphaned = ({ model, published, retired }: Snapshot, roster: Roster, latest: number): readonly string[] =>
  [...roster.names(ASSIGNMENT)]
    .filter(({ name, since }) => since <= latest && !published.has(name) && !retired.has(name))
    .map(({ name }) => name)
    .filter((name) => !model.workloads.has(name) && parseClusterName(name) !== undefined);

function tidy(context: Context): void {
  const { state, roster, clock, settings, failed } = context;
  const run = (snapshot: Snapshot): void => {
    const dropped = forgotten(snapshot, roster);
    const added = orphaned(snapshot, roster, clock.wall() - settings.removalGraceMs);
    if (dropped.length + added.length === 0) return;
    deliver(context, retire(forget(snapshot, dropped), added), { workloads: new Set(added), services: NO_NAMES });
  };
  publishNow(context);
  if (state.published) carefully({ whole: state.published.snapshot, parts: NO_PARTS, run, failed: failed("tidy") });
}

/** Tidies every few seconds, until the timer is cancelled. */
export function keepTidy(context: Context): void {
  context.timers.tidy.arm(TIDY_MS, () => {
    tidy(context);
    keepTidy(context);
  });
}
