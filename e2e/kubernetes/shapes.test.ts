/** Every form that a Service may have, and what people change about it, under the steady traffic of stock clients. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { ServiceAnswer } from "../../server/admin/api-services.ts";
import { collectionOf } from "./harness/api.ts";
import { assigned, replicas } from "./harness/assignments.ts";
import { type Backends, type Cluster, grpcPort, openCluster, SERVICE_PORT } from "./harness/cluster.ts";
import { deploymentUrl } from "./harness/deployments.ts";
import { eventually } from "./harness/eventually.ts";
import { expectedEndpoints } from "./harness/expected.ts";
import { startLocalServer } from "./harness/local-server.ts";
import type { EndpointSlice, Pod, Service, SliceEndpoint } from "./harness/objects.ts";
import { sliceOf } from "./harness/slices.ts";
import { type Client, noFailures } from "./harness/traffic.ts";

/** Each pod serves on both. */
const PORTS = { grpc: 50_051, second: 50_052 };
const selector = { app: "greeter" };

let cluster: Cluster;
let greeter: Backends;
beforeAll(async () => {
  cluster = await openCluster("shapes");
  const env = [{ name: "PORTS", value: Object.values(PORTS).join() }];
  greeter = await cluster.deployBackends({ name: "greeter", replicas: 3, env, ports: PORTS });
});
afterAll(() => cluster[Symbol.asyncDispose]());

const targetOf = (service: string, port = SERVICE_PORT): string => `xds:///${service}.${cluster.namespace}:${port}`;
const serviceUrl = (name: string): string => `${collectionOf("v1", "Service", cluster.namespace)}/${name}`;

const slicesOf = (service: string): Promise<readonly EndpointSlice[]> => {
  const slices = collectionOf("discovery.k8s.io/v1", "EndpointSlice", cluster.namespace);
  return cluster.api.list(`${slices}?labelSelector=kubernetes.io/service-name%3D${service}`);
};

/** The endpoints for which Kubernetes has said where they are to serve. */
const hintsOf = async (service: string): Promise<readonly SliceEndpoint[]> =>
  (await slicesOf(service)).flatMap(({ endpoints }) => (endpoints ?? []).filter((endpoint) => "hints" in endpoint));

/** A client of a Service, which is seen to answer it. It ends with the test. */
async function startTraffic(service: string, ...ports: readonly number[]): Promise<Client> {
  const traffic = (ports.length === 0 ? [SERVICE_PORT] : ports).map((port) => ({ target: targetOf(service, port) }));
  const name = `${service}-client-${ports.length}`;
  const client = await cluster.deployClient({ name, traffic });
  onTestFinished(() => cluster.api.remove(deploymentUrl(cluster.namespace, name)));
  await client.flows();
  return client;
}

/** Assignments are right now, requests are answered, and none has failed since the client started. */
async function expectServed(client: Client, service: string): Promise<void> {
  await cluster.expectConverged(service);
  await client.flows();
  await noFailures(client);
}

/** Which pods have answered. */
const podsSeenBy = async (client: Client): Promise<readonly string[]> =>
  (await client.stats()).flatMap(({ targets }) => targets.flatMap(({ byPod }) => Object.keys(byPod)));

async function podsByName(): Promise<readonly Pod[]> {
  const pods = await greeter.pods();
  return pods.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** As somebody writes them who knows the pods. */
const endpointsOf = (pods: readonly Pod[]): readonly SliceEndpoint[] =>
  pods.map(({ spec: { nodeName = "" }, status: { podIP = "" } }) => ({ addresses: [podIP], zone: "zone-a", nodeName }));

test("a port that is renamed goes on being served, with no request failed", async () => {
  await cluster.applyService("renamed", { selector, ports: [grpcPort] });
  const client = await startTraffic("renamed");
  for (const name of ["rpc", "grpc-v2", "grpc"]) {
    await cluster.applyService("renamed", { selector, ports: [{ ...grpcPort, name }] });
    await expectServed(client, "renamed");
  }
});

test("slices written by hand serve a Service without selector, and are followed", async () => {
  const [first, ...others] = await podsByName();
  if (first === undefined) throw new Error("there are no pods");
  const ports = [{ name: "grpc", port: PORTS.grpc, protocol: "TCP" }];
  const write = (name: string, pods: readonly Pod[]): Promise<void> =>
    cluster.api.apply(sliceOf(cluster.namespace, { name, service: "manual", ports, endpoints: endpointsOf(pods) }));
  await cluster.applyService("manual", { ports: [grpcPort] });
  await write("manual-1", [first]);
  const client = await startTraffic("manual");
  await expectServed(client, "manual");
  await write("manual-2", others);
  await expectServed(client, "manual");
  await write("manual-1", []);
  await expectServed(client, "manual");
  await write("manual-1", [first, ...others]); // each stands in two slices now
  await expectServed(client, "manual");
});

test("a headless Service is served by its pods' ports", async () => {
  await cluster.applyService("headless", { clusterIP: "None", selector, ports: [grpcPort] });
  const client = await startTraffic("headless");
  await expectServed(client, "headless");
});

test("both ports of a Service are served, and one that comes or goes leaves the other alone", async () => {
  const second = { name: "second", port: 8081, targetPort: "second" };
  await cluster.applyService("dual", { selector, ports: [grpcPort, second] });
  const both = await startTraffic("dual", SERVICE_PORT, 8081);
  await expectServed(both, "dual");
  const client = await startTraffic("dual");
  await cluster.applyService("dual", { selector, ports: [grpcPort] });
  await expectServed(client, "dual");
  await cluster.applyService("dual", {
    selector,
    ports: [grpcPort, { name: "udp", port: 53, protocol: "UDP" }, second],
  });
  await expectServed(client, "dual");
});

test("a target port by name is the number that each pod gives it", async () => {
  const old = { labels: { tier: "mixed" }, service: null, replicas: 1 };
  await cluster.deployBackends({ ...old, name: "old", ports: { grpc: 50_051 } });
  const env = [{ name: "PORTS", value: "50052" }];
  await cluster.deployBackends({ ...old, name: "new", ports: { grpc: 50_052 }, env });
  await cluster.applyService("mixed", { selector: { tier: "mixed" }, ports: [grpcPort] });
  const client = await startTraffic("mixed");
  await expectServed(client, "mixed");
  // A client may be given the endpoint of its own zone alone, until the server knows that nobody asks from elsewhere.
  await eventually(async () => expect(await podsSeenBy(client)).toHaveLength(2));
  await noFailures(client);
});

test("trafficDistribution is followed, and the hints that it brings add and lose no endpoint", async () => {
  const spec = { selector, ports: [grpcPort] };
  await using server = await startLocalServer();
  const modesFrom = async (): Promise<readonly string[]> => {
    const { ports } = await server.ask<ServiceAnswer>(`/v1/services/${cluster.namespace}/near`);
    return ports.map(({ policy }) => policy.modeFrom);
  };
  await cluster.applyService("near", spec);
  const client = await startTraffic("near");
  for (const trafficDistribution of ["PreferClose", "PreferSameZone"]) {
    await cluster.applyService("near", { ...spec, trafficDistribution });
    await eventually(async () => expect(await modesFrom()).toEqual([`trafficDistribution ${trafficDistribution}`]));
    await eventually(async () => expect(await hintsOf("near")).toHaveLength(3));
    await expectServed(client, "near");
  }
  await cluster.applyService("near", spec);
  await eventually(async () => expect(await modesFrom()).toEqual(["default"]));
  await eventually(async () => expect(await hintsOf("near")).toHaveLength(0));
  await expectServed(client, "near");
});

test("publishNotReadyAddresses keeps a pod that is not ready, which others lose", async () => {
  await cluster.applyService("unready", { selector, ports: [grpcPort], publishNotReadyAddresses: true });
  const client = await startTraffic("unready");
  const [pod] = await podsByName();
  if (pod === undefined) throw new Error("there are no pods");
  onTestFinished(() => greeter.setReady(pod, true));
  await greeter.setReady(pod, false);
  const names = ["unready", "greeter"].map((name) => `${name}.${cluster.namespace}:${SERVICE_PORT}`);
  await eventually(async () => {
    const [server = ""] = await replicas(cluster.api);
    const have = await assigned(cluster.api, { server, names });
    expect(names.map((name) => have[name]?.length)).toEqual([3, 2]);
  });
  await cluster.expectConverged("greeter");
  await expectServed(client, "unready");
  await cluster.api.patch(serviceUrl("unready"), { spec: { publishNotReadyAddresses: false } });
  await expectServed(client, "unready");
});

test("internalTrafficPolicy Local gives a client the pods of its node, and a client without node all of them", async () => {
  await cluster.applyService("local", { selector, ports: [grpcPort], internalTrafficPolicy: "Local" });
  await cluster.expectConverged("local");
  const service = await cluster.api.get<Service>(serviceUrl("local"));
  const slices = await slicesOf("local");
  const nodes = new Set((await podsByName()).map(({ spec }) => spec.nodeName ?? ""));
  const name = `local.${cluster.namespace}:${SERVICE_PORT}`;
  for (const node of nodes) {
    const want = service && expectedEndpoints(service, grpcPort, slices, node);
    for (const server of await replicas(cluster.api)) {
      const have = await assigned(cluster.api, { server, names: [name], node });
      expect(have[name]).toMatchObject(want ?? []);
      expect(have[name]?.length).toBe(want?.length);
    }
  }
  const client = await startTraffic("local");
  await noFailures(client);
  expect(await podsSeenBy(client)).toHaveLength(1);
});
