/** What the replicas of evenkeel assign, held endpoint by endpoint against what the API server has. */
import { expect } from "vitest";
import { type AssignedEndpoint, type Assignments, CONTROL_PORT, type Question } from "../pods/protocol.ts";
import { type Api, collectionOf, type KubernetesObject } from "./api.ts";
import { isReady, podsOf } from "./deployments.ts";
import { eventually } from "./eventually.ts";
import { type ExpectedEndpoint, expectedEndpoints, servedPorts } from "./expected.ts";
import { type EndpointSlice, REGION_LABEL, type Service, ZONE_LABEL } from "./objects.ts";

/** The namespace of the pod that reads assignments. */
export const READER = { namespace: "evenkeel-e2e", name: "reader" } as const;
export const SYSTEM = "evenkeel-system";
export const XDS_PORT = 18_000;
export const ADMIN_PORT = 18_001;

export interface ConvergedOptions {
  /** HOST:PORT of each server to ask: all replicas in the cluster unless told otherwise. */
  readonly servers?: readonly string[];
  readonly withinMs?: number;
}

/** As a client that says where it is, or does not. */
type Place = Pick<Question, "zone" | "node">;

/** The servers that are ready and stay. */
export async function replicas(api: Api): Promise<readonly string[]> {
  const pods = await podsOf(api, SYSTEM, "app.kubernetes.io/name=evenkeel");
  return pods.filter(isReady).map(({ status }) => `${status.podIP}:${XDS_PORT}`);
}

/** One place in each zone that a Node has, and none. */
async function placesOf(api: Api): Promise<readonly Place[]> {
  const nodes = await api.list<KubernetesObject>(collectionOf("v1", "Node"));
  const zones = new Map(
    nodes.map(({ metadata: { labels = {} } }) => [
      labels[ZONE_LABEL] ?? "",
      { region: labels[REGION_LABEL] ?? "", zone: labels[ZONE_LABEL] ?? "" },
    ]),
  );
  return [{}, ...[...zones.values()].filter(({ zone }) => zone !== "").map((zone) => ({ zone }))];
}

/** What a client is assigned by one server. */
export async function assigned(api: Api, question: Question): Promise<Assignments> {
  const [pod] = await podsOf(api, READER.namespace, `app=${READER.name}`);
  const address = { namespace: READER.namespace, name: pod?.metadata.name ?? "", port: CONTROL_PORT };
  return api.askPod<Assignments>(address, "POST", "/assignments", question);
}

/** What has to be assigned, by cluster, for every port of the Services named, as they are at this moment. */
async function wanted(api: Api, namespace: string, names: readonly string[]) {
  const [services, slices] = await Promise.all([
    api.list<Service>(collectionOf("v1", "Service", namespace)),
    api.list<EndpointSlice>(collectionOf("discovery.k8s.io/v1", "EndpointSlice", namespace)),
  ]);
  const bySlice = Map.groupBy(slices, ({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] ?? "");
  const chosen = names.map((name) => services.find(({ metadata }) => metadata.name === name));
  expect(names.filter((_, i) => chosen[i] === undefined)).toEqual([]);
  return new Map(
    chosen
      .filter((service) => service !== undefined)
      .flatMap((service) =>
        servedPorts(service).map((port): readonly [string, readonly ExpectedEndpoint[]] => [
          `${service.metadata.name}.${namespace}:${port.port}`,
          expectedEndpoints(service, port, bySlice.get(service.metadata.name) ?? []),
        ]),
      ),
  );
}

const textOf = ({ address, zone }: ExpectedEndpoint): string => `${address} in zone "${zone}"`;

/** Sentences on what differs: none when each is there once and healthy. */
export function differences(
  want: readonly ExpectedEndpoint[],
  have: readonly AssignedEndpoint[] | undefined,
): string[] {
  if (have === undefined) return ["has no assignment"];
  const [wantedTexts, haveTexts] = [new Set(want.map(textOf)), have.map(textOf)];
  const given = new Set(haveTexts);
  return [
    ...[...wantedTexts].filter((text) => !given.has(text)).map((text) => `lacks ${text}`),
    ...[...given].filter((text) => !wantedTexts.has(text)).map((text) => `has also ${text}`),
    ...(given.size < haveTexts.length ? ["has an endpoint twice"] : []),
    ...have.filter(({ health }) => health !== "HEALTHY").map((one) => `${textOf(one)} is ${one.health}`),
  ];
}

async function differencesAt(api: Api, question: Question, want: ReadonlyMap<string, readonly ExpectedEndpoint[]>) {
  const have = await assigned(api, question);
  const where = `${question.server} in zone "${question.zone?.zone ?? ""}"`;
  return [...want].flatMap(([name, endpoints]) =>
    differences(endpoints, have[name]).map((text) => `${name} of ${where} ${text}`),
  );
}

/**
 * Resolves when every server gives clients of every zone the endpoints that these Services have in the API server, no more and
 * no fewer: with the milliseconds that took. Fails with the differences when they remain.
 */
export async function converged(
  api: Api,
  namespace: string,
  services: readonly string[],
  { servers, withinMs = 60_000 }: ConvergedOptions = {},
): Promise<number> {
  const started = performance.now();
  await eventually(async () => {
    const [want, places] = await Promise.all([wanted(api, namespace, services), placesOf(api)]);
    const asked = servers ?? (await replicas(api));
    expect(asked.length).toBeGreaterThan(0);
    const questions = asked.flatMap((server) => places.map((place) => ({ server, names: [...want.keys()], ...place })));
    const found = await Promise.all(questions.map((question) => differencesAt(api, question, want)));
    expect(found.flat().slice(0, 20)).toEqual([]);
  }, withinMs);
  return performance.now() - started;
}
