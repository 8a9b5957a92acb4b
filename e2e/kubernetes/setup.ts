/** Once for all files: evenkeel as deploy/ has it, the address of its Service, and the pod that reads assignments. */
import path from "node:path";
import type { TestProject } from "vitest/node";
import { manifestDocuments } from "../harness/manifest-files.ts";
import { type Api, collectionOf, type KubernetesObject, openApi, proxyOf } from "./harness/api.ts";
import { ADMIN_PORT, READER, SYSTEM, XDS_PORT } from "./harness/assignments.ts";
import { deploymentOf, podsOf, rolledOut } from "./harness/deployments.ts";
import { eventually } from "./harness/eventually.ts";
import { metricIn, quantileIn } from "./harness/metrics.ts";
import type { Service } from "./harness/objects.ts";
import { isOwnCluster, programOf } from "./harness/programs.ts";
import { serveAddress } from "./harness/service-address.ts";

/** So short that a test can see connections spread again; the kind suite has the same. */
const MORE_FLAGS = ["--max-connection-age=20s"];

const CONVERGENCE = "evenkeel_convergence_seconds";

interface PodTemplate {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly args: string[] }] } };
  };
}

/** A Deployment as it is, but for its program: images mean nothing on e2e/cluster. */
function asProcess(object: KubernetesObject): KubernetesObject {
  const changed = structuredClone(object) as KubernetesObject & PodTemplate;
  const [container] = changed.spec.template.spec.containers;
  Object.assign(container, { ...programOf("cli/evenkeel.mjs"), args: [...container.args, ...MORE_FLAGS] });
  return changed;
}

/** What `kubectl apply -k deploy/` does. */
async function installEvenkeel(api: Api): Promise<void> {
  const objects = manifestDocuments()
    .filter(({ file }) => path.dirname(file) === "deploy")
    .map(({ object }) => object as unknown as KubernetesObject)
    .toSorted((a, b) => Number(b.kind === "Namespace") - Number(a.kind === "Namespace"));
  for (const object of objects) {
    const applied = object.kind === "Deployment" ? asProcess(object) : object;
    await eventually(() => api.apply(applied)); // a namespace lacks its service account for a moment
  }
}

async function startReader(api: Api): Promise<void> {
  await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: READER.namespace } });
  await api.apply(deploymentOf({ ...READER, file: "e2e/kubernetes/pods/reader.ts", replicas: 1 }));
  await rolledOut(api, READER.namespace, READER.name);
}

/** For people who read the log of a run: evenkeel's own time for changes, as each replica has it since it started. */
async function tellTimes(api: Api): Promise<void> {
  for (const { metadata } of await podsOf(api, SYSTEM, "app.kubernetes.io/name=evenkeel")) {
    const pod = { namespace: SYSTEM, name: metadata.name, port: ADMIN_PORT };
    const { text } = await api.request("GET", proxyOf(pod, "/metrics"));
    for (const to of ["publish", "last_ack"]) {
      const series = ['from="report"', `to="${to}"`];
      const ms = (part: number): number => quantileIn(text, CONVERGENCE, part, ...series) * 1000;
      const changes = metricIn(text, `${CONVERGENCE}_count`, ...series);
      const words = `${changes} changes, from report to ${to}: P50 <= ${ms(0.5)} ms, P99 <= ${ms(0.99)} ms`;
      process.stderr.write(`${metadata.name}: ${words}\n`);
    }
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack();
  const api = openApi(process.env.KUBECONFIG ?? "");
  if (isOwnCluster) await installEvenkeel(api); // kind/run.sh has done it
  await Promise.all([startReader(api), rolledOut(api, SYSTEM, "evenkeel")]);
  const service = await api.get<Service>(`${collectionOf("v1", "Service", SYSTEM)}/evenkeel`);
  const address = service?.spec.clusterIP ?? "";
  if (isOwnCluster)
    started.use(await serveAddress(api, { namespace: SYSTEM, name: "evenkeel", address, port: XDS_PORT }));
  project.provide("xds", `${address}:${XDS_PORT}`);
  started.defer(() => tellTimes(api));
  const parts = started.move();
  return () => parts.disposeAsync();
}
