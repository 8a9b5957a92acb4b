import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { service } from "../../harness/objects.ts";
import { startFront } from "../front.ts";
import type { Stage } from "../stage.ts";
import { answeredBetween, cluster, counted, greeter, podOf, unfailed } from "../world.ts";

const AWAY_MS = 30_000;
/** gRPC asks again after up to two minutes, Envoy after up to 30 seconds: the longer it was away, the later. */
const BACK_WITHIN_MS = 90_000;

export async function restarted(stage: Stage): Promise<string> {
  const [one, two] = [await stage.pod("a1"), await stage.pod("a2")];
  const first = await stage.plane({ manifests: greeter([one]) });
  const client = stage.dial(first.xds, { rate: 100 });
  await client.until(({ ok }) => ok > 20);
  await first[Symbol.asyncDispose]();
  await client.next();
  const back = performance.now();
  const arrived = two.next();
  await stage.plane({ manifests: greeter([two]), xds: first.xds });
  const ms = (await client.orEnd(arrived)) - back;
  const after = await client.next();
  await client.until(({ ok }) => ok > after.ok + 50);
  return `news ${(ms / 1000).toFixed(1)} s after its start; ${unfailed(await client.finish())}`;
}

export async function away(stage: Stage): Promise<string> {
  const [stays, leaves] = [await stage.pod("a1"), await stage.pod("a2")];
  const first = await stage.plane({ manifests: greeter([stays, leaves]) });
  const client = stage.dial(first.xds, { rate: 100 });
  await client.until(({ byPod }) => (byPod.a1 ?? 0) > 20 && (byPod.a2 ?? 0) > 20);
  await first[Symbol.asyncDispose]();
  await delay(AWAY_MS / 2);
  await leaves.stop();
  const comes = await stage.pod("a3");
  await delay(AWAY_MS / 2);
  const back = performance.now();
  await stage.plane({ manifests: greeter([stays, comes]), xds: first.xds });
  await client.until(({ byPod }) => (byPod.a3 ?? 0) > 0, BACK_WITHIN_MS);
  const seconds = (performance.now() - back) / 1000;
  const before = await client.next();
  const after = await client.until(({ ok }) => ok > before.ok + 100);
  expect(answeredBetween(before, after)).toEqual(["a1", "a3"]);
  const report = await client.finish();
  // Who does not look at connections sends every other request to the pod that is gone.
  expect(report.failed / (report.ok + report.failed)).toBeLessThan(0.5);
  const tally = stage.isFlawed("away") ? counted : unfailed;
  return `news ${Math.round(seconds)} s after it is back; ${tally(report)}`;
}

export async function oneOfTwoDies(stage: Stage): Promise<string> {
  const [one, two] = [await stage.pod("a1"), await stage.pod("a2")];
  const manifests = greeter([one]);
  const planes = [await stage.plane({ manifests }), await stage.plane({ manifests })];
  await using front = await startFront(planes.map(({ xds }) => xds));
  const client = stage.dial(front.address, { rate: 100 });
  await client.until(({ ok }) => ok > 20);
  const [used, other] = planes.toSorted((a, b) => b.streams() - a.streams());
  front.kill(used?.xds ?? "");
  await other?.apply(greeter([two]));
  await client.until(({ byPod }) => (byPod.a2 ?? 0) > 20);
  return unfailed(await client.finish());
}

/** The client is known to the server of before; the new one cannot read anything at first. */
export async function notYetReadable(stage: Stage): Promise<string> {
  const [one, two] = [await stage.pod("a1"), await stage.pod("a2")];
  const first = await stage.plane({ manifests: greeter([one]) });
  const client = stage.dial(first.xds, { rate: 100 });
  await client.until(({ ok }) => ok > 20);
  await first[Symbol.asyncDispose]();
  const second = await stage.plane({ readable: false, xds: first.xds });
  const before = await client.next();
  const during = await client.until(({ ok }) => ok > before.ok + 200);
  expect(answeredBetween(before, during)).toEqual(["a1"]);
  expect(second.streams()).toBe(0);
  await second.apply(greeter([one, two]));
  await client.until(({ byPod }) => (byPod.a2 ?? 0) > 20, BACK_WITHIN_MS);
  return unfailed(await client.finish());
}

export async function brokenNeighbour(stage: Stage): Promise<string> {
  const pod = await stage.pod("a1");
  const broken = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "broken" },
    spec: { ports: [{ port: "http" }] },
  };
  const good = service({ name: "greeter", pods: [podOf(pod)] });
  const plane = await stage.plane({ manifests: cluster(...good) });
  const client = stage.dial(plane.xds, { rate: 100 });
  await client.until(({ ok }) => ok > 20);
  await plane.apply(cluster(broken, ...good));
  await expect.poll(async () => (await plane.problems()).length, { timeout: 30_000 }).toBeGreaterThan(0);
  const before = await client.next();
  await client.until(({ ok }) => ok > before.ok + 100);
  return unfailed(await client.finish());
}
