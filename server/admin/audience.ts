import type { Audience } from "../../snapshots/simulate/pushes.ts";
import { CLUSTER, type TypeUrl } from "../../snapshots/type-url.ts";
import { type Member, type Roster, WILDCARD } from "../roster.ts";

/** Who asks for everything is sent clusters, and of nothing else (S14). */
const everything = (roster: Roster, typeUrl: TypeUrl): ReadonlySet<Member> =>
  typeUrl === CLUSTER ? roster.subscribers(typeUrl, WILDCARD) : new Set();

/** Those who are connected. */
export const audienceOf = (roster: Roster): Audience => ({
  size: roster.size,
  subscribers: (typeUrl, name) => roster.subscribers(typeUrl, name).union(everything(roster, typeUrl)),
  streams: roster.demand,
});
