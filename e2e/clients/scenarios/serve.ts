import { expect } from "vitest";
import type { Stage } from "../stage.ts";
import { greeter, unfailed } from "../world.ts";

/** The client asks a server of its own language; both are told by the same evenkeel what to do. */
export async function serve(stage: Stage): Promise<string> {
  const place = await stage.pod("a1"); // a port that is free, on an address that nobody else has
  const [address, port] = [place.address, place.port];
  await place.stop();
  const pod = { address, port, zone: "a" };
  const first = await stage.plane({ manifests: greeter([pod]) });
  const asked = performance.now();
  const server = stage.serve(first.xds, `${address}:${port}`, "a1");
  await server.serving();
  const ms = Math.round(performance.now() - asked);
  const client = stage.dial(first.xds, { rate: 100 });
  await client.until(({ ok }) => ok > 50);
  await first[Symbol.asyncDispose]();
  const alone = await client.next();
  await client.until(({ ok }) => ok > alone.ok + 100);
  await stage.plane({ manifests: greeter([pod]), xds: first.xds });
  const back = await client.next();
  await client.until(({ ok }) => ok > back.ok + 200);
  const report = await client.finish();
  expect(Object.keys(report.byPod)).toEqual(["a1"]);
  await server.finish();
  return `serves ${ms} ms after its start; ${unfailed(report)}`;
}
