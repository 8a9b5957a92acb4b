/** Faults of e2e/cluster, through the files of its directory (e2e/cluster/README.md). */
import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Api, collectionOf, type KubernetesObject } from "./api.ts";
import { eventually } from "./eventually.ts";
import type { Pod } from "./objects.ts";

const directory = process.env.CLUSTER_DIR ?? "";
const run = promisify(execFile);

type Component = "etcd" | "apiserver" | "controller-manager" | "scheduler";

const pidOf = async (component: Component): Promise<number> =>
  Number(await readFile(path.join(directory, "pids", component), "utf8"));

/** Ends a component without notice, and keeps the one that is started in its place from doing anything until disposed of. */
export async function takeAway(component: Component): Promise<AsyncDisposable> {
  const killed = await pidOf(component);
  process.kill(killed, "SIGKILL");
  const next = await eventually(
    async () => {
      const pid = await pidOf(component);
      if (pid === killed) throw new Error(`${component} was not started again`);
      process.kill(pid, "SIGSTOP");
      return pid;
    },
    20_000,
    5,
  );
  return { [Symbol.asyncDispose]: async () => void process.kill(next, "SIGCONT") };
}

/** Ends a component without notice. It is started again at once. */
export const kill = async (component: Component): Promise<void> => void process.kill(await pidOf(component), "SIGKILL");

interface Lease extends KubernetesObject {
  readonly spec: { readonly renewTime: string };
}

/**
 * Stops the API server, as a machine that hangs does, until disposed of: connections stay open and nobody answers. The
 * controllers end meanwhile, as they do wherever they are elected and cannot renew that; they are back when all nodes were heard
 * of again, and so take none for lost.
 */
export async function freezeApiServer(api: Api): Promise<AsyncDisposable> {
  const controllers = await takeAway("controller-manager");
  const pid = await pidOf("apiserver");
  process.kill(pid, "SIGSTOP");
  return {
    [Symbol.asyncDispose]: async () => {
      process.kill(pid, "SIGCONT");
      const thawed = Date.now();
      await eventually(async () => {
        const leases = await api.list<Lease>(collectionOf("coordination.k8s.io/v1", "Lease", "kube-node-lease"));
        const silent = leases.filter(({ spec }) => Date.parse(spec.renewTime) < thawed);
        if (silent.length > 0) throw new Error(`not heard of: ${silent.map(({ metadata }) => metadata.name)}`);
      });
      await controllers[Symbol.asyncDispose]();
    },
  };
}

/** Cuts a node off from the API server, until disposed of. Its pods run on. */
export async function silence(node: string): Promise<AsyncDisposable> {
  const file = path.join(directory, "silent", node);
  await writeFile(file, "");
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

/** etcd forgets all but the newest revision, so that each watch from before expires. Resolves when the API server answers again. */
export const compact = async (): Promise<void> => {
  await run(path.join(directory, "cluster"), ["compact", "--dir", directory]);
};

interface PodProcess {
  readonly pid: number;
  /** The outer end of its network interface. */
  readonly veth: string;
}

const processOf = async ({ metadata: { namespace, name } }: Pod): Promise<PodProcess> =>
  JSON.parse(await readFile(path.join(directory, "pods", `${namespace}_${name}.json`), "utf8"));

/** Ends the process of a pod without notice. It is started again in the same pod. */
export async function killPod(pod: Pod): Promise<void> {
  const { pid } = await processOf(pod);
  process.kill(pid, "SIGKILL");
}

/** Takes pods off the network, as a zone that fails does, until disposed of: no packet reaches or leaves them. */
export async function unplug(pods: readonly Pod[]): Promise<AsyncDisposable> {
  const interfaces = (await Promise.all(pods.map(processOf))).map(({ veth }) => veth);
  const join = async (...to: readonly string[]): Promise<void> => {
    for (const name of interfaces) await run("ip", ["link", "set", name, ...to]);
  };
  await join("nomaster");
  return { [Symbol.asyncDispose]: () => join("master", "cni0") };
}
