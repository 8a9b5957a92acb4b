import { shortName } from "../../snapshots/type-url.ts";
import type { Change } from "../convergence.ts";
import type { ChangesAnswer, ChangesQuery } from "./api-changes.ts";
import { pageOf } from "./page.ts";
import { found, type Outcome, type World } from "./route.ts";
import { cut, iso, optional } from "./shown.ts";

const MOST_NAMES = 10;
/** Pages are in order of key, and the newest change comes first. */
const LAST = 10 ** 15;
const keyOf = ({ id }: Change): string => String(LAST - id);

const rounded = (ms: number | undefined): number | undefined => ms && Math.round(ms * 100) / 100;

function changeLine(change: Change): ChangesAnswer["changes"][number] {
  const { id, at, changes, state, publishMs, lastAckMs, objectAgeMs, clients, acked, refused, left, slowest } = change;
  const named = [...changes].filter(([, names]) => names.length > 0);
  return {
    id,
    at: iso(at),
    resources: named.map(([typeUrl, names]) => ({
      type: shortName(typeUrl),
      names: names.slice(0, MOST_NAMES).map(cut),
      namesTotal: names.length,
    })),
    state,
    publishMs: rounded(publishMs) ?? 0,
    ...optional("lastAckMs", rounded(lastAckMs)),
    ...optional("objectAgeMs", rounded(objectAgeMs)),
    clients: { sent: clients, acked, refused, left },
    ...optional("slowest", slowest && { stream: slowest.stream, nodeId: cut(slowest.nodeId) }),
  };
}

/** The newest changes, and how long each took to reach whom it concerned. */
export function changeList({ convergence }: World, query: ChangesQuery): Outcome<ChangesAnswer> {
  const { total, items, next } = pageOf(convergence.recent(), keyOf, query);
  return found({ total, ...optional("next", next), changes: items.map(changeLine) });
}
