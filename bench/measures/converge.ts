import { setTimeout as delay } from "node:timers/promises";
import type { ChangesAnswer } from "../../server/admin/api-changes.ts";
import { startApiServer } from "../../server/sources/kubernetes/scripted-api.ts";
import { type Figure, median, percentile } from "../figure.ts";
import { connectAll, FIRST_SERVICE, startBare, startLoad } from "../processes.ts";
import { rawService, rawSlice } from "../raw-objects.ts";
import { type KubernetesServing, startKubernetesServing } from "../serving/kubernetes.ts";
import type { Size } from "../size.ts";

const CLIENTS = 100;
/** As many as the EndpointSlice controller puts in one. */
const SLICE_SIZE = 100;
/** Bytes of an assignment for each of its endpoints. */
const ENDPOINT_BYTES = 31;
/** Longer than changes are gathered for, so that each is published alone. */
const BETWEEN_MS = 40;
const WITHIN_MS = 20_000;
const WARM_UP_PART = 0.2;

/** Of evenkeel's own time. */
const AIMS_MS = { p50: 5, p99: 50 } as const;

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(":") + 1));

/** From the watch event to the last client's ACK, of the newest changes that reached all, as the server itself measured them. */
async function lastAcks({ admin }: KubernetesServing, count: number): Promise<readonly number[]> {
  const answer = (await (await fetch(`http://${admin}/v1/changes?limit=1000`)).json()) as ChangesAnswer;
  const whole = answer.changes.filter(({ clients }) => clients.acked === CLIENTS).slice(0, count);
  if (whole.length < count) throw new Error(`${whole.length} of ${count} changes reached every client`);
  return whole.map(({ lastAckMs = Number.NaN }) => lastAckMs);
}

/** One endpoint after the other is another one; each change is awaited by all clients. */
async function realTimes(endpoints: number, changes: number): Promise<readonly number[]> {
  await using api = await startApiServer();
  const size = Math.min(SLICE_SIZE, endpoints);
  const slice = (number: number) =>
    rawSlice({ service: FIRST_SERVICE, slice: number, first: number * SLICE_SIZE, size });
  api.put(rawService(FIRST_SERVICE));
  for (let number = 0; number * SLICE_SIZE < endpoints; number += 1) api.put(slice(number));
  await using serving = await startKubernetesServing(api.url);
  await using load = startLoad();
  await connectAll(load, { port: portOf(serving.xds), clients: CLIENTS });
  await delay(1500); // demand is looked at once a second
  const warmUps = Math.ceil(changes * WARM_UP_PART);
  for (let change = 1; change <= warmUps + changes; change += 1) {
    await delay(BETWEEN_MS);
    const changed = slice(0);
    const [first] = changed.endpoints;
    if (first !== undefined) first.addresses = [`11.0.${change >> 8}.${change & 255}`];
    api.put(changed);
    if (!(await load.call("acknowledged", { count: CLIENTS, withinMs: WITHIN_MS })))
      throw new Error("not every client acknowledged a change");
  }
  await delay(BETWEEN_MS);
  return lastAcks(serving, changes);
}

/** From a push to the last answer read, by a server that makes nothing and understands nothing. */
async function leastTimes(endpoints: number, changes: number): Promise<readonly number[]> {
  await using serving = startBare();
  await using load = startLoad();
  const port = await serving.call("listen", endpoints * ENDPOINT_BYTES);
  await connectAll(load, { port, clients: CLIENTS, onlyAssignments: true });
  const times: number[] = [];
  const warmUps = Math.ceil(changes * WARM_UP_PART);
  for (let change = 0; change < warmUps + changes; change += 1) {
    await delay(BETWEEN_MS);
    const ms = await serving.call("pushed", undefined);
    if (change >= warmUps) times.push(ms);
  }
  return times;
}

/** A change in a cluster until the last of 100 clients has acknowledged it; what remains without bare grpc-js is evenkeel's. */
export async function converge({ changes }: Size): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const endpoints of [10, 1000]) {
    const real = await realTimes(endpoints, changes);
    const least = await leastTimes(endpoints, changes);
    const what = `one endpoint of ${endpoints} changed`;
    const own = (part: number): number => Math.max(0, percentile(real, part) - percentile(least, part));
    figures.push(
      { what: `watch event to the last of ${CLIENTS} ACKs, ${what}, P50`, value: median(real), unit: "ms" },
      { what: "the same, P99", value: percentile(real, 0.99), unit: "ms" },
      { what: `a push to the last of ${CLIENTS} answers, bare grpc-js, P50`, value: median(least), unit: "ms" },
      { what: "evenkeel's own time: the first without the third, P50", value: own(0.5), unit: "ms", aim: AIMS_MS.p50 },
      { what: "the same, P99", value: own(0.99), unit: "ms", aim: AIMS_MS.p99 },
    );
  }
  return figures;
}
