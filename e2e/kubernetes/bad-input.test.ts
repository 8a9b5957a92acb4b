/** What an API server accepts and no client can use: it costs what it is about, is said by name, and harms nobody else. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { ProblemsAnswer } from "../../server/admin/api.ts";
import type { ServiceAnswer } from "../../server/admin/api-services.ts";
import { collectionOf, type KubernetesObject } from "./harness/api.ts";
import { assigned, replicas } from "./harness/assignments.ts";
import { type Backends, type Cluster, grpcPort, openCluster, SERVICE_PORT } from "./harness/cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { type LocalServer, startLocalServer } from "./harness/local-server.ts";
import type { SliceEndpoint } from "./harness/objects.ts";
import { createObject, type SliceOptions, sliceOf } from "./harness/slices.ts";
import { type Client, noFailures } from "./harness/traffic.ts";

const ports = [{ name: "grpc", port: SERVICE_PORT, protocol: "TCP" }];
const endpoint = (address: string): SliceEndpoint => ({ addresses: [address], zone: "zone-a" });

let cluster: Cluster;
let server: LocalServer;
let good: Backends;
let client: Client;
beforeAll(async () => {
  cluster = await openCluster("bad-input");
  server = await startLocalServer();
  good = await cluster.deployBackends({ name: "good", replicas: 2 });
  client = await cluster.deployClient({ traffic: [good] });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const createSlice = (options: SliceOptions): Promise<void> =>
  createObject(cluster.api, sliceOf(cluster.namespace, options));

/** Resolves when there are just these problems about the object: for each, words that it has. */
async function expectProblems(object: string, ...words: readonly string[]): Promise<void> {
  await eventually(async () => {
    const { problems } = await server.ask<ProblemsAnswer>(`/v1/problems?namespace=${cluster.namespace}&limit=1000`);
    const about = problems
      .filter((problem) => problem.object === object)
      .map(({ code, message }) => `${code}: ${message}`);
    expect(about).toHaveLength(words.length);
    expect(about).toEqual(expect.arrayContaining(words.map((word) => expect.stringContaining(word))));
  });
}

const named = (kind: string, name: string): string => `${kind} ${cluster.namespace}/${name}`;
const service = (name: string): Promise<ServiceAnswer> =>
  server.ask<ServiceAnswer>(`/v1/services/${cluster.namespace}/${name}`);

/** Why entries of slices are left out. */
const leftOutOf = async (name: string): Promise<readonly string[]> =>
  (await service(name)).ports.flatMap(({ leftOut }) => leftOut.map(({ address, why }) => `${address}: ${why}`));

/** The others go on being served. */
async function expectNoHarm(...services: readonly string[]): Promise<void> {
  await cluster.expectConverged(["good", ...services]);
  await client.flows(10);
  await noFailures(client);
}

test("a slice of no Service serves nobody", async () => {
  await cluster.applyService("orphans", { ports: [grpcPort] });
  await createSlice({ name: "orphan", ports, endpoints: [endpoint("10.160.0.1")] });
  await expectNoHarm("orphans");
  expect((await service("orphans")).ports.map(({ zones }) => zones)).toEqual([[]]);
});

test("fields that nobody knows are passed over", async () => {
  await cluster.applyService("unknown", { ports: [grpcPort] });
  const slice = sliceOf(cluster.namespace, {
    name: "unknown",
    service: "unknown",
    ports,
    endpoints: [endpoint("10.160.0.2")],
  });
  const unknown = { ...slice, endpoints: [{ ...endpoint("10.160.0.2"), mood: "good" }], colour: "red" };
  await createObject(cluster.api, unknown);
  await expectNoHarm("unknown");
  await expectProblems(named("Service", "unknown"));
});

test("host names and addresses of the other family are left out, and said to be", async () => {
  await cluster.applyService("addresses", { ports: [grpcPort] });
  const one = { service: "addresses", ports };
  await createSlice({ ...one, name: "hosts", addressType: "FQDN", endpoints: [endpoint("db.example.com")] });
  await createSlice({ ...one, name: "six", addressType: "IPv6", endpoints: [endpoint("2001:db8::1")] });
  await createSlice({ ...one, name: "four", endpoints: [endpoint("10.160.0.3")] });
  await expectNoHarm("addresses");
  await eventually(async () => {
    expect(await leftOutOf("addresses")).toEqual([
      expect.stringContaining("db.example.com: its slice lists host names"),
      expect.stringContaining("2001:db8::1: its slice is IPv6"),
    ]);
  });
});

test("slices without ports add nothing, and one that leaves the number open means the Service's own", async () => {
  await cluster.applyService("portless", { ports: [{ ...grpcPort, targetPort: 9090 }] });
  const one = { service: "portless" };
  await createSlice({ ...one, name: "null", ports: null, endpoints: [endpoint("10.160.0.4")] });
  await createSlice({ ...one, name: "none", ports: [], endpoints: [endpoint("10.160.0.5")] });
  await createSlice({ ...one, name: "empty", ports: null, endpoints: null });
  await createSlice({ ...one, name: "open", ports: [{ name: "grpc" }], endpoints: [endpoint("10.160.0.6")] });
  await expectNoHarm("portless");
  await eventually(async () => expect(await leftOutOf("portless")).toHaveLength(2));
});

test("a slice with a port that cannot be is a problem, and the other slices of its Service are served", async () => {
  await cluster.applyService("numbers", { ports: [grpcPort] });
  await createSlice({
    name: "zero",
    service: "numbers",
    ports: [{ ...ports[0], port: 0 }],
    endpoints: [endpoint("10.160.0.7")],
  });
  await createSlice({ name: "fine", service: "numbers", ports, endpoints: [endpoint("10.160.0.8")] });
  await expectProblems(named("EndpointSlice", "zero"), "bad-object: ports[0].port");
  const [one = ""] = await replicas(cluster.api);
  const name = `numbers.${cluster.namespace}:${SERVICE_PORT}`;
  const have = await assigned(cluster.api, { server: one, names: [name] });
  expect(have[name]).toMatchObject([{ address: `10.160.0.8:${SERVICE_PORT}` }]);
  await expectNoHarm();
});

test("annotations that cannot be read are problems, and the Service is served by the defaults", async () => {
  const annotations = { "evenkeel.dev/zone-mode": "nearest", "evenkeel.dev/enabld": "false", "evenkeel.dev/lb": "" };
  await cluster.applyService("annotated", { selector: { app: "good" }, ports: [grpcPort] }, { annotations });
  await expectNoHarm("annotated");
  await expectProblems(
    named("Service", "annotated"),
    "evenkeel.dev/enabld",
    `evenkeel.dev/zone-mode is "nearest" and is ignored`,
    `evenkeel.dev/lb is "" and is ignored`,
  );
});

test("a Service that loses its selector keeps what its slices say", async () => {
  await cluster.applyService("selected", { selector: { app: "good" }, ports: [grpcPort] });
  await cluster.expectConverged("selected");
  const own = await cluster.deployClient({
    name: "selected-client",
    traffic: [{ target: `xds:///selected.${cluster.namespace}:${SERVICE_PORT}` }],
  });
  await own.flows(10);
  await cluster.api.patch(`${collectionOf("v1", "Service", cluster.namespace)}/selected`, { spec: { selector: null } });
  await expectNoHarm("selected");
  expect((await service("selected")).ports).toHaveLength(1);
  await own.flows(10);
  await noFailures(own);
});

test("Services of other types and without ports are not served, and nobody is harmed", async () => {
  await cluster.applyService("external", { type: "ExternalName", externalName: "db.example.com" });
  await cluster.applyService("bare", { clusterIP: "None", selector: { app: "good" } });
  await expectNoHarm();
  expect((await service("external")).notServed).toContain("ExternalName");
  expect((await service("bare")).notServed).toContain("no TCP port");
});

test("endpoints on a Node without a zone are served, in no zone", async () => {
  const node = `${cluster.namespace}-nowhere`;
  const object: KubernetesObject = { apiVersion: "v1", kind: "Node", metadata: { name: node } };
  await createObject(cluster.api, object);
  onTestFinished(() => cluster.api.remove(`${collectionOf("v1", "Node")}/${node}`));
  await cluster.applyService("nowhere", { ports: [grpcPort] });
  const endpoints = [{ addresses: ["10.160.0.9"], nodeName: node }, endpoint("10.160.0.10")];
  await createSlice({ name: "nowhere", service: "nowhere", ports, endpoints });
  await expectNoHarm("nowhere");
  const { ports: served } = await service("nowhere");
  expect(served.flatMap(({ zones }) => zones.map(({ zone }) => zone)).toSorted()).toEqual(["", "zone-a"]);
});
