import { expect } from "vitest";
import { type Backend, startBackend } from "../../harness/backends.ts";
import { type Pod, service } from "../../harness/objects.ts";
import type { Stage } from "../stage.ts";
import { cluster, greeter, podOf, unfailed } from "../world.ts";

const TARGETS = 200;

export async function manyTargets(stage: Stage): Promise<string> {
  const pods = await stage.pods("a1", "a2");
  const numbers = Array.from({ length: TARGETS }, (_, i) => i + 1);
  const all = numbers.flatMap((n) => service({ name: `greeter-${n}`, pods: pods.map((pod) => podOf(pod)) }));
  const plane = await stage.plane({ manifests: cluster(...all) });
  const target = numbers.map((n) => `xds:///greeter-${n}.default:8080`).join(",");
  const report = await stage
    .dial(plane.xds, { target, count: 5 * TARGETS, rate: 200, parallel: 20, deadline: 60 })
    .summary(120_000);
  expect(report.ok).toBe(5 * TARGETS);
  return unfailed(report);
}

const ENDPOINTS = 3000;
const FAMILIES = ["a", "b", "c"];

/** A few pods that answer on every address of this machine, and are listed with many. */
export async function manyEndpoints(stage: Stage): Promise<string> {
  await using ends = new AsyncDisposableStack();
  const few: Backend[] = [];
  for (const zone of FAMILIES) few.push(ends.use(await startBackend(`${zone}1`, "0.0.0.0")));
  const many = Array.from({ length: ENDPOINTS }, (_, i): Pod => {
    const { name, port } = few[i % few.length] ?? { name: "", port: 0 };
    return { address: `127.90.${1 + (i >> 8)}.${i & 255}`, port, zone: name };
  }).map((pod) => ({ ...pod, zone: pod.zone?.charAt(0) ?? "" }));
  const plane = await stage.plane({ manifests: greeter(many) });
  const client = stage.dial(plane.xds, { rate: 100, deadline: 60 });
  const first = await client.until(({ ok }) => ok > 0, 120_000);
  await client.until(({ ok }) => ok > 300, 60_000);
  const fresh = await stage.pod("a2");
  await plane.apply(greeter([fresh]));
  const told = performance.now();
  await client.orEnd(fresh.next());
  const ms = performance.now() - told;
  await client.until(({ byPod }) => (byPod.a2 ?? 0) > 100, 60_000);
  const count = unfailed(await client.finish());
  return `first answer after ${((first.firstAnswerMs ?? 0) / 1000).toFixed(1)} s, change seen after ${Math.round(ms)} ms; ${count}`;
}
