import type { Figure } from "../figure.ts";
import { startServing } from "../processes.ts";
import type { Size } from "../size.ts";

const ENDPOINTS = 10;
const AIM_S = 2;

/** From all objects of a cluster at the source to the first snapshot, in a process that has just started. */
export async function derive({ services: { many } }: Size): Promise<readonly Figure[]> {
  await using serving = startServing();
  const { ms, cpuMs } = await serving.call("fill", { services: many, endpoints: ENDPOINTS });
  const what = `first snapshot, ${many} Services x ${ENDPOINTS} endpoints`;
  return [
    { what, value: ms / 1000, unit: "s", aim: AIM_S },
    { what: `CPU of it`, value: cpuMs / 1000, unit: "s" },
    { what: `RSS with it`, value: await serving.call("rssKiB", undefined), unit: "KiB" },
  ];
}
