import type { Zone } from "../../snapshots/balance/zone.ts";
import type { Change, Scenario } from "../balance/scenarios.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Finder } from "./finders.ts";
import type { Pod } from "./pod.ts";

const SERVICE_MS = 8;
/** One pod of so many is the slow one. */
const SLOW_OF = 12;
/** From when on requests are counted. */
export const WARM_AT = 1000;
const CHANGE_AT = 2000;
/** Until Kubernetes knows that nodes are gone. */
const UNNOTICED_MS = 5000;
const GRACE_MS = 1000;
const BATCHES = 20;
const BATCH_EVERY_MS = 1600;

/** When all is as it stays, in ms. */
export const SETTLED_AT: Readonly<Record<Change | "nothing", number>> = {
  nothing: CHANGE_AT,
  "zone lost": CHANGE_AT + UNNOTICED_MS + 1000,
  "rolling deploy": CHANGE_AT + BATCHES * BATCH_EVERY_MS + GRACE_MS,
  "scale up": CHANGE_AT + 1000,
};

type Events = EventQueue<(now: number) => void>;

/** Pods that come and go, and who is told of it. */
function createCluster({ change, slow }: Scenario, zones: readonly Zone[], finder: Finder) {
  const lost = change === "zone lost" ? zones.at(-1) : undefined;
  const pods: Pod[] = [];
  let ready: readonly Pod[] = [];
  return {
    /** All that ever were. */
    pods,
    ready: () => ready,
    start: (zone: Zone): Pod => {
      const pod: Pod = {
        name: `pod-${pods.length}`,
        zone,
        serviceMs: pods.length % SLOW_OF === 0 ? slow * SERVICE_MS : SERVICE_MS,
        freeAt: 0,
        isGone: false,
        crashesAt: zone === lost ? CHANGE_AT : Number.POSITIVE_INFINITY,
        served: 0,
      };
      pods.push(pod);
      return pod;
    },
    list: (listed: readonly Pod[], now: number): void => {
      ready = listed;
      finder.list(ready, now);
    },
    end: (ended: readonly Pod[], now: number): void => {
      for (const pod of ended) pod.isGone = true;
      finder.lose(now);
    },
  };
}

type Cluster = ReturnType<typeof createCluster>;

function loseZone(zone: Zone | undefined, { ready, list, end }: Cluster, queue: Events): void {
  const [own, others] = [true, false].map((isOwn) => ready().filter((pod) => (pod.zone === zone) === isOwn));
  queue.schedule(CHANGE_AT, (now) => end(own ?? [], now));
  queue.schedule(CHANGE_AT + UNNOTICED_MS, (now) => list(others ?? [], now));
}

/** A twentieth of the pods is replaced at a time. */
function deploy({ ready, start, list, end }: Cluster, queue: Events): void {
  for (const [batch, old] of Map.groupBy(ready(), (_, i) => i % BATCHES)) {
    const replace = (now: number): void => {
      list([...ready().filter((pod) => !old.includes(pod)), ...old.map(({ zone }) => start(zone))], now);
      queue.schedule(now + GRACE_MS, (later) => end(old, later));
    };
    queue.schedule(CHANGE_AT + batch * BATCH_EVERY_MS, replace);
  }
}

function scaleUp({ ready, start, list }: Cluster, queue: Events): void {
  const half = ready().slice(0, Math.ceil(ready().length / 2));
  queue.schedule(CHANGE_AT, (now) => list([...ready(), ...half.map(({ zone }) => start(zone))], now));
}

interface Place {
  readonly zones: readonly Zone[];
  readonly pods: number;
}

/** Starts pods, spread over the zones, and schedules what happens to them. */
export function startCluster(scenario: Scenario, { zones, pods }: Place, queue: Events, finder: Finder): Cluster {
  const cluster = createCluster(scenario, zones, finder);
  const perZone = Array.from({ length: Math.ceil(pods / zones.length) }, () => zones).flat();
  cluster.list(perZone.slice(0, pods).map(cluster.start), 0);
  switch (scenario.change) {
    case "zone lost":
      loseZone(zones.at(-1), cluster, queue);
      break;
    case "rolling deploy":
      deploy(cluster, queue);
      break;
    case "scale up":
      scaleUp(cluster, queue);
      break;
    case undefined:
      break;
  }
  return cluster;
}
