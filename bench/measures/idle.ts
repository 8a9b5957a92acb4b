import { setTimeout as delay } from "node:timers/promises";
import type { Figure } from "../figure.ts";
import { connectAll, startLoad, startServing } from "../processes.ts";
import type { Size } from "../size.ts";

/** Clients that come and go first, so that code and buffers that are made once are not counted. */
const WARM_UP_CLIENTS = 100;

const AIM_KIB = 64;

async function rssPerClient(clients: number, settleMs: number): Promise<number> {
  await using load = startLoad();
  await using serving = startServing();
  await serving.call("fill", { services: 1, endpoints: 10 });
  const port = await serving.call("listen", undefined);
  await connectAll(load, { port, clients: WARM_UP_CLIENTS });
  await load.call("disconnect", undefined);
  await delay(settleMs);
  const before = await serving.call("rssKiB", undefined);
  await connectAll(load, { port, clients });
  await delay(settleMs);
  const { lost } = await load.call("surprises", undefined);
  if (lost > 0) throw new Error(`${lost} clients were lost while idle`);
  return ((await serving.call("rssKiB", undefined)) - before) / clients;
}

/** Memory that a connected client takes which waits for changes of one Service. */
export async function idle({ idleClients, settleMs }: Size): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const clients of idleClients) {
    const value = await rssPerClient(clients, settleMs);
    figures.push({ what: `RSS per idle client, ${clients} clients`, value, unit: "KiB", aim: AIM_KIB });
  }
  return figures;
}
