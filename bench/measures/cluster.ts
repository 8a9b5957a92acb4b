import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ApiServer, startApiServer } from "../../server/sources/kubernetes/scripted-api.ts";
import type { Figure } from "../figure.ts";
import type { Size } from "../size.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const AIM_S = 3;
const AIM_KIB = 250 * 1024;
const ENDPOINTS = 100;
const NAMESPACE = "bench";

/** What makes real objects large, and is not kept. */
const managedFields = [
  {
    manager: "kube-controller-manager",
    fieldsV1: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f:field-${i}`, {}])),
  },
];

const service = (number: number) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: `s${number}`, namespace: NAMESPACE, uid: `uid-${number}`, managedFields },
  spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ name: "grpc", port: 8080, targetPort: 8080 }] },
});

const endpoint = (number: number) => ({
  addresses: [`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`],
  conditions: { ready: true, serving: true, terminating: false },
  nodeName: `node-${number % 30}`,
  zone: ["a", "b", "c"][number % 3],
  targetRef: {
    kind: "Pod",
    name: `pod-5d9c7b7f9-${number}`,
    namespace: NAMESPACE,
    uid: `0f3d4c2a-1111-2222-3333-${number}`,
  },
});

const slice = (number: number) => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: `s${number}-abcde`,
    namespace: NAMESPACE,
    labels: { "kubernetes.io/service-name": `s${number}` },
    managedFields,
  },
  addressType: "IPv4",
  ports: [{ name: "grpc", port: 8080, protocol: "TCP" }],
  endpoints: Array.from({ length: ENDPOINTS }, (_, i) => endpoint(number * ENDPOINTS + i)),
});

async function kubeconfigIn(folder: string, server: string): Promise<string> {
  const file = path.join(folder, "kubeconfig");
  const contexts = [{ name: "bench", context: { cluster: "bench" } }];
  const clusters = [{ name: "bench", cluster: { server } }];
  await writeFile(file, JSON.stringify({ "current-context": "bench", contexts, clusters }));
  return file;
}

/** Resident set of a process; not a number where the system does not tell it so. */
async function rssKiB(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

/** From the start of the process until it answers, and its memory a second later. */
async function firstSync(kubeconfig: string): Promise<{ readonly seconds: number; readonly kib: number }> {
  const ports = ["--xds", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  const start = performance.now();
  const child = spawn(
    process.execPath,
    ["cli/evenkeel.mjs", "serve", "--kubernetes", "--kubeconfig", kubeconfig, ...ports],
    {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const exited = once(child, "exit");
  await once(createInterface(child.stdout), "line");
  const seconds = (performance.now() - start) / 1000;
  await delay(1000);
  const kib = await rssKiB(child.pid);
  child.kill("SIGINT");
  await exited;
  return { seconds, kib };
}

async function measured(
  api: ApiServer,
  watchList: "supported" | "refused",
  slices: number,
): Promise<readonly Figure[]> {
  api.behaviour.watchList = watchList;
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-bench-"));
  const { seconds, kib } = await firstSync(await kubeconfigIn(folder, api.url));
  await rm(folder, { recursive: true });
  const what = `${slices * ENDPOINTS} endpoints in ${slices} slices, by ${watchList === "supported" ? "watch-list" : "pages"}`;
  return [
    { what: `start to ready, ${what}`, value: seconds, unit: "s", aim: AIM_S },
    { what: `RSS of the whole server, ${what}`, value: kib, unit: "KiB", aim: AIM_KIB },
  ];
}

/** The first read of a cluster whose API server is next to it. */
export async function cluster({ slices }: Size): Promise<readonly Figure[]> {
  await using api = await startApiServer();
  for (let i = 0; i < slices; i += 1) for (const object of [service(i), slice(i)]) api.put(object);
  return [...(await measured(api, "supported", slices)), ...(await measured(api, "refused", slices))];
}
