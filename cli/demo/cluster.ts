import { once } from "node:events";
import { rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Program, StartProgram } from "./program.ts";

/** Where a pod runs. */
export interface Place {
  readonly zone: string;
  readonly node: string;
}

export interface Pod extends Place {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly state: "ready" | "terminating";
}

/** What Kubernetes would do for one Service: runs its pods and says in EndpointSlices which there are. */
export interface Cluster extends AsyncDisposable {
  /** All pods that run. */
  pods(): readonly Pod[];
  add(places: readonly Place[]): Promise<void>;
  /** First says that they terminate, then stops them, then leaves them out. */
  remove(names: readonly string[]): Promise<void>;
}

export interface ClusterOptions {
  readonly service: string;
  /** The file of its slices, in a folder that is served. */
  readonly slicesFile: string;
  /** A JavaScript program that takes HOST:PORT and the name of the pod. */
  readonly program: string;
  readonly start: StartProgram;
}

/** How long a pod goes on serving after it was said to terminate: the preStop hook of a careful owner. */
const PRE_STOP_MS = 1000;

async function canListen(address: string): Promise<boolean> {
  const server = createServer().listen(0, address);
  const listening = await once(server, "listening").then(
    () => true,
    () => false,
  );
  server.close();
  return listening;
}

/** A port that is free on every address. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "0.0.0.0");
  await once(server, "listening");
  const bound = server.address();
  server.close();
  return typeof bound === "object" && bound !== null ? bound.port : 0;
}

const endpoint = ({ address, zone, node, state }: Pod) => ({
  addresses: [address],
  conditions: { ready: state === "ready", serving: true, terminating: state === "terminating" },
  nodeName: node,
  zone,
});

/** As the EndpointSlice controller writes them: one slice for each port number. */
const slices = (service: string, pods: readonly Pod[]): readonly object[] =>
  [...Map.groupBy(pods, ({ port }) => port)].map(([port, group]) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${service}-${port}`,
      namespace: "default",
      labels: { "kubernetes.io/service-name": service },
    },
    addressType: "IPv4",
    ports: [{ name: "grpc", port, protocol: "TCP" }],
    endpoints: group.map(endpoint),
  }));

export async function startCluster({ service, slicesFile, program, start }: ClusterOptions): Promise<Cluster> {
  const running = new Map<string, { pod: Pod; process: Program }>();
  // Linux has every address 127.x.y.z; where they are missing, pods share one address and differ by port.
  const ownAddresses = await canListen("127.0.1.1");
  const commonPort = await freePort();
  const counted = new Map<string, number>();
  let started = 0;

  const newPod = async ({ zone, node }: Place): Promise<Pod> => {
    const inZone = (counted.get(zone) ?? 0) + 1;
    counted.set(zone, inZone);
    started += 1;
    const address = ownAddresses ? `127.0.1.${started}` : "127.0.0.1";
    const port = ownAddresses ? commonPort : await freePort();
    return { name: `${service}-${zone}-${inZone}`, address, port, zone, node, state: "ready" };
  };

  /** Replaces the file in one step, so that nobody reads half of it. */
  const writeSlices = async (): Promise<void> => {
    const pods = [...running.values()].map(({ pod }) => pod);
    const items = slices(service, pods);
    const draft = path.join(path.dirname(slicesFile), `.${path.basename(slicesFile)}.new`);
    await writeFile(draft, JSON.stringify({ apiVersion: "v1", kind: "List", items }, undefined, 1));
    await rename(draft, slicesFile);
  };

  const add = async (places: readonly Place[]): Promise<void> => {
    const pods = await Promise.all(places.map(newPod));
    for (const pod of pods) {
      const command = [program, `${pod.address}:${pod.port}`, pod.name];
      running.set(pod.name, { pod, process: start({ name: pod.name, command }) });
    }
    await Promise.all(pods.map(({ name }) => running.get(name)?.process.firstLine));
    await writeSlices();
  };

  const remove = async (names: readonly string[]): Promise<void> => {
    const leaving = [...running.values()].filter(({ pod }) => names.includes(pod.name));
    for (const { pod, process } of leaving) running.set(pod.name, { pod: { ...pod, state: "terminating" }, process });
    await writeSlices();
    await delay(PRE_STOP_MS);
    await Promise.all(leaving.map(({ process }) => process.stop()));
    for (const { pod } of leaving) running.delete(pod.name);
    await writeSlices();
  };

  return {
    pods: () => [...running.values()].map(({ pod }) => pod),
    add,
    remove,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running.values()].map(({ process }) => process.stop("SIGKILL")));
    },
  };
}
