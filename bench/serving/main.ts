/** The process that serves: the real parts, joined as `server/compose.ts` does it, but fed from memory. */
import { startXds } from "../../server/ads/xds.ts";
import { systemClock as clock } from "../../server/clock.ts";
import { Convergence } from "../../server/convergence.ts";
import { createCurrent } from "../../server/current.ts";
import { silentLog as log } from "../../server/log.ts";
import { createMetrics } from "../../server/metrics.ts";
import { startPipeline } from "../../server/pipeline.ts";
import { createRoster } from "../../server/roster.ts";
import { answer } from "../remote.ts";
import { objectsOf, sliceObject, type World } from "../world.ts";
import { createMemorySource } from "./memory-source.ts";
import { cpuUs, resources } from "./resources.ts";

/** As the product's defaults. */
const SETTINGS = { removalGraceMs: 30_000, gatherMs: 20, clusterDomain: "cluster.local" };

const source = createMemorySource();
const metrics = createMetrics();
const roster = createRoster(clock.wall);
const { reader: current, publish } = createCurrent();
const convergence = new Convergence(clock, metrics);
const shared = { current, roster, convergence, metrics, log, clock };
startPipeline({ ...shared, sources: [source], publish, settings: SETTINGS });

let world: World = { services: 0, endpoints: 0 };
let generation = 0;

/** Reports something; what it costs until it is published. */
async function published(report: () => void): Promise<{ readonly ms: number; readonly cpuMs: number }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const start = performance.now();
  const startUs = cpuUs();
  const measured = { ms: 0, cpuMs: 0 };
  const stop = current.onPublish(() => {
    measured.ms = performance.now() - start;
    measured.cpuMs = (cpuUs() - startUs) / 1000;
    resolve();
  });
  report();
  await promise;
  stop();
  return measured;
}

export const servingCommands = answer({
  ...resources,
  /** The first read of a whole cluster. */
  fill: (wanted: World) => {
    world = wanted;
    const objects = objectsOf(world);
    return published(() => source.fill(objects));
  },
  listen: async (): Promise<number> => {
    const { address } = await startXds({ ...shared, listen: { host: "127.0.0.1", port: 0 } });
    return address.port;
  },
  /** Another address for one endpoint of a Service. */
  change: (service: number) => {
    generation += 1;
    const slice = sliceObject(0, { service, generation }, world);
    return published(() => source.change(slice));
  },
});
