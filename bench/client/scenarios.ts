import { setTimeout as delay } from "node:timers/promises";
import type { Pacing } from "../traffic/callers.ts";
import type { Behaviour } from "../traffic/pods.ts";
import { rollingDeploy } from "../traffic/rolling-deploy.ts";
import type { World } from "../traffic/world.ts";

/** How pods behave, and what changes while requests are on their way. */
export interface Scenario {
  readonly name: string;
  readonly pacing: Pacing;
  readonly requests: number;
  readonly behaviour: (pod: number) => Behaviour;
  readonly change?: (world: World) => Promise<void>;
}

export const ZONE = "a";

const well: Behaviour = { serviceMs: 2, failing: 0, coldFactor: 1, coldMs: 0 };
/** As many as there can be on their way. */
const BUSY: Pacing = { concurrency: 24 };
/** As a caller that does not send more because it is answered sooner. */
const STEADY: Pacing = { concurrency: 100, perSecond: 1000 };

const LATECOMERS = 3;

async function arrive(world: World): Promise<void> {
  for (let i = 0; i < LATECOMERS; i += 1) {
    await delay(500);
    await world.add(ZONE);
  }
}

/** Of that many pods to begin with, of which each takes so long to get ready in a deploy. */
export const scenariosOf = (pods: number, readyMs: number): readonly Scenario[] => [
  { name: "equal pods", pacing: BUSY, requests: 60_000, behaviour: () => well },
  {
    name: "one pod 5x slower",
    pacing: BUSY,
    requests: 20_000,
    behaviour: (pod) => (pod === 0 ? { ...well, serviceMs: 5 * well.serviceMs } : well),
  },
  {
    name: "one pod fails 30 %",
    pacing: BUSY,
    requests: 20_000,
    behaviour: (pod) => (pod === 0 ? { ...well, failing: 0.3 } : well),
  },
  {
    name: "pods arrive cold",
    pacing: STEADY,
    requests: 15_000,
    behaviour: (pod) => (pod < pods ? well : { ...well, coldFactor: 10, coldMs: 3000 }),
    change: arrive,
  },
  {
    name: "rolling deploy",
    pacing: STEADY,
    requests: 15_000,
    behaviour: () => well,
    change: (world) => rollingDeploy(world, readyMs),
  },
  { name: "no work at all", pacing: BUSY, requests: 20_000, behaviour: () => ({ ...well, serviceMs: 0 }) },
];
