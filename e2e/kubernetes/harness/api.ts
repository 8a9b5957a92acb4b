/** A client of the API server for tests: a few verbs, and no more of the objects than a test reads. */
import { readFileSync } from "node:fs";
import https from "node:https";
import path from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "yaml";

/** An object as it is sent and received. Its type says which further fields a test reads. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly generation?: number;
  };
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface Api {
  /** Any request; no status is an error. Rejects when there is no answer. */
  request(method: string, url: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** The object at this path, or undefined where there is none. */
  get<T extends KubernetesObject>(url: string): Promise<T | undefined>;
  /** What a collection holds. */
  list<T extends KubernetesObject>(url: string): Promise<readonly T[]>;
  /** Creates the object or makes it so (server-side apply). */
  apply(object: KubernetesObject): Promise<void>;
  /** A JSON merge patch. */
  patch(url: string, changes: object): Promise<void>;
  /** Does not wait until it is gone. That it is gone already is no error. */
  remove(url: string): Promise<void>;
  /** Asks the program in a pod, through the API server. Rejects unless the answer is JSON with status 200. */
  askPod<T>(pod: PodAddress, method: "GET" | "POST", url: string, body?: unknown): Promise<T>;
}

interface PodAddress {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
  readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
}

/** A request that hangs, as on a frozen API server, is given up after this. */
const LIMIT_MS = 20_000;

/** The path of an object's collection. */
export function collectionOf(apiVersion: string, kind: string, namespace?: string): string {
  const plural = `${kind.toLowerCase().replace(/y$/, "ie")}s`;
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${group}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plural}`;
}

export const proxyOf = ({ namespace, name, port }: PodAddress, url: string): string =>
  `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy${url}`;

/** The first cluster and user of a kubeconfig with a client certificate. */
function credentialsIn(file: string) {
  const { clusters, users } = parse(readFileSync(file, "utf8")) as Kubeconfig;
  const [{ cluster }] = clusters;
  const [{ user }] = users;
  const blob = (fields: Readonly<Record<string, string>>, name: string): Buffer => {
    const inline = fields[`${name}-data`];
    if (inline !== undefined) return Buffer.from(inline, "base64");
    return readFileSync(path.resolve(path.dirname(file), fields[name] ?? ""));
  };
  return {
    server: cluster.server ?? "",
    ca: blob(cluster, "certificate-authority"),
    cert: blob(user, "client-certificate"),
    key: blob(user, "client-key"),
  };
}

/**
 * @param kubeconfig a file, such as KUBECONFIG names
 * @param user to act as, with that one's rights: `system:serviceaccount:NAMESPACE:NAME` for a service account
 */
export function openApi(kubeconfig: string, user?: string): Api {
  const identity = user === undefined ? {} : { "impersonate-user": user };
  const { server, ...tls } = credentialsIn(kubeconfig);
  // Without keep-alive: an API server that was killed must not be met again on an old connection.
  const agent = new https.Agent({ keepAlive: false, maxSockets: 16 });
  const request: Api["request"] = (method, url, body, contentType = "application/json") => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = { ...identity, ...(body === undefined ? {} : { "content-type": contentType }) };
    const sent = https.request(new URL(url, server), { ...tls, method, headers, agent, timeout: LIMIT_MS });
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", (cause) => reject(new Error(`${method} ${url}: ${cause.message}`, { cause })));
    sent.on("response", (response) => {
      text(response).then((read) => resolve({ status: response.statusCode ?? 0, text: read }), reject);
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  };
  const insist = async (method: string, url: string, body?: unknown, contentType?: string): Promise<string> => {
    const answer = await request(method, url, body, contentType);
    if (answer.status >= 200 && answer.status < 300) return answer.text;
    throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`);
  };
  return {
    request,
    get: async <T>(url: string) => {
      const answer = await request("GET", url);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw new Error(`GET ${url}: ${answer.status} ${answer.text}`);
      return JSON.parse(answer.text) as T;
    },
    list: async <T>(url: string) => (JSON.parse(await insist("GET", url)) as { items: readonly T[] }).items,
    apply: async (object) => {
      const { apiVersion = "", kind = "", metadata } = object;
      const url = `${collectionOf(apiVersion, kind, metadata.namespace)}/${metadata.name}`;
      await insist("PATCH", `${url}?fieldManager=e2e&force=true`, object, "application/apply-patch+yaml");
    },
    patch: async (url, changes) => {
      await insist("PATCH", url, changes, "application/merge-patch+json");
    },
    remove: async (url) => {
      const answer = await request("DELETE", url);
      if (![200, 202, 404].includes(answer.status)) throw new Error(`DELETE ${url}: ${answer.status} ${answer.text}`);
    },
    askPod: async <T>(pod: PodAddress, method: "GET" | "POST", url: string, body?: unknown) =>
      JSON.parse(await insist(method, proxyOf(pod, url), body)) as T,
  };
}
