import { parseClusterName } from "../../snapshots/names.ts";
import type { Snapshot } from "../../snapshots/snapshot.ts";
import { ASSIGNMENT } from "../../snapshots/type-url.ts";
import type { Roster } from "../roster.ts";

/** Retired names that nobody asks for any more. */
export const forgotten = ({ retired }: Snapshot, roster: Roster): readonly string[] =>
  [...retired.keys()].filter((name) => roster.subscribers(ASSIGNMENT, name).size === 0);

/**
 * Canonical names whose assignment somebody has asked for since `latest` or longer though nobody has them: those of a client
 * whose Service went while this server was not there. They are answered as if the server had seen it go (B18).
 */
export const orphaned = ({ model, published, retired }: Snapshot, roster: Roster, latest: number): readonly string[] =>
  [...roster.names(ASSIGNMENT)]
    .filter(({ name, since }) => since <= latest && !published.has(name) && !retired.has(name))
    .map(({ name }) => name)
    .filter((name) => !model.workloads.has(name) && parseClusterName(name) !== undefined);
