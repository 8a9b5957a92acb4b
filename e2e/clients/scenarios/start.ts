import { readFileSync } from "node:fs";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import type { Backend } from "../../harness/backends.ts";
import { type Environment, environmentOfContainer, environmentOfLine } from "../../harness/bootstraps.ts";
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

const POD = { POD_NAME: "greeter-1", NAMESPACE: "default", NODE_NAME: "n1", REGION: "r", ZONE: "a" };

/** Who reads an Envoy bootstrap has no variable that names a file of it. */
const fromFile = (stage: Stage, file: string): Environment =>
  ["envoy", "armeria"].includes(stage.kind)
    ? { XDS_BOOTSTRAP: readFileSync(file, "utf8") }
    : { GRPC_XDS_BOOTSTRAP: file };

/** In each form it is started with just what is printed. */
export async function bootstrap(stage: Stage): Promise<string> {
  const plane = await stage.plane({ manifests: greeter([await stage.pod("a1")]) });
  await using folder = await mkdtempDisposable(path.join(tmpdir(), "evenkeel-bootstrap-"));
  const file = path.join(folder.path, "bootstrap");
  const print = async (output: string): Promise<string> => {
    const words = ["--for", stage.name, "--server", plane.xds, "--output", output];
    const { code, stdout, stderr } = await runEvenkeel(["bootstrap", ...words]);
    expect([code, stderr]).toEqual([0, ""]);
    return stdout;
  };
  await writeFile(file, await print("file"));
  const environments = {
    file: fromFile(stage, file),
    env: environmentOfLine(await print("env")),
    kubernetes: environmentOfContainer(await print("kubernetes"), POD),
  };
  for (const environment of Object.values(environments)) {
    unfailed(await stage.dial(plane.xds, { environment, count: 10 }).summary());
  }
  return `as ${Object.keys(environments).join(", ")}: 0 of ${10 * Object.keys(environments).length} failed`;
}

export async function ipv6(stage: Stage): Promise<string> {
  const pods = [await stage.pod("a1", { address: "::1" }), await stage.pod("a2", { address: "::1" })];
  const plane = await stage.plane({ manifests: greeter(pods) });
  const report = await stage.dial(plane.xds, { count: 60, rate: 100 }).summary();
  expect(Object.keys(report.byPod).toSorted()).toEqual(["a1", "a2"]);
  return unfailed(report);
}
