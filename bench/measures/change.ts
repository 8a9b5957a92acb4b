import { setTimeout as delay } from "node:timers/promises";
import { type Figure, median } from "../figure.ts";
import { startServing } from "../processes.ts";
import type { Size } from "../size.ts";

const ENDPOINTS = 10;
const MANY_ENDPOINTS = 1000;
/** So many more come before those that are counted, so that the code is compiled. */
const WARM_UP_PART = 0.2;

/** Longer than changes are gathered for, so that each is published alone. */
const BETWEEN_MS = 25;

const AIM_MS = 1;
/** "The same" within what caches and the collector do to a figure of microseconds. */
const AIM_RATIO = 1.5;

async function cpuOfChange(services: number, endpoints: number, changes: number): Promise<number> {
  await using serving = startServing();
  await serving.call("fill", { services, endpoints });
  const costs: number[] = [];
  const warmUps = Math.ceil(changes * WARM_UP_PART);
  for (let change = 0; change < warmUps + changes; change += 1) {
    await delay(BETWEEN_MS);
    const { cpuMs } = await serving.call("change", (change * 7919) % services);
    if (change >= warmUps) costs.push(cpuMs);
  }
  return median(costs);
}

/** From one endpoint's change at the source to the published snapshot, in clusters of two sizes. */
export async function change({ services: { few, many }, changes }: Size): Promise<readonly Figure[]> {
  const small = await cpuOfChange(few, ENDPOINTS, changes);
  const large = await cpuOfChange(many, ENDPOINTS, changes);
  const long = await cpuOfChange(1, MANY_ENDPOINTS, changes);
  const what = `one endpoint of ${ENDPOINTS} changed`;
  return [
    { what: `CPU until published, ${what}, among ${few} Services`, value: small, unit: "ms" },
    { what: `CPU until published, ${what}, among ${many} Services`, value: large, unit: "ms", aim: AIM_MS },
    { what: `the second to the first`, value: large / small, unit: "x", aim: AIM_RATIO },
    { what: `CPU until published, one endpoint of ${MANY_ENDPOINTS} changed`, value: long, unit: "ms" },
  ];
}
