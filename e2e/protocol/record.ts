/**
 * Records what a client says: node e2e/protocol/record.ts NAME COMMAND... writes recorded/NAME.json. COMMAND starts a client program as
 * those of e2e/clients. It is served, told of one more pod, and loses its server for one that knows another pod besides.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { bootstrapOf } from "../../cli/bootstrap.ts";
import { METHOD, startBackends } from "../harness/backends.ts";
import { startClient } from "../harness/client-process.ts";
import { startControlPlane } from "../harness/control-plane.ts";
import { manifest, nodes, service } from "../harness/objects.ts";
import { type Recording, startRecorder } from "./recording.ts";

const [name = "", ...command] = process.argv.slice(2);
if (command.length === 0) throw new Error("usage: node e2e/protocol/record.ts NAME COMMAND...");

const backends = await startBackends({ one: "127.0.1.1", two: "127.0.1.2", three: "127.0.1.3" });
const world = (...pods: readonly string[]): string =>
  manifest(
    ...nodes("r", "a"),
    ...service({
      name: "greeter",
      pods: pods.map((pod) => ({ address: "", port: 0, ...backends.get(pod), zone: "a" })),
    }),
  );

const first = await startControlPlane({ manifests: world("one") });
using recorder = await startRecorder(first.xds);
const bootstrap = bootstrapOf({ server: recorder.address, id: "recorded", region: "r", zone: "a", metadata: {} });
const target = "xds:///greeter.default:8080";
await using client = startClient({ command }, [target, "--method", METHOD, "--rate", "50"], bootstrap);
const answeredBy = (pod: string) => client.until(({ byPod }) => (byPod[pod] ?? 0) > 0, 60_000);
await answeredBy("one");
await first.apply(world("one", "two"));
await answeredBy("two");
await first[Symbol.asyncDispose]();
const second = await startControlPlane({ manifests: world("one", "two", "three"), xds: first.xds });
await answeredBy("three");
await client.finish();

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
await second[Symbol.asyncDispose]();
for (const backend of backends.values()) await backend.stop();
