/**
 * Records what a client says: node e2e/protocol/record.ts [--serve] [--for CLIENT] NAME -- COMMAND... writes recorded/NAME.json. COMMAND
 * starts a program as those of e2e/clients, whose bootstrap is that of CLIENT. It is served, told of one more pod, and loses its server for one that knows another pod besides. With
 * --serve it is a server itself that asks for its listener, and loses evenkeel for another.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { METHOD, startBackends } from "../harness/backends.ts";
import { environmentFor } from "../harness/bootstraps.ts";
import { startClient, startServing } from "../harness/client-process.ts";
import { startControlPlane } from "../harness/control-plane.ts";
import { manifest, nodes, service } from "../harness/objects.ts";
import { type Recording, startRecorder } from "./recording.ts";

const { values, positionals } = parseArgs({
  options: { serve: { type: "boolean" }, for: { type: "string", default: "go" } },
  allowPositionals: true,
});
const [name = "", ...command] = positionals;
if (command.length === 0)
  throw new Error("usage: node e2e/protocol/record.ts [--serve] [--for CLIENT] NAME -- COMMAND...");

const backends = await startBackends({ one: "127.0.1.1", two: "127.0.1.2", three: "127.0.1.3" });
const world = (...pods: readonly string[]): string =>
  manifest(
    ...nodes("r", "a"),
    ...service({
      name: "greeter",
      pods: pods.map((pod) => ({ address: "", port: 0, ...backends.get(pod), zone: "a" })),
    }),
  );

async function stopBackends(): Promise<void> {
  for (const backend of backends.values()) await backend.stop();
}

const first = await startControlPlane({ manifests: world("one") });
using recorder = await startRecorder(first.xds);
const bootstrap = environmentFor(values.for, recorder.address, { id: "recorded", region: "r", zone: "a" });

async function recordClient(): Promise<void> {
  const target = "xds:///greeter.default:8080";
  await using client = startClient({ command }, [target, "--method", METHOD, "--rate", "50"], bootstrap);
  const answeredBy = (pod: string) => client.until(({ byPod }) => (byPod[pod] ?? 0) > 0, 60_000);
  await answeredBy("one");
  await first.apply(world("one", "two"));
  await answeredBy("two");
  await first[Symbol.asyncDispose]();
  await using _second = await startControlPlane({ manifests: world("one", "two", "three"), xds: first.xds });
  await answeredBy("three");
  await client.finish();
  await stopBackends();
}

/** On so many streams something was answered. */
async function answeredOn(streams: number): Promise<void> {
  const answered = () => recorder.sotw.filter((requests) => requests.some(({ nonce }) => nonce !== "")).length;
  while (answered() < streams) await delay(100);
}

async function recordServer(): Promise<void> {
  const { address, port } = backends.get("one") ?? { address: "", port: 0 };
  await stopBackends(); // Node listens on all addresses
  const args = ["--serve", `${address}:${port}`, "--name", "one", "--method", METHOD];
  await using server = startServing({ command }, args, bootstrap);
  await server.serving();
  await answeredOn(1);
  await first[Symbol.asyncDispose]();
  await using _second = await startControlPlane({ manifests: world("one"), xds: first.xds });
  await answeredOn(2);
  await server.finish();
}

await (values.serve ? recordServer() : recordClient());

const { sotw, delta } = recorder;
const node = (sotw[0] ?? delta[0])?.[0]?.node;
const said = { client: node?.userAgentName ?? "", version: node?.userAgentVersion ?? "" };
const recording: Recording =
  delta.length > 0
    ? { ...said, variant: "delta", streams: delta.filter((requests) => requests.length > 0) }
    : { ...said, variant: "sotw", streams: sotw.filter((requests) => requests.length > 0) };
/** A request on each line, so that a difference is read as one. */
const lists = recording.streams.map((requests) => {
  const lines = requests.map((request) => `      ${JSON.stringify(request)}`);
  return `    [\n${lines.join(",\n")}\n    ]`;
});
const head = Object.entries({ ...recording, streams: undefined })
  .filter(([, value]) => value !== undefined)
  .map(([key, value]) => `  "${key}": ${JSON.stringify(value)},\n`);
const file = path.join(import.meta.dirname, "recorded", `${name}.json`);
writeFileSync(file, `{\n${head.join("")}  "streams": [\n${lists.join(",\n")}\n  ]\n}\n`);
