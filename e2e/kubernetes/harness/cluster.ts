/** The cluster as one test file sees it: a namespace of its own, and ways to fill it. */
import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { CONTROL_PORT } from "../pods/protocol.ts";
import { type Api, collectionOf, type KubernetesObject, openApi } from "./api.ts";
import { type ConvergedOptions, converged } from "./assignments.ts";
import { type DeploymentOptions, deploymentOf, deploymentUrl, isReady, podsOf, rolledOut } from "./deployments.ts";
import { eventually } from "./eventually.ts";
import type { Pod, ServicePort } from "./objects.ts";
import { type Client, type ClientOptions, startClient } from "./traffic.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** HOST:PORT of evenkeel's Service. */
    readonly xds: string;
  }
}

/** The port of the Services of `deployBackends`. */
export const SERVICE_PORT = 8080;
const GRPC_PORT = 50_051;

interface BackendOptions extends Omit<DeploymentOptions, "namespace" | "file"> {
  /** More of the Service's spec than its selector and its one port, or other values; null leaves the Service away. */
  readonly service?: object | null;
}

export interface Backends {
  readonly name: string;
  /** Such as `xds:///greeter.e2e-1:8080`. */
  readonly target: string;
  /** Resolves when that many are ready. */
  scale(replicas: number): Promise<void>;
  /** Its pods, but for those that are to end. */
  pods(): Promise<readonly Pod[]>;
  /** Has one of its pods say that it is ready or not, and resolves when the API server has it so. It serves all the same. */
  setReady(pod: Pod, ready: boolean): Promise<void>;
  /** Replaces all pods, one after the other, and resolves when that is done. */
  restart(): Promise<void>;
}

export interface Cluster extends AsyncDisposable {
  readonly api: Api;
  readonly namespace: string;
  /** A Deployment of backends and a Service of the same name, which selects them by the label `app`. Resolves when all are ready. */
  deployBackends(options: BackendOptions): Promise<Backends>;
  /** Clients under steady traffic. Resolves when they run, not when they are answered. */
  deployClient(options: ClientOptions): Promise<Client>;
  /** Applies a Service of the namespace. */
  applyService(name: string, spec: object, more?: Partial<KubernetesObject["metadata"]>): Promise<void>;
  /** Every server gives clients of every zone just the endpoints that these Services have; resolves with the ms that took. */
  expectConverged(services: string | readonly string[], options?: ConvergedOptions): Promise<number>;
}

export const grpcPort: ServicePort = { name: "grpc", port: SERVICE_PORT, targetPort: "grpc" };

/** @param name the namespace's beginning */
export async function openCluster(name: string): Promise<Cluster> {
  const api = openApi(process.env.KUBECONFIG ?? "");
  const namespace = `${name}-${randomBytes(3).toString("hex")}`;
  await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const applyService: Cluster["applyService"] = (service, spec, more = {}) => {
    const object = { apiVersion: "v1", kind: "Service", metadata: { name: service, namespace, ...more }, spec };
    return api.apply(object);
  };
  const deployBackends: Cluster["deployBackends"] = async ({ service = {}, ...options }) => {
    const spec = { selector: { app: options.name }, ports: [grpcPort], ...service };
    if (service !== null) await applyService(options.name, spec);
    const defaults = {
      namespace,
      file: "e2e/kubernetes/pods/backend.ts",
      ports: { grpc: GRPC_PORT },
      lingerSeconds: 3,
    };
    await api.apply(deploymentOf({ ...defaults, ...options }));
    const url = deploymentUrl(namespace, options.name);
    const change = async (changes: object): Promise<void> => {
      await api.patch(url, changes);
      await rolledOut(api, namespace, options.name);
    };
    await rolledOut(api, namespace, options.name);
    const pods = (): Promise<readonly Pod[]> => podsOf(api, namespace, `app=${options.name}`);
    return {
      name: options.name,
      pods,
      setReady: async ({ metadata: { name: pod } }, ready) => {
        await api.askPod({ namespace, name: pod, port: CONTROL_PORT }, "POST", "/ready", { ready });
        await eventually(async () => {
          const now = (await pods()).find(({ metadata }) => metadata.name === pod);
          if (now === undefined || isReady(now) !== ready) throw new Error(`pod ${pod} is not ready: ${ready}`);
        });
      },
      target: `xds:///${options.name}.${namespace}:${SERVICE_PORT}`,
      scale: (replicas) => change({ spec: { replicas } }),
      restart: () =>
        change({ spec: { template: { metadata: { annotations: { restarted: randomBytes(4).toString("hex") } } } } }),
    };
  };
  return {
    api,
    namespace,
    deployBackends,
    applyService,
    deployClient: (options) => startClient(api, namespace, { server: inject("xds"), ...options }),
    expectConverged: (services, options) => converged(api, namespace, [services].flat(), options),
    [Symbol.asyncDispose]: () => api.remove(`${collectionOf("v1", "Namespace")}/${namespace}`),
  };
}
