/** Deployments of the suite's programs, and their ends. */
import { CONTROL_PORT } from "../pods/protocol.ts";
import { type Api, collectionOf, type KubernetesObject } from "./api.ts";
import { eventually } from "./eventually.ts";
import { type Deployment, type Pod, ZONE_LABEL } from "./objects.ts";
import { programOf } from "./programs.ts";

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

export interface DeploymentOptions {
  readonly namespace: string;
  readonly name: string;
  /** The program of its pods, such as `e2e/kubernetes/pods/backend.ts`. */
  readonly file: string;
  readonly replicas: number;
  readonly env?: readonly EnvironmentVariable[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Which the container declares, by name. */
  readonly ports?: Readonly<Record<string, number>>;
  /** How long a pod that is to end goes on as before, so that its clients can learn of it. */
  readonly lingerSeconds?: number;
}

const fieldRef = (name: string, fieldPath: string): EnvironmentVariable => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});

const DOWNWARD = [
  fieldRef("POD_NAME", "metadata.name"),
  fieldRef("NAMESPACE", "metadata.namespace"),
  fieldRef("NODE_NAME", "spec.nodeName"),
  fieldRef("REGION", "metadata.labels['topology.kubernetes.io/region']"),
  fieldRef("ZONE", `metadata.labels['${ZONE_LABEL}']`),
];

function containerOf({ file, env = [], ports = {}, lingerSeconds = 0 }: DeploymentOptions): object {
  return {
    name: "main",
    ...programOf(file),
    env: [...DOWNWARD, ...env],
    ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })),
    readinessProbe: { httpGet: { path: "/ready", port: CONTROL_PORT }, periodSeconds: 1, failureThreshold: 1 },
    ...(lingerSeconds > 0 ? { lifecycle: { preStop: { sleep: { seconds: lingerSeconds } } } } : {}),
  };
}

export function deploymentOf(options: DeploymentOptions): KubernetesObject & Pick<Deployment, "spec"> {
  const { namespace, name, replicas, nodeSelector = {} } = options;
  const labels = { app: name, ...options.labels };
  const spread = { topologyKey: ZONE_LABEL, maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" };
  const spec = {
    replicas,
    selector: { matchLabels: { app: name } },
    strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: { labels },
      spec: {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 20,
        nodeSelector,
        topologySpreadConstraints: [{ ...spread, labelSelector: { matchLabels: { app: name } } }],
        containers: [containerOf(options)],
      },
    },
  };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace, labels }, spec };
}

export const deploymentUrl = (namespace: string, name: string): string =>
  `${collectionOf("apps/v1", "Deployment", namespace)}/${name}`;

/** Resolves when the Deployment is as it is written: that many pods, all of the newest template, all ready. */
export function rolledOut(api: Api, namespace: string, name: string): Promise<void> {
  return eventually(async () => {
    const found = await api.get<Deployment>(deploymentUrl(namespace, name));
    const { spec, status = {}, metadata } = found ?? { spec: { replicas: -1 }, metadata: { name } };
    const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
    const isDone = [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas);
    if (isDone && observedGeneration === metadata.generation) return;
    throw new Error(`deployment ${namespace}/${name} is not rolled out: ${JSON.stringify({ spec, status })}`);
  }, 90_000);
}

/** The pods of a Deployment that were not told to end, by name. */
export async function podsOf(api: Api, namespace: string, selector: string): Promise<readonly Pod[]> {
  const url = `${collectionOf("v1", "Pod", namespace)}?labelSelector=${encodeURIComponent(selector)}`;
  const pods = await api.list<Pod>(url);
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
