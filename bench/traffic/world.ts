import { bootstrapOf } from "../../cli/bootstrap.ts";
import type { Pods } from "../../cli/demo/figures.ts";
import { dice } from "../../cli/demo/service-ip.ts";
import { type ControlPlane, startControlPlane } from "../../e2e/harness/control-plane.ts";
import { manifest, nodes, type Pod, service } from "../../e2e/harness/objects.ts";
import { type Remote, startRemote } from "../remote.ts";
import type { Kind } from "./callers.ts";
import { startDns } from "./dns.ts";
import type { Behaviour, PodStats, podCommands } from "./pods.ts";
import { ONE_POD, SERVICE_IP } from "./service-ip.ts";

export const REGION = "r";
const SERVICE = "greeter";
/** What xDS clients dial, and the name of its resources. */
export const CLUSTER = `${SERVICE}.default:8080`;
const HEADLESS = "headless";
const SEED = 1;

export interface WorldOptions {
  readonly zones: readonly string[];
  /** In each zone, to begin with. */
  readonly podsPerZone: number;
  /** Of the pod of that number, counted from 0 as they are started. */
  readonly behaviour: (pod: number) => Behaviour;
  /** How long a pod goes on accepting after SIGTERM. */
  readonly graceMs: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How a client finds pods: by xDS; by DNS, all of them; or by the address of the Service, one for each connection. */
export type Way = "xds" | "headless" | "service";

/** One Service with real pods, each at an address of its own, and all that tells clients of them. */
export interface World extends AsyncDisposable {
  readonly plane: ControlPlane;
  /** Those that are ready, by name, which is the address. */
  pods(): Pods;
  /** Starts a pod and makes it known. */
  add(zone: string): Promise<void>;
  /** Makes known that it terminates, and sends it SIGTERM in the same moment. */
  remove(pod: string): Promise<void>;
  /** Ends all pods of a zone without a word. */
  crash(zone: string): Promise<void>;
  /** Makes known that nothing of that zone is ready. */
  forget(zone: string): Promise<void>;
  target(way: Way): string;
  /** HOST:PORT of the DNS server. */
  readonly dns: string;
  bootstrap(zone: string, client: number): object;
  /** What each pod that runs did since that was asked last. */
  stats(): Promise<Readonly<Record<string, PodStats>>>;
}

export const wayOf = (kind: Kind): Way => (kind === "pick_first" || kind === "round_robin" ? "headless" : "xds");

type PodProcess = Remote<typeof podCommands>;

/** A process for the pods of each zone. */
function startProcesses(zones: readonly string[], stack: AsyncDisposableStack): Map<string, PodProcess> {
  const file = new URL("pods.ts", import.meta.url);
  return new Map(zones.map((zone) => [zone, stack.use(startRemote<typeof podCommands>(file))]));
}

type ListedPod = Pod & { readonly zone: string };

/** The pods as the cluster lists them, and who is told of it. */
function createList({ annotations = {} }: WorldOptions, plane: ControlPlane, objects: readonly object[]) {
  const listed = new Map<string, ListedPod>();
  const ready = (): readonly ListedPod[] => [...listed.values()].filter(({ state }) => state === "ready");
  return {
    listed,
    ready,
    publish: (): Promise<void> => {
      const pods = [...listed.values()];
      return plane.apply(manifest(...objects, ...service({ name: SERVICE, annotations, pods })));
    },
  };
}

type List = ReturnType<typeof createList>;

/** What DNS says: all ready pods in any order, and one of them at random. */
function namesOf(ready: () => readonly ListedPod[]) {
  const random = dice(SEED);
  const shuffled = (): readonly string[] =>
    ready()
      .map(({ address }) => ({ address, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ address }) => address);
  return (name: string): readonly string[] | undefined => {
    if (name === HEADLESS) return shuffled();
    return name === ONE_POD ? shuffled().slice(0, 1) : undefined;
  };
}

const addressOf = (pod: number): string => `127.0.3.${pod + 1}`;

/** Starts pods one after the other, all on one port. */
function createStarter(processes: ReadonlyMap<string, PodProcess>, behaviour: WorldOptions["behaviour"]) {
  let started = 0;
  let port = 0;
  return async (zone: string): Promise<ListedPod> => {
    const address = addressOf(started);
    const pod = { name: address, port, behaviour: behaviour(started) };
    started += 1;
    port = (await processes.get(zone)?.call("start", pod)) ?? port;
    return { address, port, zone, node: `node-${zone}`, state: "ready" };
  };
}

/** What happens to pods, as `World` says. */
function createEvents(processes: Map<string, PodProcess>, list: List, options: WorldOptions) {
  const { listed, ready, publish } = list;
  const { behaviour, graceMs } = options;
  const start = createStarter(processes, behaviour);
  const startListed = async (zone: string): Promise<void> => {
    const pod = await start(zone);
    listed.set(pod.address, pod);
  };
  return {
    startListed,
    add: async (zone: string): Promise<void> => {
      await startListed(zone);
      await publish();
    },
    remove: async (name: string): Promise<void> => {
      const pod = listed.get(name);
      if (pod === undefined) throw new Error(`there is no pod ${name}`);
      listed.set(name, { ...pod, state: "terminating" });
      const left = processes.get(pod.zone)?.call("leave", { name, graceMs });
      await publish();
      await left;
      listed.delete(name);
      await publish();
    },
    crash: async (zone: string): Promise<void> => {
      const crashed = processes.get(zone);
      processes.delete(zone);
      await crashed?.[Symbol.asyncDispose]();
    },
    forget: async (zone: string): Promise<void> => {
      for (const pod of ready()) if (pod.zone === zone) listed.set(pod.address, { ...pod, state: "unready" });
      await publish();
    },
  };
}

async function statsOf(processes: ReadonlyMap<string, PodProcess>): Promise<Readonly<Record<string, PodStats>>> {
  const all = await Promise.all([...processes.values()].map((one) => one.call("stats", undefined)));
  return Object.assign({}, ...all);
}

export async function startWorld(options: WorldOptions): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const { zones, podsPerZone } = options;
  const objects = nodes(REGION, ...zones);
  const processes = startProcesses(zones, stack);
  const plane = stack.use(await startControlPlane({ manifests: manifest(...objects) }));
  const list = createList(options, plane, objects);
  const { startListed, ...events } = createEvents(processes, list, options);
  for (let i = 0; i < podsPerZone; i += 1) for (const zone of zones) await startListed(zone);
  await list.publish();
  const dns = stack.use(await startDns(namesOf(list.ready)));
  const port = list.ready()[0]?.port ?? 0;
  const targets: Readonly<Record<Way, string>> = {
    xds: `xds:///${CLUSTER}`,
    headless: `dns://${dns.address}/${HEADLESS}:${port}`,
    service: `ipv4:${SERVICE_IP}:${port}`,
  };
  const parts = stack.move();
  return {
    ...events,
    plane,
    pods: () => new Map(list.ready().map((pod) => [pod.address, pod])),
    dns: dns.address,
    target: (way) => targets[way],
    bootstrap: (zone, client) =>
      bootstrapOf({ server: plane.xds, id: `bench-${client}`, region: REGION, zone, metadata: {} }),
    stats: () => statsOf(processes),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
