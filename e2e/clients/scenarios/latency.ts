import { setTimeout as delay } from "node:timers/promises";
import { startApiServer } from "../../../server/sources/kubernetes/scripted-api.ts";
import type { Backend } from "../../harness/backends.ts";
import { service } from "../../harness/objects.ts";
import { writeKubeconfig } from "../kubeconfig.ts";
import { judged, quantile, watchMachine } from "../machine.ts";
import type { Stage } from "../stage.ts";
import { podOf, unfailed } from "../world.ts";

const CHANGES = 30;
const PATIENCE_MS = 60_000;
const P50_MS = 50;
/** Asked of the 99th percentile, and here of the slowest. */
const SLOWEST_MS = 250;

/** Waits until `pod` gets nothing while `other` gets a hundred requests. */
async function untilLeftAlone(pod: Backend, other: Backend): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const [before, limit] = [pod.served(), other.served() + 100];
    while (other.served() < limit && performance.now() < end) await delay(5);
    if (pod.served() === before && other.served() >= limit) return;
    if (performance.now() > end) throw new Error("the pod is still asked, or nobody is");
  }
}

/** From the moment in which the API server tells of a pod until that pod's first request. The API server is a stand-in, the watch is real. */
export async function changeLatency(stage: Stage): Promise<string> {
  await using api = await startApiServer();
  await using kubeconfig = await writeKubeconfig(api.url);
  const [first, second, ...others] = await stage.pods("a1", "a2", "a3", "a4", "a5");
  if (first === undefined || second === undefined) throw new Error("no pods");
  const put = (...pods: readonly Backend[]): void => {
    const [, slice] = service({ name: "greeter", pods: pods.map((pod) => podOf(pod)) });
    api.put(slice as Parameters<typeof api.put>[0]);
  };
  for (const object of service({ name: "greeter", pods: [first, second].map((pod) => podOf(pod)) }))
    api.put(object as Parameters<typeof api.put>[0]);
  const plane = await stage.plane({ flags: ["--kubernetes", "--kubeconfig", kubeconfig.file] });
  const client = stage.dial(plane.xds, { rate: 1000, parallel: 8 });
  await client.until(({ ok }) => ok > 200);
  const taken: number[] = [];
  const machine = watchMachine();
  for (let change = 0; change < CHANGES; change += 1) {
    const pod = others[change % others.length] ?? first;
    const seen = pod.next();
    const told = performance.now();
    put(first, second, pod);
    taken.push((await client.orEnd(seen)) - told);
    put(first, second);
    await untilLeftAlone(pod, first);
  }
  const quiet = machine();
  const count = unfailed(await client.finish());
  const p50 = judged({ ms: quantile(taken, 0.5), aimMs: P50_MS }, quiet);
  const slowest = judged({ ms: Math.max(...taken), aimMs: SLOWEST_MS }, quiet);
  return `P50 ${p50}, the slowest of ${CHANGES} ${slowest}; ${count}`;
}
