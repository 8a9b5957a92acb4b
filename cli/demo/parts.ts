import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseManifests } from "../../server/sources/manifests/parse.ts";
import { compare } from "../../snapshots/order.ts";
import { packageRoot } from "../package.ts";
import { type Cluster, type Place, type Pod, startCluster } from "./cluster.ts";
import { startProgram } from "./program.ts";
import { averageSkew, dice, startServiceIp } from "./service-ip.ts";
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

/** Who ends the parts, and who is told when one ends by itself. */
export interface Given {
  readonly stack: AsyncDisposableStack;
  readonly signal: AbortSignal;
  onCrash(reason: Error): void;
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

/** One of each zone, in order of zone. */
const onePerZone = (places: readonly Place[]): readonly Place[] =>
  [...new Map(places.map((place) => [place.zone, place])).values()].toSorted((a, b) => compare(a.zone, b.zone));

async function startServer(manifests: string, { stack, onCrash }: Given): Promise<Ready> {
  const any = "127.0.0.1:0";
  const flags = ["--manifests", manifests, "--xds", any, "--admin", any, "--drain-delay", "0s", "--log-level", "warn"];
  const command = [path.join(packageRoot, "cli", "evenkeel.mjs"), "serve", ...flags];
  const server = stack.use(startProgram({ name: "evenkeel", command, onCrash }));
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
  /** One in each zone, in order of zone. */
  readonly places: readonly Place[];
  /** URL. */
  readonly admin: string;
  /** The skew that chance gives the connections. */
  readonly chance: number;
}

/** Starts everything that plays. */
export async function startParts(given: Given): Promise<Parts> {
  const { stack, signal, onCrash } = given;
  const { folder, manifests } = await copyManifests(given);
  const slicesFile = path.join(manifests, SLICES);
  const pods = await readPlaces(slicesFile);
  await rm(slicesFile); // from now on the cluster says which pods there are
  const cluster = stack.use(
    await startCluster({ service: SERVICE, slicesFile, program: example("node", "server.js"), onCrash }),
  );
  const [{ xds, admin }] = await Promise.all([startServer(manifests, given), cluster.add(pods)]);
  signal.throwIfAborted();
  const ready = (): readonly Pod[] => cluster.pods().filter(({ state }) => state === "ready");
  const serviceIp = stack.use(await startServiceIp(ready, dice(SEED)));
  const places = onePerZone(pods);
  const traffic = stack.use(
    createTraffic({
      zones: places.map(({ zone }, i) => ({ zone, rate: RATES[i] ?? 0 })),
      target: TARGET,
      xds,
      serviceIp: `127.0.0.1:${serviceIp.port}`,
      connections: CONNECTIONS,
      program: example("node", "client.js"),
      folder,
      onCrash,
    }),
  );
  const perConnection = RATES.flatMap((rate) => new Array<number>(CONNECTIONS).fill(rate / CONNECTIONS));
  const chance = averageSkew(perConnection, pods.length, dice(SEED));
  return { cluster, traffic, places, admin: `http://${admin}`, chance };
}
