import { expect } from "vitest";
import type { Backend } from "../../harness/backends.ts";
import { runEvenkeel } from "../../harness/command.ts";
import { judged, median, watchMachine } from "../machine.ts";
import type { Stage } from "../stage.ts";
import { greeter, TARGET, unfailed } from "../world.ts";

const RUNS = 5;
const AIM_MS = 300;

/** From the start of the process until its first request is there. */
async function firstAfterStart(stage: Stage, servers: string, pod: Backend, target: string): Promise<number> {
  const started = performance.now();
  const first = pod.next();
  const client = stage.dial(servers, { target, count: 1, deadline: 30 });
  const moment = await client.orEnd(first);
  expect(await client.summary()).toMatchObject({ ok: 1, failed: 0, byPod: { [pod.name]: 1 } });
  return moment - started;
}

/** Against the floor of the same program, which is told the address of the pod. */
export async function firstRequest(stage: Stage): Promise<string> {
  const pod = await stage.pod("a1");
  const plane = await stage.plane({ manifests: greeter([pod]) });
  const floors: number[] = [];
  const starts: number[] = [];
  const machine = watchMachine();
  for (let run = 0; run < RUNS; run += 1) {
    floors.push(await firstAfterStart(stage, plane.xds, pod, `ipv4:${pod.address}:${pod.port}`));
    starts.push(await firstAfterStart(stage, plane.xds, pod, TARGET));
  }
  const floor = median(floors);
  const beyond = median(starts) - floor;
  const isFlawed = stage.isFlawed("first-request");
  return `${judged({ ms: beyond, aimMs: AIM_MS, isFlawed }, machine())} beyond its floor of ${Math.round(floor)} ms`;
}

/** The version is what the client says of itself. */
export async function recognised(stage: Stage): Promise<string> {
  const plane = await stage.plane({ manifests: greeter([await stage.pod("a1")]) });
  const client = stage.dial(plane.xds);
  await client.until(({ ok }) => ok > 20);
  const streams = await plane.clients();
  expect([...new Set(streams.map(({ kind }) => kind))]).toEqual([stage.kind]);
  expect([...new Set(streams.map(({ zone }) => zone?.zone))]).toEqual(["a"]);
  await client.finish();
  return streams[0]?.userAgent || "says no version";
}

export async function bootstrap(stage: Stage): Promise<string> {
  const plane = await stage.plane({ manifests: greeter([await stage.pod("a1")]) });
  const printed = await runEvenkeel(["bootstrap", "--for", stage.name, "--server", plane.xds, "--zone", "a"]);
  expect([printed.code, printed.stderr]).toEqual([0, ""]);
  return unfailed(await stage.dial(plane.xds, { bootstrap: printed.stdout, count: 10 }).summary());
}

export async function ipv6(stage: Stage): Promise<string> {
  const pods = [await stage.pod("a1", { address: "::1" }), await stage.pod("a2", { address: "::1" })];
  const plane = await stage.plane({ manifests: greeter(pods) });
  const report = await stage.dial(plane.xds, { count: 60, rate: 100 }).summary();
  expect(Object.keys(report.byPod).toSorted()).toEqual(["a1", "a2"]);
  return unfailed(report);
}
