import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { Backend } from "../../harness/backends.ts";
import type { Stage } from "../stage.ts";
import { answeredBetween, cluster, greeter, NAME, unfailed, unfailedAfterNone } from "../world.ts";

const LATER_MS = 5000;

export async function createdLater(stage: Stage): Promise<string> {
  const pod = await stage.pod("a1");
  const plane = await stage.plane({ manifests: cluster() });
  const client = stage.dial(plane.xds, { rate: 100, deadline: 60 });
  await client.orEnd(plane.subscribed(NAME));
  await delay(LATER_MS); // what this is about
  const created = performance.now();
  const first = pod.next();
  await plane.apply(greeter([pod]));
  const ms = (await client.orEnd(first)) - created;
  await client.until(({ ok }) => ok > 100);
  return `${Math.round(ms)} ms after it is created; ${unfailed(await client.finish())}`;
}

/** Clients hear of the deletion: it is not held back in case the Service comes back. */
const AT_ONCE = ["--removal-grace", "0s"];

async function recreated(stage: Stage, before: readonly Backend[], after: readonly Backend[]): Promise<string> {
  const plane = await stage.plane({ manifests: greeter(before), flags: AT_ONCE });
  const client = stage.dial(plane.xds, { rate: 100, deadline: 60 });
  await client.until(({ ok }) => ok > 50);
  await plane.apply(cluster());
  await client.next();
  const deleted = await client.next();
  await plane.apply(greeter(after));
  const names = after.map(({ name }) => name);
  const back = await client.until(
    ({ ok, byPod }) => ok > deleted.ok + 50 && names.every((name) => name in byPod),
    60_000,
  );
  const end = await client.until(({ ok }) => ok > back.ok + 100);
  expect(answeredBetween(back, end)).toEqual(names);
  return unfailedAfterNone(await client.finish());
}

export async function recreatedSame(stage: Stage): Promise<string> {
  const pods = await stage.pods("a1", "a2");
  return recreated(stage, pods, pods);
}

export async function recreatedOther(stage: Stage): Promise<string> {
  return recreated(stage, await stage.pods("a1", "a2"), await stage.pods("a3", "a4"));
}
