import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import type { ClientAnswer } from "../../server/admin/api.ts";
import { systemClock } from "../../server/clock.ts";
import { compose, type Server } from "../../server/compose.ts";
import { type Config, readConfig } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";
import type { Zone } from "../../snapshots/balance/zone.ts";
import { ASSIGNMENT, LISTENER, ROUTE } from "../../snapshots/type-url.ts";
import { viewOf } from "../../snapshots/view.ts";
import { metricIn } from "../kubernetes/harness/metrics.ts";

export interface ControlPlaneOptions {
  /** Text of `objects.yaml`, the one file to begin with. */
  readonly manifests?: string;
  /** A folder whose files are there to begin with, as copies. */
  readonly folder?: string;
  /** Whether there is a folder to begin with. If not, it comes with what is applied first, and nothing is answered before. */
  readonly readable?: boolean;
  /** Where to serve xDS: a free port unless told otherwise. */
  readonly xds?: string;
  /** More of what `serve` takes, such as `["--gather", "0s"]`. */
  readonly flags?: readonly string[];
}

export interface ControlPlane extends AsyncDisposable {
  /** HOST:PORT. */
  readonly xds: string;
  /** URL, without a slash at its end. */
  readonly admin: string;
  /** Writes a file in one step, as `kubectl apply` changes objects. */
  apply(text: string, file?: string): Promise<void>;
  remove(file?: string): Promise<void>;
  /** Ends streams in an orderly way; refuses new ones. */
  drain(): Promise<void>;
  /** Responses that clients have rejected so far. */
  nacks(): Promise<number>;
  /** What is known of each open stream. */
  clients(): Promise<readonly ClientAnswer[]>;
  /** What its objects have wrong with them. */
  problems(): Promise<readonly object[]>;
  /** Open streams. */
  streams(): number;
  /** Resolves when a client asks for the listener or the route of that name. */
  subscribed(name: string): Promise<void>;
  /** Which part of a client zone's requests the assignment gives to each zone. */
  shares(cluster: string, zone: Zone): ReadonlyMap<string, number>;
}

const OBJECTS = "objects.yaml";

function configOf(flags: readonly string[]): Config {
  const read = readConfig(flags, {});
  if (read.kind === "wrong") throw new Error(read.problems.join("\n"));
  return read.config;
}

/** A folder of its own, filled with what it is to begin with. */
async function startFolder({ manifests, folder, readable = true }: ControlPlaneOptions) {
  const parent = await mkdtemp(path.join(tmpdir(), "evenkeel-e2e-"));
  const own = path.join(parent, "manifests");
  const apply = async (text: string, file = OBJECTS): Promise<void> => {
    const draft = path.join(parent, "draft");
    const isThere = existsSync(own);
    if (!isThere) await mkdir(draft);
    await writeFile(isThere ? draft : path.join(draft, file), text);
    await rename(draft, isThere ? path.join(own, file) : own);
  };
  if (folder !== undefined) await cp(folder, own, { recursive: true });
  else if (readable) await mkdir(own);
  if (manifests !== undefined) await apply(manifests);
  return { own, apply, [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }) };
}

async function toClient(answer: Response): Promise<ClientAnswer> {
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as ClientAnswer;
}

function sharesOf({ current }: Server, cluster: string, zone: Zone): ReadonlyMap<string, number> {
  const snapshot = current.get()?.snapshot;
  const view = snapshot && viewOf(snapshot, { kind: "known", zone }, "grpc");
  const assignment = view?.get(ASSIGNMENT, cluster);
  if (assignment === undefined) throw new Error(`there is no assignment of ${cluster}`);
  const { endpoints } = ClusterLoadAssignment.decode(assignment.bytes);
  const used = endpoints.filter(({ priority }) => priority === 0);
  const whole = used.reduce((sum, { loadBalancingWeight = 0 }) => sum + loadBalancingWeight, 0);
  return new Map(
    used.map(({ locality, loadBalancingWeight = 0 }) => [locality?.zone ?? "", loadBalancingWeight / whole]),
  );
}

/** The real server in this process, with a folder of manifests of its own. Resolves when it answers. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  await using started = new AsyncDisposableStack();
  const { own, apply } = started.use(await startFolder(options));
  const { xds = "127.0.0.1:0", flags = [], readable = true } = options;
  const config = configOf(["--manifests", own, "--xds", xds, "--admin", "127.0.0.1:0", ...flags]);
  const log = createLog("error", process.stderr);
  const server = started.use(await compose(config, { clock: systemClock, log, version: "test", env: {} }));
  const address = readable ? await server.xds : xds;
  const ask = (question: string): Promise<Response> => fetch(`http://${server.admin}${question}`);
  const parts = started.move();
  return {
    xds: address,
    admin: `http://${server.admin}`,
    apply,
    remove: (file = OBJECTS) => rm(path.join(own, file)),
    drain: () => server.drain(0),
    nacks: async () => metricIn(await (await ask("/metrics")).text(), "evenkeel_nacks_total"),
    clients: () => Promise.all([...server.roster.members()].map(({ id }) => ask(`/v1/clients/${id}`).then(toClient))),
    problems: async () => ((await (await ask("/v1/problems")).json()) as { problems: object[] }).problems,
    streams: () => server.roster.size,
    subscribed: async (name) => {
      const limit = performance.now() + 30_000;
      const asked = [LISTENER, ROUTE] as const; // Envoy has listeners of its own
      while (asked.every((typeUrl) => server.roster.subscribers(typeUrl, name).size === 0)) {
        if (performance.now() > limit) throw new Error(`nobody asks for ${name}`);
        await delay(10);
      }
    },
    shares: (cluster, zone) => sharesOf(server, cluster, zone),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
