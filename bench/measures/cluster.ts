import { setTimeout as delay } from "node:timers/promises";
import { type ApiServer, startApiServer } from "../../server/sources/kubernetes/scripted-api.ts";
import type { Figure } from "../figure.ts";
import { rawService, rawSlice } from "../raw-objects.ts";
import { startKubernetesServing } from "../serving/kubernetes.ts";
import type { Size } from "../size.ts";

const AIM_S = 3;
const AIM_KIB = 250 * 1024;
const ENDPOINTS = 100;
/** From the start of the process until it answers, and its memory a second later. */
async function firstSync(server: string): Promise<{ readonly seconds: number; readonly kib: number }> {
  await using serving = await startKubernetesServing(server);
  await delay(1000);
  return { seconds: serving.seconds, kib: await serving.rssKiB() };
}

async function measured(
  api: ApiServer,
  watchList: "supported" | "refused",
  slices: number,
): Promise<readonly Figure[]> {
  api.behaviour.watchList = watchList;
  const { seconds, kib } = await firstSync(api.url);
  const what = `${slices * ENDPOINTS} endpoints in ${slices} slices, by ${watchList === "supported" ? "watch-list" : "pages"}`;
  return [
    { what: `start to ready, ${what}`, value: seconds, unit: "s", aim: AIM_S },
    { what: `RSS of the whole server, ${what}`, value: kib, unit: "KiB", aim: AIM_KIB },
  ];
}

/** The first read of a cluster whose API server is next to it. */
export async function cluster({ slices }: Size): Promise<readonly Figure[]> {
  await using api = await startApiServer();
  for (let i = 0; i < slices; i += 1) {
    api.put(rawService(i));
    api.put(rawSlice({ service: i, slice: 0, first: i * ENDPOINTS, size: ENDPOINTS }));
  }
  return [...(await measured(api, "supported", slices)), ...(await measured(api, "refused", slices))];
}
