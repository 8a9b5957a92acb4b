/**
 * Records what a real client asks on its streams, to be replayed in tests. Usage: record.ts NAME PROGRAM...
 * PROGRAM is the client as e2e/clients starts it, without target and flags. Writes recorded/NAME.json beside this file: a first
 * connect, another endpoint, a broken connection, and one more endpoint.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { bootstrapOf } from "../../cli/bootstrap.ts";
import { type Backend, METHOD, startBackends } from "../harness/backends.ts";
import { startClient } from "../harness/client-process.ts";
import { startControlPlane } from "../harness/control-plane.ts";
import { manifest, nodes, service } from "../harness/objects.ts";
import { startRecorder } from "../harness/recorder.ts";

const [name = "", ...command] = process.argv.slice(2);
const NODES = nodes("r", "a", "b");

const greeter = (...backends: readonly Backend[]): string =>
  manifest(
    ...NODES,
    ...service({ name: "greeter", pods: backends.map(({ address, port }) => ({ address, port, zone: "a" })) }),
  );

await using ends = new AsyncDisposableStack();
const backends = await startBackends({ one: "127.0.1.1", two: "127.0.1.2", three: "127.0.1.3" });
for (const backend of backends.values()) ends.use(backend);
const [one, two, three] = [...backends.values()] as [Backend, Backend, Backend];
const plane = ends.use(await startControlPlane({ manifests: greeter(one) }));
const recorder = ends.use(await startRecorder(plane.xds));
const bootstrap = bootstrapOf({ server: recorder.xds, id: name, region: "r", zone: "a", metadata: {} });
const words = [...command, "xds:///greeter.default:8080", "--method", METHOD, "--deadline", "20"];
const client = ends.use(startClient(words, bootstrap));

await client.until(({ ok }) => ok > 0);
await plane.apply(greeter(one, two));
await client.until(({ byPod }) => byPod.two !== undefined);
await recorder.cut();
await plane.apply(greeter(two, three));
await client.until(({ byPod }) => byPod.three !== undefined);
const { failed, firstError } = await client.finish();
if (failed > 0) throw new Error(`${failed} requests failed: ${firstError}`);

const version = recorder.streams[0]?.[0]?.node?.userAgentVersion ?? "";
const streams = recorder.streams.map((requests) => requests.map((request) => `      ${JSON.stringify(request)}`));
const lists = streams.map((lines) => `    [\n${lines.join(",\n")}\n    ]`);
const head = `  "client": ${JSON.stringify(name)},\n  "version": ${JSON.stringify(version)}`;
const folder = path.join(import.meta.dirname, "recorded");
await mkdir(folder, { recursive: true });
await writeFile(path.join(folder, `${name}.json`), `{\n${head},\n  "streams": [\n${lists.join(",\n")}\n  ]\n}\n`);
