/** What only the whole server can show: objects in, the exact responses over real gRPC out. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { Cluster } from "../../gen/envoy/config/cluster/v3/cluster.ts";
import { HealthStatus } from "../../gen/envoy/config/core/v3/health_check.ts";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import type { ChangesAnswer } from "../../server/admin/api-changes.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE } from "../../snapshots/type-url.ts";
import { connectDelta, connectSotw, endpointsOf, firstAssignment } from "../harness/ads-client.ts";
import { startControlPlane } from "../harness/control-plane.ts";
import { manifest, nodes, type Pod, service } from "../harness/objects.ts";

const ONE: Pod = { address: "10.0.0.1", port: 8080, zone: "a" };
const TWO: Pod = { address: "10.0.0.2", port: 8080, zone: "b" };
const NAME = "greeter.default:8080";
const ENVOY = { userAgentName: "envoy" };

const greeter = (...pods: readonly Pod[]): string =>
  manifest(...nodes("r", "a", "b"), ...service({ name: "greeter", pods }));

/** Comes soon and not by a later repair: far sooner than the 15 s after which a client gives up. */
const SOON_MS = 3000;

test("B4 B6 B21: all that a channel needs is answered soon, each name that is referred to is there", async () => {
  await using plane = await startControlPlane({ manifests: greeter(ONE) });
  using client = connectSotw(plane.xds, { zone: "a" });
  for (const [typeUrl, name] of [
    [LISTENER, "greeter.default.svc:grpc"],
    [ROUTE, NAME],
    [CLUSTER, NAME],
    [ASSIGNMENT, NAME],
  ] as const) {
    client.ask(typeUrl, { names: [name] });
    const response = await client.next(SOON_MS);
    expect([response.typeUrl, response.resources.length]).toEqual([typeUrl, 1]);
    client.ack(response, [name]);
  }
});

test("B1 B3 B4: a new Service reaches a stream that waits for all its parts in the order cluster, assignment, listener, route", async () => {
  await using plane = await startControlPlane({ manifests: manifest() });
  using client = connectSotw(plane.xds);
  for (const typeUrl of [LISTENER, ROUTE, CLUSTER, ASSIGNMENT]) client.ask(typeUrl, { names: [NAME] });
  for (const typeUrl of [LISTENER, CLUSTER]) {
    const empty = await client.next(SOON_MS);
    expect([empty.typeUrl, empty.resources]).toEqual([typeUrl, []]);
    client.ack(empty, [NAME]);
  }
  await plane.apply(greeter(ONE));
  const order: string[] = [];
  while (order.length < 4) {
    const response = await client.next(SOON_MS);
    order.push(response.typeUrl);
    client.ack(response, [NAME]);
  }
  expect(order).toEqual([CLUSTER, ASSIGNMENT, LISTENER, ROUTE]);
});

test("H11 E16: an endpoint that terminates leaves the assignment of gRPC at once, Envoy is told that it drains", async () => {
  await using plane = await startControlPlane({ manifests: greeter(ONE, TWO) });
  using grpc = connectSotw(plane.xds, { zone: "a" });
  using envoy = connectSotw(plane.xds, { ...ENVOY, zone: "a" });
  expect(endpointsOf(await grpc.assignment(NAME))).toHaveLength(2);
  expect(endpointsOf(await envoy.assignment(NAME))).toHaveLength(2);
  await plane.apply(greeter(ONE, { ...TWO, zone: "a" }, { ...ONE, address: "10.0.0.3", state: "terminating" }));
  const [toGrpc, toEnvoy] = await Promise.all([grpc.next(SOON_MS), envoy.next(SOON_MS)]);
  expect(endpointsOf(firstAssignment(toGrpc))).toEqual(["10.0.0.1:8080", "10.0.0.2:8080"]);
  const draining = firstAssignment(toEnvoy).endpoints.flatMap(({ lbEndpoints }) =>
    lbEndpoints.filter(({ healthStatus }) => healthStatus === HealthStatus.DRAINING),
  );
  expect([draining.length, endpointsOf(firstAssignment(toEnvoy)).length]).toEqual([1, 3]);
});

test("E17: what is written again with the same content, or with another annotation, is not pushed", async () => {
  await using plane = await startControlPlane({ manifests: greeter(ONE) });
  using client = connectSotw(plane.xds);
  client.ask(ASSIGNMENT, { names: [NAME] });
  client.ack(await client.next(), [NAME]);
  await plane.apply(greeter(ONE));
  const annotated = service({ name: "greeter", pods: [ONE], annotations: { "example.com/note": "new" } });
  await plane.apply(manifest(...nodes("r", "a", "b"), ...annotated));
  await delay(1500);
  expect(client.responses.waiting).toEqual([]);
  await plane.apply(greeter(ONE, TWO));
  expect(endpointsOf(firstAssignment(await client.next(SOON_MS)))).toHaveLength(2);
});

test("B14 B15 E26: two servers over the same objects send equal bytes and equal versions", async () => {
  const text = greeter(ONE, TWO);
  await using one = await startControlPlane({ manifests: text });
  await using two = await startControlPlane({ manifests: text });
  const seen = await Promise.all(
    [one, two].map(async ({ xds }) => {
      using client = connectSotw(xds, { zone: "a" });
      client.ask(CLUSTER, { names: [NAME] });
      const cluster = await client.next();
      client.ask(LISTENER, { names: [NAME] });
      const listener = await client.next();
      return [cluster, listener].map(({ versionInfo, resources }) => [versionInfo, resources[0]?.value.toString()]);
    }),
  );
  expect(seen[0]).toEqual(seen[1]);
});

test("S26 S27: a client that comes back, here or to another replica, is answered in full with the same version", async () => {
  await using one = await startControlPlane({ manifests: greeter(ONE) });
  await using two = await startControlPlane({ manifests: greeter(ONE) });
  using before = connectSotw(one.xds);
  before.ask(CLUSTER, { names: [NAME] });
  const first = await before.next();
  using after = connectSotw(two.xds);
  after.ask(CLUSTER, { names: [NAME], version: first.versionInfo });
  const again = await after.next(SOON_MS);
  expect([again.versionInfo, again.resources.length]).toEqual([first.versionInfo, 1]);
});

test("D3 D4: a delta client that shows what it has is sent only what differs, and told what is gone", async () => {
  await using plane = await startControlPlane({ manifests: greeter(ONE) });
  using before = connectDelta(plane.xds);
  before.ask(CLUSTER, { subscribe: ["*"] });
  const first = await before.next();
  const [held] = first.resources;
  using after = connectDelta(plane.xds);
  after.ask(CLUSTER, { subscribe: ["*"], initial: { [NAME]: held?.version ?? "", "gone.default:1": "1" } });
  const again = await after.next(SOON_MS);
  expect([again.resources, again.removedResources]).toEqual([[], ["gone.default:1"]]);
});

test("B18 B20: a deleted Service is kept for the grace, then its assignment is empty; made again it differs", async () => {
  await using plane = await startControlPlane({ manifests: greeter(ONE), flags: ["--removal-grace", "1s"] });
  using client = connectSotw(plane.xds);
  client.ask(CLUSTER, { names: [NAME] });
  const first = await client.next();
  client.ack(first, [NAME]);
  client.ask(ASSIGNMENT, { names: [NAME] });
  client.ack(await client.next(), [NAME]);
  const deletedAt = performance.now();
  await plane.apply(manifest(...nodes("r", "a", "b")));
  const answers = [await client.next(8000)];
  expect(performance.now() - deletedAt).toBeGreaterThan(900);
  for (const answer of answers) client.ack(answer, [NAME]);
  const second = await client.next(8000);
  client.ack(second, [NAME]);
  const byType = new Map([...answers, second].map((response) => [response.typeUrl, response]));
  expect(byType.get(CLUSTER)?.resources).toEqual([]);
  expect(byType.get(ASSIGNMENT)?.resources.map(({ value }) => ClusterLoadAssignment.decode(value).endpoints)).toEqual([
    [],
  ]);
  await plane.apply(manifest(...nodes("r", "a", "b"), ...service({ name: "greeter", uid: "another", pods: [ONE] })));
  const back = await client.next(8000);
  const requests = (value: Uint8Array | undefined): number | undefined =>
    value && Cluster.decode(value).circuitBreakers?.thresholds[0]?.maxRequests;
  expect(back.typeUrl).toBe(CLUSTER);
  expect(requests(back.resources[0]?.value)).not.toBe(requests(first.resources[0]?.value));
});

test("E5 E1: many streams with the same node id each get the change that concerns them, and nobody else is written to", async () => {
  const others = service({ name: "other", pods: [TWO] });
  const both = (...pods: readonly Pod[]): string =>
    manifest(...nodes("r", "a", "b"), ...others, ...service({ name: "greeter", pods }));
  await using plane = await startControlPlane({ manifests: both(ONE) });
  const subscribed = (name: string) => {
    const client = connectSotw(plane.xds, { id: "one-and-the-same" });
    client.ask(ASSIGNMENT, { names: [name] });
    return client;
  };
  using ends = new DisposableStack();
  const concerned = Array.from({ length: 20 }, () => ends.use(subscribed(NAME)));
  const unconcerned = ends.use(subscribed("other.default:8080"));
  for (const client of concerned) client.ack(await client.next(), [NAME]);
  unconcerned.ack(await unconcerned.next(), ["other.default:8080"]);
  await plane.apply(both(ONE, TWO));
  const pushed = await Promise.all(concerned.map((client) => client.next(SOON_MS)));
  expect(pushed.every((response) => endpointsOf(firstAssignment(response)).length === 2)).toBe(true);
  expect(unconcerned.responses.waiting).toEqual([]);
});

test("E2 E14: a thousand streams that came and went leave no stream and little memory", async () => {
  await using plane = await startControlPlane({ manifests: greeter(ONE) });
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--expose-gc");
  const collect = (await import("node:vm")).runInNewContext("gc") as () => void;
  const wave = async (): Promise<void> => {
    using ends = new DisposableStack();
    const clients = Array.from({ length: 100 }, () => ends.use(connectSotw(plane.xds)));
    await Promise.all(clients.map((client) => client.assignment(NAME)));
  };
  const gone = async (): Promise<void> => {
    while (plane.streams() > 0) await delay(10);
    collect();
  };
  await wave();
  await gone();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 9; i += 1) await wave();
  await gone();
  // Clients and server share this heap: what stays of 900 pairs of them must be far less than what one stream alone needs.
  expect((process.memoryUsage().heapUsed - before) / 900).toBeLessThan(4096);
});

test("E27: how long a change took to reach its clients, and which was the slowest, is at /v1/changes and in the metrics", async () => {
  await using plane = await startControlPlane({ manifests: greeter(ONE) });
  const clients = [connectSotw(plane.xds, { zone: "a" }), connectSotw(plane.xds, { zone: "b" })];
  await using over = new AsyncDisposableStack();
  for (const client of clients) {
    over.use(client);
    client.ask(ASSIGNMENT, { names: [NAME] });
    client.ack(await client.next(SOON_MS), [NAME]);
  }
  const newest = async () => {
    const answer = await fetch(`${plane.admin}/v1/changes?limit=1`);
    const { changes } = (await answer.json()) as ChangesAnswer;
    return changes[0];
  };
  await plane.apply(greeter(ONE, TWO));
  for (const client of clients) client.ack(await client.next(SOON_MS), [NAME]);
  let change = await newest();
  for (let at = 0; at < 100 && change?.state !== "done"; at += 1) {
    await delay(20);
    change = await newest();
  }
  expect(change).toMatchObject({
    state: "done",
    resources: [{ type: "assignment", names: [NAME], namesTotal: 1 }],
    clients: { sent: 2, acked: 2, refused: 0, left: 0 },
    slowest: { stream: expect.any(String) },
  });
  expect(change?.lastAckMs).toBeGreaterThanOrEqual(change?.publishMs ?? 0);
  const metrics = await (await fetch(`${plane.admin}/metrics`)).text();
  expect(metrics).toMatch(/evenkeel_convergence_seconds_count\{from="report",to="last_ack"\} [1-9]/);
});
