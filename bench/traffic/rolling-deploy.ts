import { setTimeout as delay } from "node:timers/promises";
import type { World } from "./world.ts";

/** One more, then one of the old ones less, until all are new; a pod has so long to get ready. */
export async function rollingDeploy(world: World, readyMs: number): Promise<void> {
  for (const [pod, { zone }] of world.pods()) {
    await delay(readyMs);
    await world.add(zone);
    await world.remove(pod);
  }
}
