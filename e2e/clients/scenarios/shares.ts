import { expect } from "vitest";
import type { ClientProcess, ClientReport } from "../../harness/client-process.ts";
import type { ControlPlane } from "../../harness/control-plane.ts";
import type { Stage } from "../stage.ts";
import { greeter, leaving, NAME, partOf, podOf, unfailed } from "../world.ts";

const REQUESTS = 5000;
const POINTS = 3;

const inA = { region: "r", zone: "a" };

/** The largest difference in percentage points to what the assignment says, over the next 5,000 requests. */
async function difference(client: ClientProcess, plane: ControlPlane, isFlawed: boolean): Promise<number> {
  const assigned = plane.shares(NAME, inA);
  const before = await client.next();
  const after = await client.until(({ ok }) => ok >= before.ok + REQUESTS, 120_000);
  expect(plane.shares(NAME, inA)).toEqual(assigned); // it did not change meanwhile
  const points = [...assigned].map(([zone, share]) => 100 * Math.abs(partOf(before, after, zone) - share));
  expect(Math.max(...points)).toBeLessThan(isFlawed ? 100 : POINTS);
  return Math.max(...points);
}

const shown = (points: number): string => `${points.toFixed(1)} points off`;

export async function zoneShares(stage: Stage): Promise<string> {
  const pods = await stage.pods("a1", "b1", "b2", "c1");
  const plane = await stage.plane({ manifests: greeter(pods) });
  const client = stage.dial(plane.xds, { rate: 1000, parallel: 8 });
  await client.until(({ ok }) => ok > 0);
  for (let second = 0; second < 3; second += 1) await client.next(); // demand is looked at once a second
  const points = await difference(client, plane, stage.isFlawed("zone-shares"));
  return `${shown(points)}; ${unfailed(await client.finish())}`;
}

export async function zoneWeights(stage: Stage): Promise<string> {
  const pods = await stage.pods("a1", "b1", "b2", "c1");
  const demand = { "evenkeel.dev/demand": "a=2,b=1,c=1" };
  const plane = await stage.plane({ manifests: greeter(pods, demand) });
  const client = stage.dial(plane.xds, { rate: 1000, parallel: 8 });
  await client.until(({ ok }) => ok > 500);
  const before = plane.shares(NAME, inA);
  await plane.apply(greeter([...pods, await stage.pod("a2")], demand));
  await client.until(({ byPod }) => (byPod.a2 ?? 0) > 50);
  const own = plane.shares(NAME, inA).get("a") ?? 0;
  expect(own - (before.get("a") ?? 0)).toBeGreaterThan(POINTS / 100);
  expect(own).toBeLessThan(1 - POINTS / 100); // else a client would be right that sends all to its own zone
  const points = await difference(client, plane, stage.isFlawed("zone-weights"));
  return `${shown(points)}; ${unfailed(await client.finish())}`;
}

/** Waits until all requests between two lines go to the pods of one zone. */
async function untilAllIn(zone: string, client: ClientProcess): Promise<void> {
  let before: ClientReport = await client.next();
  await client.until((report) => {
    const all = report.ok - before.ok >= 10 && partOf(before, report, zone) === 1;
    before = report;
    return all;
  }, 60_000);
}

export async function zoneLost(stage: Stage): Promise<string> {
  const [a1, a2, b1] = await stage.pods("a1", "a2", "b1");
  if (a1 === undefined || a2 === undefined || b1 === undefined) throw new Error("no pods");
  const prefer = { "evenkeel.dev/zone-mode": "prefer" };
  const plane = await stage.plane({ manifests: greeter([a1, a2, b1], prefer) });
  const client = stage.dial(plane.xds, { rate: 100 });
  await untilAllIn("a", client);
  await plane.apply(greeter([leaving(a1), leaving(a2), podOf(b1)], prefer));
  await untilAllIn("b", client);
  await Promise.all([a1.stop(), a2.stop()]);
  await plane.apply(greeter([b1], prefer));
  const before = await client.next();
  expect(partOf(before, await client.until(({ ok }) => ok > before.ok + 10), "b")).toBe(1);
  await plane.apply(greeter([...(await stage.pods("a3", "a4")), b1], prefer));
  await untilAllIn("a", client);
  return unfailed(await client.finish());
}
