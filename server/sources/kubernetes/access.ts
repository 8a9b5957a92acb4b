/** Where the API server is, and with what one may ask it. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Clock } from "../../clock.ts";
import { inCluster, SERVICE_ACCOUNT } from "./in-cluster.ts";

/** What a connection is checked and shown with. */
export interface Tls {
  readonly ca?: Buffer;
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Target {
  /** With the path that all others are below, if there is one. */
  readonly server: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Tls;
}

export interface Access {
  /** For people: `the API server of this cluster`. */
  readonly where: string;
  /** Asked before each request. Rejects with what is wrong and where, never with a secret. */
  target(): Promise<Target>;
  /** What was given last was not accepted: read it anew. */
  renew(): void;
}

export interface AccessOptions {
  /** Path of a kubeconfig file. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** $KUBECONFIG may name several files; else it is ~/.kube/config. */
function kubeconfigFiles({ kubeconfig, env }: AccessOptions): readonly string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const named = (env.KUBECONFIG ?? "").split(path.delimiter).filter((file) => file !== "");
  return named.length > 0 ? named : [path.join(env.HOME ?? env.USERPROFILE ?? "", ".kube", "config")];
}

/** A kubeconfig or context that is asked for is used; else the service account inside a cluster; else what kubectl uses. */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const { kubeconfig, context, env, clock } = options;
  const host = env.KUBERNETES_SERVICE_HOST;
  const isAsked = kubeconfig !== undefined || context !== undefined;
  if (!isAsked && host !== undefined && existsSync(SERVICE_ACCOUNT.token)) {
    return inCluster({ host, port: env.KUBERNETES_SERVICE_PORT ?? "443", files: SERVICE_ACCOUNT, clock });
  }
  const { fromKubeconfig } = await import("./kubeconfig.ts");
  return fromKubeconfig(kubeconfigFiles(options), context);
}
