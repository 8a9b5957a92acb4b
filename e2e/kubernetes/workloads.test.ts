/** What people and machines do to workloads, under the steady traffic of stock clients. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { collectionOf, type KubernetesObject } from "./harness/api.ts";
import { assigned, replicas } from "./harness/assignments.ts";
import { type Cluster, grpcPort, openCluster } from "./harness/cluster.ts";
import { isReady } from "./harness/deployments.ts";
import { eventually } from "./harness/eventually.ts";
import { silence, unplug } from "./harness/faults.ts";
import { type EndpointSlice, type Pod, ZONE_LABEL } from "./harness/objects.ts";
import { isOwnCluster } from "./harness/programs.ts";
import { noFailures, podsOfAnswers } from "./harness/traffic.ts";
import { CONTROL_PORT } from "./pods/protocol.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster("workloads");
});
afterAll(() => cluster[Symbol.asyncDispose]());

const slicesOf = (service: string): Promise<readonly EndpointSlice[]> =>
  cluster.api.list<EndpointSlice>(
    `${collectionOf("discovery.k8s.io/v1", "EndpointSlice", cluster.namespace)}?labelSelector=kubernetes.io/service-name%3D${service}`,
  );

// Most of their time is waiting, and none touches what another one has.
describe.concurrent("beside each other", () => {
  test("a Service that clients ask for before it exists is served when it is deployed", async () => {
    const target = `xds:///new.${cluster.namespace}:8080`;
    const client = await cluster.deployClient({ name: "early", traffic: [{ target, rate: 5, deadlineMs: 60_000 }] });
    await cluster.deployBackends({ name: "new", replicas: 2 });
    await cluster.expectConverged("new");
    await client.flows();
    await noFailures(client);
  });

  test("a rolling update of all pods fails no request", async () => {
    const backends = await cluster.deployBackends({ name: "rolling", replicas: 3 });
    const client = await cluster.deployClient({ name: "rolling-client", traffic: [backends] });
    await client.flows();
    await backends.restart();
    await cluster.expectConverged("rolling");
    await client.flows();
    await noFailures(client);
  });

  test("scaled up, every pod is asked; scaled down, no request fails", async () => {
    const backends = await cluster.deployBackends({ name: "scaled", replicas: 2, lingerSeconds: 15 });
    const client = await cluster.deployClient({ name: "scaled-client", traffic: [backends] });
    await client.flows();
    await backends.scale(5);
    await cluster.expectConverged("scaled");
    await client.flows(100);
    expect(podsOfAnswers(await client.stats()).size).toBe(5);
    await backends.scale(2);
    await cluster.expectConverged("scaled", { withinMs: 10_000 }); // while those that go still serve
    await client.flows();
    await noFailures(client);
  });

  test("scaled to zero and back: clients that wait for ready are answered when a pod is back", async () => {
    // Pods that go at once may both refuse one request, and gRPC tries it again of its own accord only once.
    const retries = { annotations: { "evenkeel.dev/retry-on": "unavailable" } };
    await cluster.applyService("zero", { selector: { app: "zero" }, ports: [grpcPort] }, retries);
    const backends = await cluster.deployBackends({ name: "zero", replicas: 2, service: null });
    const { target } = backends;
    const patient = await cluster.deployClient({ name: "patient", traffic: [{ target, rate: 5, deadlineMs: 90_000 }] });
    const hasty = await cluster.deployClient({ name: "hasty", traffic: [{ target, waitForReady: false }] });
    await Promise.all([patient.flows(), hasty.flows()]);
    await backends.scale(0);
    await cluster.expectConverged("zero");
    await eventually(async () => expect(await hasty.failures()).not.toEqual([]));
    await backends.scale(2);
    await cluster.expectConverged("zero");
    await Promise.all([patient.flows(), hasty.flows()]);
    await noFailures(patient);
    const failures = await hasty.failures();
    expect(failures.filter(({ message }) => !message.startsWith("14 UNAVAILABLE"))).toEqual([]);
    expect(Math.max(...failures.map(({ sentAt, failedAt }) => failedAt - sentAt))).toBeLessThan(1000);
  });

  test("a pod killed without notice fails only the requests that it had", async () => {
    const backends = await cluster.deployBackends({ name: "killed", replicas: 3 });
    const client = await cluster.deployClient({ name: "killed-client", traffic: [{ ...backends, rate: 100 }] });
    await client.flows(100);
    const [victim] = await backends.pods();
    const address = { namespace: cluster.namespace, name: victim?.metadata.name ?? "", port: CONTROL_PORT };
    await expect(cluster.api.askPod(address, "POST", "/crash")).rejects.toThrow();
    await client.flows(200);
    await cluster.expectConverged("killed");
    await client.flows();
    const failed = (await client.failures()).map(({ failedAt }) => failedAt);
    expect(failed.length).toBeLessThan(10);
    expect(Math.max(0, ...failed) - Math.min(Math.max(0, ...failed), ...failed)).toBeLessThan(1000);
  });

  test("readiness that comes and goes fails no request, and is followed each time", async () => {
    const backends = await cluster.deployBackends({ name: "flapping", replicas: 2 });
    const client = await cluster.deployClient({ name: "flapping-client", traffic: [backends] });
    await client.flows();
    const [pod] = await backends.pods();
    if (pod === undefined) throw new Error("no pod");
    for (const ready of [false, true, false, true, false, true]) {
      await backends.setReady(pod, ready);
      await cluster.expectConverged("flapping");
    }
    await client.flows();
    await noFailures(client);
  });

  test("a Service that is deleted and created again fails no request", async () => {
    const backends = await cluster.deployBackends({ name: "again", replicas: 2 });
    const client = await cluster.deployClient({ name: "again-client", traffic: [backends] });
    await client.flows();
    await cluster.api.remove(`${collectionOf("v1", "Service", cluster.namespace)}/again`);
    await eventually(async () => expect(await slicesOf("again")).toEqual([]));
    await client.flows();
    await cluster.applyService("again", { selector: { app: "again" }, ports: [grpcPort] });
    await eventually(async () => expect(await slicesOf("again")).not.toEqual([]));
    await cluster.expectConverged("again");
    await client.flows();
    await noFailures(client);
  });
});

test.runIf(isOwnCluster)(
  "a silent node: its pods are left out when Kubernetes calls them not ready",
  async () => {
    const backends = await cluster.deployBackends({ name: "silent", replicas: 3 });
    const client = await cluster.deployClient({ name: "silent-client", traffic: [backends] });
    await client.flows();
    const [pod] = await backends.pods();
    const name = pod?.metadata.name ?? "";
    const isItReady = async (): Promise<boolean> =>
      (await backends.pods()).some((one) => one.metadata.name === name && isReady(one));
    {
      await using _ = await silence(pod?.spec.nodeName ?? "");
      await eventually(async () => expect(await isItReady()).toBe(false), 60_000);
      await cluster.expectConverged("silent");
      const before = podsOfAnswers(await client.stats()).get(name);
      await client.flows(60);
      expect(podsOfAnswers(await client.stats()).get(name)).toBe(before);
    }
    await eventually(async () => expect(await isItReady()).toBe(true), 60_000);
    await cluster.expectConverged("silent");
    await client.flows();
    await noFailures(client);
  },
  180_000,
);

test.runIf(isOwnCluster)(
  "one zone away: its requests go to the other zones, by their capacity",
  async () => {
    const backends = await cluster.deployBackends({ name: "zoned", replicas: 6 });
    const pods = Map.groupBy(await backends.pods(), ({ spec }) => spec.nodeName ?? "");
    const [[node = "", lost = []] = [], [, whole = []] = [], [, half = []] = []] = [...pods];
    const nodeSelector = { "kubernetes.io/hostname": node };
    const client = await cluster.deployClient({
      name: "zoned-client",
      traffic: [{ ...backends, rate: 100 }],
      nodeSelector,
    });
    if (half[0] !== undefined) await backends.setReady(half[0], false);
    await client.flows();
    const isLost = ({ metadata }: Pod): boolean => lost.some((one) => one.metadata.name === metadata.name);
    const lostAndReady = async () => (await backends.pods()).filter(isLost).filter(isReady).length;
    {
      await using _silent = await silence(node);
      await using _unplugged = await unplug(lost);
      await eventually(async () => expect(await lostAndReady()).toBe(0), 60_000);
      await cluster.expectConverged("zoned");
      await client.flows(600); // until then the last requests on their way into the zone have met their deadline
      const before = await client.stats();
      await client.flows(1000);
      const after = await client.stats();
      const [then, now] = [podsOfAnswers(before), podsOfAnswers(after)];
      const answers = (by: readonly Pod[]): number =>
        by.reduce((sum, { metadata: { name } }) => sum + (now.get(name) ?? 0) - (then.get(name) ?? 0), 0);
      expect(answers(lost)).toBe(0);
      const part = answers(half) / (answers(half) + answers(whole));
      expect(Math.abs(part - 1 / 3), `${part} is about a third`).toBeLessThan(0.07);
      expect(after[0]?.targets[0]?.failed).toBe(before[0]?.targets[0]?.failed);
    }
    const failures = await client.failures();
    expect(failures.filter(({ message }) => !message.startsWith("4 DEADLINE_EXCEEDED"))).toEqual([]);
    await eventually(async () => expect(await lostAndReady()).toBe(lost.length), 60_000);
    await cluster.expectConverged("zoned");
    await client.flows();
  },
  180_000,
);

test("a node that is relabelled is of its new zone, and so are its clients", async () => {
  const service = { trafficDistribution: "PreferClose" };
  const backends = await cluster.deployBackends({ name: "moved", replicas: 3, service });
  const client = await cluster.deployClient({ name: "moved-client", traffic: [backends] });
  await client.flows();
  const [pod, other] = await backends.pods();
  const [node, neighbour] = await Promise.all(
    [pod, other].map((one) => cluster.api.get<KubernetesObject>(`${collectionOf("v1", "Node")}/${one?.spec.nodeName}`)),
  );
  const [from, to] = [node, neighbour].map((one) => one?.metadata.labels?.[ZONE_LABEL]);
  expect(from).not.toBe(to);
  const url = `${collectionOf("v1", "Node")}/${node?.metadata.name}`;
  const relabel = (zone: string | undefined) =>
    cluster.api.patch(url, { metadata: { labels: { [ZONE_LABEL]: zone } } });
  onTestFinished(() => relabel(from));
  await relabel(to);
  // The controller writes the new zone when it next has a reason to look at the Service.
  const serviceUrl = `${collectionOf("v1", "Service", cluster.namespace)}/moved`;
  await cluster.api.patch(serviceUrl, { metadata: { annotations: { looked: "at" } } });
  await eventually(async () => {
    const zones = (await slicesOf("moved")).flatMap(({ endpoints }) => (endpoints ?? []).map(({ zone }) => zone));
    expect(zones).not.toContain(from);
  });
  await cluster.expectConverged("moved");
  const [server = ""] = await replicas(cluster.api);
  const cluster8080 = `moved.${cluster.namespace}:8080`;
  const found = await assigned(cluster.api, { server, names: [cluster8080], node: node?.metadata.name ?? "" });
  const first = found[cluster8080]?.filter(({ priority }) => priority === 0).map(({ address }) => address);
  const near = [pod, other].map((one) => `${one?.status.podIP}:50051`);
  expect(first?.toSorted()).toEqual(near.toSorted());
  await client.flows();
  await noFailures(client);
});

test("300 Services at once are all served", async () => {
  await cluster.deployBackends({ name: "many", replicas: 3 });
  const names = Array.from({ length: 300 }, (_, i) => `many-${i}`);
  const target = `xds:///many-299.${cluster.namespace}:8080`;
  const client = await cluster.deployClient({ name: "many-client", traffic: [{ target, deadlineMs: 60_000 }] });
  const spec = { selector: { app: "many" }, ports: [grpcPort] };
  await Promise.all(names.map((name) => cluster.applyService(name, spec)));
  await eventually(async () => expect(await slicesOf("many-299")).not.toEqual([]));
  await cluster.expectConverged(names);
  await client.flows();
  await noFailures(client);
});
