/** What becomes of a connection as time goes by. Pure. */
import type { XdsOptions } from "./options.ts";

/** Times are milliseconds that only grow. */
export interface ConnectionFacts {
  readonly since: number;
  /** When it is asked to reconnect, its share of chance included (E11). */
  readonly leavesAt: number;
  /** It was asked to go then. */
  readonly leavingSince: number | undefined;
  /** No call has been open since then. */
  readonly idleSince: number | undefined;
  /** The client's last sign of life. */
  readonly heardAt: number;
  /** It was asked for a sign of life after the last one. */
  readonly isAsked: boolean;
  readonly bytesRead: number;
}

export type Fate = "stays" | "asked" | "leaves" | "silent" | "dead" | "overdue";

type Limits = Pick<
  XdsOptions,
  "maxConnectionAgeGraceMs" | "maxConnectionIdleMs" | "keepaliveTimeMs" | "keepaliveTimeoutMs" | "prefaceTimeoutMs"
>;

/** Length of HTTP/2's client preface. */
const PREFACE_BYTES = 24;

const isOld = ({ leavesAt, idleSince = Number.POSITIVE_INFINITY }: ConnectionFacts, now: number, limits: Limits) =>
  now >= leavesAt || now - idleSince >= limits.maxConnectionIdleMs;

/** `silent`, `dead` and `overdue` connections are broken, those that leave are told in order (E10, E11). */
export function fateOf(facts: ConnectionFacts, now: number, limits: Limits): Fate {
  const { since, leavingSince, heardAt, isAsked, bytesRead } = facts;
  if (bytesRead < PREFACE_BYTES && now - since >= limits.prefaceTimeoutMs) return "silent";
  if (now - heardAt >= limits.keepaliveTimeMs + limits.keepaliveTimeoutMs) return "dead";
  if (leavingSince !== undefined) return now - leavingSince >= limits.maxConnectionAgeGraceMs ? "overdue" : "stays";
  if (isOld(facts, now, limits)) return "leaves";
  return now - heardAt >= limits.keepaliveTimeMs && !isAsked ? "asked" : "stays";
}
