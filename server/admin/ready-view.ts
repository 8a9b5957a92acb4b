import type { ReadyAnswer } from "./api.ts";
import { type Outcome, type World, waitingForOf } from "./route.ts";
import { optional, secondsSince } from "./shown.ts";

type Status = ReadyAnswer["status"];

function statusOf({ draining, status, published }: World): Status {
  if (draining) return "draining";
  return status.ready && published !== undefined ? "serving" : "starting";
}

const detailsOf = ({ draining, status, now }: World, serving: boolean): ReadyAnswer["details"] => ({
  xds: serving ? "serving" : "not serving",
  draining,
  ...optional("lastPublishSeconds", status.lastPublishAt && secondsSince(status.lastPublishAt, now)),
  sources: status.sources.map(({ name, healthy, detail, since }) => ({
    name,
    healthy,
    detail,
    ageSeconds: secondsSince(since, now),
  })),
  feeds: status.feeds.map(({ source, kind, ready, objects }) => ({ source, kind, ready, objects })),
});

/** Ready while new streams are answered. A source that broke later makes nothing unready: what was read is still served. */
export function readiness(world: World, verbose: boolean): Outcome<ReadyAnswer> {
  const status = statusOf(world);
  const answer: ReadyAnswer = {
    status,
    waitingFor: waitingForOf(world.status),
    ...optional("details", verbose ? detailsOf(world, status === "serving") : undefined),
  };
  return { kind: "answer", status: status === "serving" ? 200 : 503, answer };
}
