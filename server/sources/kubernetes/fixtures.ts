/** A kubernetes source that reads a scripted API server, for tests. */
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../clock.ts";
import { silentLog } from "../../log.ts";
import { createMetrics } from "../../metrics.ts";
import type { RawObject } from "../source.contract.ts";
import type { SourceEvent } from "../source.ts";
import { emptyStore, isReady, reduce, type Store } from "../store.ts";
import { type ApiServer, plainAccess, startApiServer } from "./scripted-api.ts";
import type { Asked } from "./scripted-storage.ts";
import { type KubernetesOptions, kubernetesSource } from "./source.ts";

/** Waits that tests can wait for. */
const SHORT = { backOff: { firstMs: 5, mostMs: 40 }, silenceMs: 2000, initialSilenceMs: 100 };

export const optionsFor = (url: string, others: Partial<KubernetesOptions> = {}): KubernetesOptions => ({
  access: plainAccess(url),
  namespaces: [],
  clock: systemClock,
  random: Math.random,
  log: silentLog,
  metrics: createMetrics(),
  ...others,
  limits: { ...SHORT, ...others.limits },
});

export const service = (name: string, port: unknown = 80, labels: object = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop", labels },
  spec: { ports: [{ port }] },
});

export const slice = (name: string, fields: object = {}): RawObject => {
  const metadata = { name, namespace: "shop", labels: { "kubernetes.io/service-name": "cart" } };
  const contents = { addressType: "IPv4", ports: [{ name: "", port: 8080 }], endpoints: [{ addresses: ["10.0.0.1"] }] };
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, ...contents, ...fields };
};

export const named = (kind: "Node" | "Namespace", name: string) => ({ apiVersion: "v1", kind, metadata: { name } });

type Options = Partial<KubernetesOptions>;

/** Reads a scripted API server until disposed. */
export async function reading(
  prepare: (api: ApiServer) => void = () => {},
  others: Options | ((api: ApiServer) => Promise<Options>) = {},
) {
  const api = await startApiServer();
  prepare(api);
  const options = optionsFor(api.url, typeof others === "function" ? await others(api) : others);
  const source = kubernetesSource(options);
  const events: SourceEvent[] = [];
  let store = emptyStore(source.feeds);
  const running = source.start((burst) => {
    events.push(...burst);
    store = reduce(store, burst).store;
  });
  const until = async (holds: (store: Store) => unknown): Promise<Store> => {
    const limit = performance.now() + 5000;
    while (!holds(store)) {
      if (performance.now() > limit) throw new Error(`it did not come so: ${JSON.stringify(events.slice(-4))}`);
      await delay(5);
    }
    return store;
  };
  return {
    api,
    events,
    until,
    ready: () => until((one) => isReady(one) && one.health.get("kubernetes")?.healthy),
    store: () => store,
    detail: () => store.health.get("kubernetes")?.detail ?? "",
    isHealthy: () => store.health.get("kubernetes")?.healthy,
    metric: async (name: string, labels: object): Promise<number> => {
      const { values } = (await options.metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] };
      const has = (given: object) => Object.entries(labels).every(([key, value]) => Reflect.get(given, key) === value);
      return values.filter((one) => has(one.labels)).reduce((sum, { value }) => sum + value, 0);
    },
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}

type World = Awaited<ReturnType<typeof reading>>;

export const services = ({ objects }: Store): readonly string[] =>
  [...objects.services.values()].map(({ name }) => name).toSorted();

/** Resolves when changes are followed and what is held is what there is, whatever came before. */
export async function follows({ api, until }: World): Promise<void> {
  api.put(service("canary"));
  await until((store) => services(store).includes("canary"));
  api.delete(service("canary"));
  await until((store) => services(store).join() === api.names("Service").join());
}

export const isList = ({ query }: Asked): boolean => query.get("watch") !== "true";
