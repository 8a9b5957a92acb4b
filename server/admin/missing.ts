import { UNKNOWN } from "../../snapshots/balance/zone.ts";
import type { Snapshot } from "../../snapshots/snapshot.ts";
import { ASSIGNMENT, SEND_ORDER, type TypeUrl } from "../../snapshots/type-url.ts";
import { viewOf } from "../../snapshots/view.ts";
import { type Roster, WILDCARD } from "../roster.ts";

/** A name that clients ask for and nobody has. */
export interface Missing {
  readonly typeUrl: TypeUrl;
  readonly name: string;
  /** When it was first asked for; milliseconds since the epoch. */
  readonly since: number;
  readonly streams: number;
}

/** Whether a name exists is the same for all clients. No assignment is made only to know that it could be. */
function exists(snapshot: Snapshot, typeUrl: TypeUrl, name: string): boolean {
  if (typeUrl === ASSIGNMENT) return snapshot.workloads.has(name) || snapshot.retired.has(name);
  return viewOf(snapshot, UNKNOWN, "grpc").get(typeUrl, name) !== undefined;
}

/** All names of one type that are asked for in vain (E23). */
export const missingOf = (typeUrl: TypeUrl, snapshot: Snapshot, roster: Roster): readonly Missing[] =>
  [...roster.names(typeUrl)]
    .filter(({ name }) => name !== WILDCARD && !exists(snapshot, typeUrl, name))
    .map((asked) => ({ typeUrl, ...asked }));

export const allMissing = (snapshot: Snapshot, roster: Roster): readonly Missing[] =>
  SEND_ORDER.flatMap((typeUrl) => missingOf(typeUrl, snapshot, roster));
