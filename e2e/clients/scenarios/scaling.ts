import { expect } from "vitest";
import type { Backend } from "../../harness/backends.ts";
import type { Stage } from "../stage.ts";
import { answeredBetween, greeter, leaving, podOf, unfailed, unfailedAfterNone } from "../world.ts";

export async function scaleToZero(stage: Stage): Promise<string> {
  const [one, two] = [await stage.pod("a1"), await stage.pod("a2")];
  const plane = await stage.plane({ manifests: greeter([one]) });
  const client = stage.dial(plane.xds, { rate: 100, deadline: 30 });
  await client.until(({ ok }) => ok > 20);
  await plane.apply(greeter([]));
  let last = -1;
  await client.next();
  const none = await client.until(({ ok }) => {
    const isStill = ok === last || stage.isFlawed("scale-to-zero");
    last = ok;
    return isStill;
  });
  await one.stop();
  await plane.apply(greeter([two]));
  await client.until(({ ok }) => ok > none.ok + 50);
  return unfailedAfterNone(await client.finish());
}

const MOST = 50;

export async function scaleOut(stage: Stage): Promise<string> {
  const pods = await stage.pods(...Array.from({ length: MOST }, (_, i) => `a${i + 1}`));
  const plane = await stage.plane({ manifests: greeter(pods.slice(0, 1)) });
  const client = stage.dial(plane.xds, { rate: 200 });
  await client.until(({ ok }) => ok > 50);
  await plane.apply(greeter(pods));
  await client.until(({ byPod }) => Object.keys(byPod).length === MOST);
  const [stay, leave] = [pods.slice(0, 3), pods.slice(3)];
  await plane.apply(greeter([...stay.map((pod) => podOf(pod)), ...leave.map(leaving)]));
  let before = await client.next();
  await client.until((report) => {
    const only = answeredBetween(before, report).every((name) => stay.some((pod) => pod.name === name));
    before = report;
    return only;
  });
  await Promise.all(leave.map((pod) => pod.stop()));
  await plane.apply(greeter(stay));
  before = await client.next();
  const after = await client.until(({ ok }) => ok > before.ok + 200);
  expect(answeredBetween(before, after)).toEqual(["a1", "a2", "a3"]);
  return unfailed(await client.finish());
}

/** All pods are used alike, also by a client that knows no weights. */
const SPREAD = { "evenkeel.dev/zone-mode": "spread" };

/** One after the other: a new pod comes, the old one terminates, is left alone, and ends. */
export async function rollingReplace(stage: Stage): Promise<string> {
  const old = await stage.pods("a1", "a2", "b1", "b2");
  const fresh = await stage.pods("a3", "a4", "b3", "b4");
  const plane = await stage.plane({ manifests: greeter(old, SPREAD) });
  const client = stage.dial(plane.xds, { rate: 200 });
  await client.until(({ ok }) => ok > 50);
  const staying: Backend[] = [...old];
  for (const [i, coming] of fresh.entries()) {
    const going = staying.shift();
    if (going === undefined) throw new Error(`nobody leaves for ${i}`);
    staying.push(coming);
    await plane.apply(greeter([...staying, going], SPREAD));
    await client.until(({ byPod }) => (byPod[coming.name] ?? 0) > 0);
    await plane.apply(greeter([...staying, leaving(going)], SPREAD));
    await client.next();
    await client.next();
    await going.stop();
    await plane.apply(greeter(staying, SPREAD));
  }
  const before = await client.next();
  const after = await client.until(({ ok }) => ok > before.ok + 200);
  expect(answeredBetween(before, after)).toEqual(["a3", "a4", "b3", "b4"]);
  return unfailed(await client.finish());
}
