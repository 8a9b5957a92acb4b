import { SEND_ORDER, shortName, type TypeUrl } from "../../snapshots/type-url.ts";
import type { Metrics } from "../metrics.ts";
import type { Member } from "../roster.ts";
import type { Step } from "./step.ts";

/** What streams count. Labels are looked up once, since this runs for each request and each response. */
export type Tally = ReturnType<typeof createTally>;

const countersOf = (metrics: Metrics, typeUrl: TypeUrl) => {
  const type = shortName(typeUrl);
  return {
    requests: metrics.requests.labels(type),
    pushes: metrics.pushes.labels(type),
    acks: metrics.acks.labels(type),
    nacks: metrics.nacks.labels(type),
    responseBytes: metrics.responseBytes.labels(type),
    ackSeconds: metrics.ackSeconds.labels(type),
    overTarget: metrics.largeResponses.labels(type, "over-target"),
    leftOut: metrics.largeResponses.labels(type, "resource-left-out"),
    tooLarge: metrics.largeResponses.labels(type, "stream-ended"),
  };
};

export function createTally(metrics: Metrics) {
  const counters = new Map(SEND_ORDER.map((typeUrl) => [typeUrl, countersOf(metrics, typeUrl)]));
  const of = (typeUrl: TypeUrl) => counters.get(typeUrl) ?? countersOf(metrics, typeUrl);
  return {
    joined: ({ variant, kind }: Member): void => metrics.streams.inc({ variant, kind }),
    left: ({ variant, kind }: Member): void => metrics.streams.dec({ variant, kind }),
    ended: (reason: string): void => metrics.streamsEnded.inc({ reason }),
    requested: (typeUrl: TypeUrl): void => of(typeUrl).requests.inc(),
    answered: (typeUrl: TypeUrl, { verdict, flight }: Step<unknown>, now: number): void => {
      if (flight === undefined) return;
      of(typeUrl).ackSeconds.observe((now - flight.at) / 1000);
      if (verdict === "refused") of(typeUrl).nacks.inc();
      else of(typeUrl).acks.inc();
    },
    wrote: (typeUrl: TypeUrl, bytes: number): void => {
      of(typeUrl).pushes.inc();
      of(typeUrl).responseBytes.observe(bytes);
    },
    overTarget: (typeUrl: TypeUrl): void => of(typeUrl).overTarget.inc(),
    leftOut: (typeUrl: TypeUrl, resources: number): void => of(typeUrl).leftOut.inc(resources),
    tooLarge: (typeUrl: TypeUrl): void => of(typeUrl).tooLarge.inc(),
  };
}
