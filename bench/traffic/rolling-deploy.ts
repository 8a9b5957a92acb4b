import type { World } from "./world.ts";

/** One more, then one of the old ones less, until all are new. */
export async function rollingDeploy(world: World): Promise<void> {
  for (const [pod, { zone }] of world.pods()) {
    await world.add(zone);
    await world.remove(pod);
  }
}
