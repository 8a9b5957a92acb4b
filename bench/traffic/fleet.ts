import { type Pod, service } from "../../e2e/harness/objects.ts";
import { type Remote, startRemote } from "../remote.ts";
import type { Behaviour, PodStats, podCommands } from "./pods.ts";

type PodProcess = Remote<typeof podCommands>;

export interface FleetOptions {
  readonly service: string;
  readonly zones: readonly string[];
  /** Of the pod of that number, counted from 0 as they are started. */
  readonly behaviour: (pod: number) => Behaviour;
  /** How long a pod goes on accepting after SIGTERM. */
  readonly graceMs: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Is told of the Service and its pods. */
  publish(...objects: readonly object[]): Promise<void>;
}

/** A pod as the cluster lists it. */
export type ListedPod = Pod & { readonly zone: string };

/** The pods of a Service, those of each zone in a process of their own, and what happens to them. */
export interface Fleet extends AsyncDisposable {
  ready(): readonly ListedPod[];
  /** Starts a pod, at an address of its own, and does not make it known. */
  start(zone: string): Promise<void>;
  publish(): Promise<void>;
  /** Starts a pod and makes it known. */
  add(zone: string): Promise<void>;
  /** Makes known that it terminates, and sends it SIGTERM in the same moment. */
  remove(address: string): Promise<void>;
  /** Ends all pods of a zone without a word. */
  crash(zone: string): Promise<void>;
  /** Makes known that nothing of that zone is ready. */
  forget(zone: string): Promise<void>;
  /** What each pod that runs did since that was asked last. */
  stats(): Promise<Readonly<Record<string, PodStats>>>;
}

const addressOf = (pod: number): string => `127.0.3.${pod + 1}`;

/** Starts pods one after the other, all on one port. */
function createStarter(processes: ReadonlyMap<string, PodProcess>, behaviour: FleetOptions["behaviour"]) {
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

/** The end of a zone, with a warning and without. */
function createLosses(processes: Map<string, PodProcess>, listed: Map<string, ListedPod>, publish: Fleet["publish"]) {
  return {
    crash: async (zone: string): Promise<void> => {
      const crashed = processes.get(zone);
      processes.delete(zone);
      await crashed?.[Symbol.asyncDispose]();
    },
    forget: async (zone: string): Promise<void> => {
      for (const pod of [...listed.values()])
        if (pod.zone === zone) listed.set(pod.address, { ...pod, state: "unready" });
      await publish();
    },
  };
}

async function statsOf(processes: Iterable<PodProcess>): Promise<Readonly<Record<string, PodStats>>> {
  const all = await Promise.all([...processes].map((one) => one.call("stats", undefined)));
  return Object.assign({}, ...all);
}

export function startFleet({
  service: name,
  zones,
  behaviour,
  graceMs,
  annotations = {},
  ...told
}: FleetOptions): Fleet {
  const file = new URL("pods.ts", import.meta.url);
  const processes = new Map(zones.map((zone) => [zone, startRemote<typeof podCommands>(file)]));
  const startPod = createStarter(processes, behaviour);
  const listed = new Map<string, ListedPod>();
  const publish = (): Promise<void> => told.publish(...service({ name, annotations, pods: [...listed.values()] }));
  const start = async (zone: string): Promise<void> => {
    const pod = await startPod(zone);
    listed.set(pod.address, pod);
  };
  return {
    ...createLosses(processes, listed, publish),
    ready: () => [...listed.values()].filter(({ state }) => state === "ready"),
    start,
    publish,
    add: async (zone) => {
      await start(zone);
      await publish();
    },
    remove: async (address) => {
      const pod = listed.get(address);
      if (pod === undefined) throw new Error(`there is no pod ${address}`);
      listed.set(address, { ...pod, state: "terminating" });
      const left = processes.get(pod.zone)?.call("leave", { name: address, graceMs });
      await publish();
      await left;
      listed.delete(address);
      await publish();
    },
    stats: () => statsOf(processes.values()),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...processes.values()].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
