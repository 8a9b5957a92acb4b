import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseManifests } from "../../server/sources/manifests/parse.ts";
import { compare } from "../../snapshots/order.ts";
import { packageRoot } from "../package.ts";
import { type Cluster, type Place, type Pod, startCluster } from "./cluster.ts";
import type { StartProgram } from "./program.ts";
import { averageSkew, dice, startServiceIp } from "./service-ip.ts";
import type { DemoZone } from "./story.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

const example = (...names: readonly string[]): string => path.join(packageRoot, "examples", ...names);

const SERVICE = "greeter";
/** What clients dial, and the name of its resources. */
export const TARGET = `${SERVICE}.default:8080`;
const SLICES = `${SERVICE}-endpoints.yaml`;

/** Requests per second by zone: more where there are more pods, but not in the same proportion. */
const RATES = [250, 200, 150] as const;
/** Connections to the Service that the clients of each zone keep: as twelve client pods with one each. */
const CONNECTIONS = 4;
const SEED = 1;

export interface Given {
  /** Ends the parts. */
  readonly stack: AsyncDisposableStack;
  readonly signal: AbortSignal;
  readonly start: StartProgram;
}

/** What the server says when it answers. */
interface Ready {
  readonly xds: string;
  readonly admin: string;
}

/** The pods of the example and where they are. */
async function readPlaces(file: string): Promise<readonly Place[]> {
  const { objects } = parseManifests(await readFile(file, "utf8"), file);
  return objects.flatMap((object) =>
    object.kind === "EndpointSlice"
      ? object.endpoints.map(({ zone = "", nodeName = "" }) => ({ zone, node: nodeName }))
      : [],
  );
}

const zonesOf = (places: readonly Place[]): readonly DemoZone[] =>
  [...new Map(places.map((place) => [place.zone, place])).values()]
    .toSorted((a, b) => compare(a.zone, b.zone))
    .map((place, i) => ({ ...place, rate: RATES[i] ?? 0 }));

async function startServer(manifests: string, { stack, start }: Given): Promise<Ready> {
  const any = "127.0.0.1:0";
  const flags = ["--manifests", manifests, "--xds", any, "--admin", any, "--drain-delay", "0s", "--log-level", "warn"];
  const command = [path.join(packageRoot, "cli", "evenkeel.mjs"), "serve", ...flags];
  const server = stack.use(start({ name: "evenkeel", command }));
  return JSON.parse(await server.firstLine) as Ready;
}

/** A copy of the example manifests that ends with the demo. */
async function copyManifests({ stack }: Given): Promise<{ folder: string; manifests: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-demo-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const manifests = path.join(folder, "manifests");
  await cp(example("manifests"), manifests, { recursive: true });
  return { folder, manifests };
}

export interface Parts {
  readonly cluster: Cluster;
  readonly traffic: Traffic;
  /** In order of zone. */
  readonly zones: readonly DemoZone[];
  /** URL. */
  readonly admin: string;
  /** The skew that chance gives the connections. */
  readonly chance: number;
}

/** Starts everything that plays. */
export async function startParts(given: Given): Promise<Parts> {
  const { stack, signal, start } = given;
  const { folder, manifests } = await copyManifests(given);
  const slicesFile = path.join(manifests, SLICES);
  const pods = await readPlaces(slicesFile);
  await rm(slicesFile); // from now on the cluster says which pods there are
  const cluster = stack.use(
    await startCluster({ service: SERVICE, slicesFile, program: example("node", "server.js"), start }),
  );
  const [{ xds, admin }] = await Promise.all([startServer(manifests, given), cluster.add(pods)]);
  signal.throwIfAborted();
  const ready = (): readonly Pod[] => cluster.pods().filter(({ state }) => state === "ready");
  const serviceIp = stack.use(await startServiceIp(ready, dice(SEED)));
  const zones = zonesOf(pods);
  const traffic = stack.use(
    createTraffic({
      zones,
      target: TARGET,
      xds,
      serviceIp: `127.0.0.1:${serviceIp.port}`,
      connections: CONNECTIONS,
      program: example("node", "client.js"),
      folder,
      start,
    }),
  );
  const perConnection = RATES.flatMap((rate) => new Array<number>(CONNECTIONS).fill(rate / CONNECTIONS));
  const chance = averageSkew(perConnection, pods.length, dice(SEED));
  return { cluster, traffic, zones, admin: `http://${admin}`, chance };
}
