import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { DiscoveryResponse } from "../../gen/envoy/service/discovery/v3/discovery.ts";
import { zoneKey } from "../../snapshots/balance/zone.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE } from "../../snapshots/type-url.ts";
import { contentOf, ENVOY_NODE, GRPC_NODE, serve, until } from "./fixtures.ts";
import { DISCOVERY_METHODS } from "./service.ts";

const value = async (counter: { get(): Promise<{ values: readonly { value: number }[] }> }): Promise<number> =>
  (await counter.get()).values.reduce((sum, one) => sum + one.value, 0);

test("S1 S3 S24: a client that speaks like grpc-js-xds is answered for each type in turn, and ACKs bring nothing", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  const nonces = new Set<string | undefined>();
  for (const [at, typeUrl] of [LISTENER, ROUTE, CLUSTER, ASSIGNMENT].entries()) {
    stream.send({ ...(at === 0 && { node: GRPC_NODE }), typeUrl, resourceNames: ["a"] });
    const response = await stream.next();
    expect([response?.typeUrl, response?.resources.map((one) => one.typeUrl)]).toEqual([typeUrl, [typeUrl]]);
    nonces.add(response?.nonce);
    stream.ack(response ?? DiscoveryResponse.create(), ["a"]);
  }
  expect([nonces.size, nonces.has("")]).toEqual([4, false]);
  expect(await stream.next(100)).toBeUndefined();
});

test("S1: a later node is ignored, and the first one tells kind and zone", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  await stream.next();
  stream.send({ node: ENVOY_NODE, typeUrl: LISTENER, resourceNames: ["a"] });
  await stream.next();
  const [member] = server.roster.members();
  expect(member).toMatchObject({
    variant: "sotw",
    kind: "grpc-node",
    node: { id: "test", userAgentName: "gRPC Node Pure JS" },
    zoneClass: { kind: "known", zone: { region: "eu", zone: "a" } },
    zoneFrom: "node.locality",
  });
});

test("a change reaches the stream that asks for it, and the roster tells what was sent, acknowledged and is missing", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  stream.send({ node: GRPC_NODE, typeUrl: ASSIGNMENT, resourceNames: ["a", "missing"] });
  const first = (await stream.next()) ?? DiscoveryResponse.create();
  stream.ack(first, ["a", "missing"]);
  await until(() => [...server.roster.members()][0]?.status()[0]?.ackedVersion === first.versionInfo);
  server.update({ a: "2" });
  const second = await stream.next();
  const [status] = [...server.roster.members()][0]?.status() ?? [];
  expect(second?.versionInfo).not.toBe(first.versionInfo);
  expect(status).toMatchObject({
    typeUrl: ASSIGNMENT,
    wildcard: false,
    names: ["a", "missing"],
    unresolved: ["missing"],
    sentVersion: second?.versionInfo,
    ackedVersion: first.versionInfo,
  });
  expect(Math.abs((status?.sentAt ?? 0) - Date.now())).toBeLessThan(5000);
});

test("S32 S5: a NACK is kept in full for people, until a later response is acknowledged", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  const { nonce } = (await stream.next()) ?? DiscoveryResponse.create();
  const message = `bad ${"x".repeat(5000)}`;
  stream.send({ typeUrl: CLUSTER, resourceNames: ["a"], responseNonce: nonce, errorDetail: { code: 14, message } });
  const refused = () => [...server.roster.members()][0]?.status()[0]?.refused;
  await until(() => refused() !== undefined);
  const kept = refused()?.message;
  server.update({ a: "2" });
  stream.ack((await stream.next()) ?? DiscoveryResponse.create(), ["a"]);
  await until(() => refused() === undefined);
  expect([kept, await value(server.metrics.nacks), await value(server.metrics.acks)]).toEqual([message, 1, 1]);
});

test("S39 B17: a NACK of one client changes nothing for another with the same node id", async () => {
  await using server = await serve({ a: "1" });
  const [bad, good] = [server.sotw(), server.sotw()];
  for (const stream of [bad, good]) stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  const refused = (await bad.next()) ?? DiscoveryResponse.create();
  const accepted = (await good.next()) ?? DiscoveryResponse.create();
  bad.send({
    typeUrl: CLUSTER,
    resourceNames: ["a"],
    responseNonce: refused.nonce,
    errorDetail: { code: 3, message: "no" },
  });
  good.ack(accepted, ["a"]);
  await until(() => [...server.roster.members()].some((member) => member.status()[0]?.refused !== undefined));
  server.update({ a: "2" });
  const versions = [(await bad.next())?.versionInfo, (await good.next())?.versionInfo];
  expect([server.roster.size, versions[0] === versions[1]]).toEqual([2, true]);
});

test("S28: an unknown type is left unanswered and the stream stays open", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  stream.send({ node: GRPC_NODE, typeUrl: "type.googleapis.com/unknown", resourceNames: ["a"] });
  const unknown = await stream.next(100);
  stream.send({ typeUrl: CLUSTER, resourceNames: ["a"] });
  expect([unknown, (await stream.next())?.typeUrl]).toEqual([undefined, CLUSTER]);
});

test("S29: on a per-type service the type may be left out, and no other type is served", async () => {
  await using server = await serve({ a: "1" });
  const answers = await Promise.all(
    DISCOVERY_METHODS.filter(({ only }) => only !== undefined).map(async ({ path, variant, only }) => {
      const stream = variant === "sotw" ? server.sotw(undefined, path) : server.delta(undefined, path);
      const other = only === CLUSTER ? LISTENER : CLUSTER;
      stream.send({ node: GRPC_NODE, typeUrl: other, resourceNames: ["a"], resourceNamesSubscribe: ["a"] });
      stream.send({ resourceNames: ["a"], resourceNamesSubscribe: ["a"] });
      return (await stream.next())?.typeUrl === only;
    }),
  );
  expect(answers).toEqual(Array.from({ length: 8 }, () => true));
});

test("S33 E2: a client that closes its stream is answered with OK, and the roster forgets it", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  await stream.next();
  stream.call.end();
  expect((await stream.ended).code).toBe(status.OK);
  expect([server.roster.size, [...server.roster.names(CLUSTER)]]).toEqual([0, []]);
});

test("D1: a delta client without a node is served, as one of unknown kind and zone", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.delta();
  stream.send({ typeUrl: CLUSTER, resourceNamesSubscribe: ["a"] });
  const response = await stream.next();
  const [member] = server.roster.members();
  expect([response?.resources.map((one) => one.name), member?.kind, member?.zoneFrom]).toEqual([
    ["a"],
    "other",
    "unknown",
  ]);
});

test("D4 D8 D10: delta over the wire: a resource with its own version, then its removal, and status for people", async () => {
  await using server = await serve({ a: "1", b: "1" });
  const stream = server.delta();
  stream.send({ node: ENVOY_NODE, typeUrl: CLUSTER, resourceNamesSubscribe: ["*"] });
  const first = await stream.next();
  expect(first?.resources.map(({ name, version, resource }) => [name, version !== "", resource?.typeUrl])).toEqual([
    ["a", true, CLUSTER],
    ["b", true, CLUSTER],
  ]);
  stream.send({ typeUrl: CLUSTER, responseNonce: first?.nonce ?? "" });
  await until(() => [...server.roster.members()][0]?.status()[0]?.ackedVersion !== undefined);
  server.update({ b: "1" });
  const second = await stream.next();
  const status = [...server.roster.members()][0]?.status()[0];
  expect([second?.resources, second?.removedResources, status?.wildcard]).toEqual([[], ["a"], true]);
  expect(status?.sentVersion).not.toBe(status?.ackedVersion);
});

test("B5: Envoy gets the assignment again when its cluster is renewed", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.delta();
  stream.send({ node: ENVOY_NODE, typeUrl: CLUSTER, resourceNamesSubscribe: ["*"] });
  const clusters = await stream.next();
  stream.send({ typeUrl: ASSIGNMENT, resourceNamesSubscribe: ["a"] });
  const assignments = await stream.next();
  for (const one of [clusters, assignments])
    stream.send({ typeUrl: one?.typeUrl ?? "", responseNonce: one?.nonce ?? "" });
  await until(() => [...server.roster.members()][0]?.status()[1]?.ackedVersion !== undefined);
  server.update({ a: "2" });
  const renewed = [await stream.next(), await stream.next(), await stream.next(100)];
  expect(renewed.map((one) => one?.typeUrl)).toEqual([CLUSTER, ASSIGNMENT, undefined]);
});

test("E5: a client that asks too often is told so, and others are not affected", async () => {
  await using server = await serve({ a: "1" }, { requests: { perSecond: 1, burst: 10 } });
  const [wild, calm] = [server.sotw(), server.sotw()];
  calm.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  for (let at = 0; at < 11; at += 1) wild.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  const { code, details } = await wild.ended;
  await calm.next();
  server.update({ a: "2" });
  expect([code, details]).toEqual([status.RESOURCE_EXHAUSTED, "too many requests per second"]);
  expect(server.roster.size).toBe(1);
});

test("S14 S23: a complete set that no client could receive ends the stream with advice", async () => {
  const large = "x".repeat(1_000_000);
  await using server = await serve({ a: large, b: large, c: large, d: large });
  const stream = server.sotw();
  stream.send({ node: ENVOY_NODE, typeUrl: CLUSTER });
  const { code, details } = await stream.ended;
  expect([code, details]).toEqual([
    status.RESOURCE_EXHAUSTED,
    "the complete set exceeds what a response may have: use delta, or ask for fewer names",
  ]);
});

test("S23 E8: 12 MB of assignments arrive in responses that every client accepts", async () => {
  const names = Array.from({ length: 12 }, (_, at) => `service-${at}`);
  await using server = await serve(Object.fromEntries(names.map((name) => [name, "x".repeat(1_000_000)])));
  const stream = server.sotw(server.newClient({ "grpc.max_receive_message_length": 4 * 1024 * 1024 }));
  stream.send({ node: GRPC_NODE, typeUrl: ASSIGNMENT, resourceNames: names });
  const sizes: (number | undefined)[] = [];
  for (let at = 0; at < 4; at += 1) sizes.push((await stream.next(5000))?.resources.length);
  expect(sizes).toEqual([3, 3, 3, 3]);
  expect((await server.metrics.responseBytes.get()).values.length).toBeGreaterThan(0);
});

test("B12: a stream that comes back while its client has another open is not counted", async () => {
  await using server = await serve({ a: "1" });
  const client = server.newClient();
  const open = async () => {
    const stream = server.sotw(client);
    stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
    await stream.next();
    return stream;
  };
  await open();
  for (let at = 0; at < 7; at += 1) {
    const stream = await open();
    stream.call.end();
    await stream.ended;
  }
  expect(await value(server.metrics.quickReconnects)).toBe(0);
});

test("B12: a client that keeps coming back at once is counted", async () => {
  await using server = await serve({ a: "1" });
  const client = server.newClient();
  for (let at = 0; at < 7; at += 1) {
    const stream = server.sotw(client);
    stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
    await stream.next();
    stream.call.end();
    await stream.ended;
  }
  expect(await value(server.metrics.quickReconnects)).toBe(2);
});

test("a client whose node is in another zone by now is sent the assignments of that zone, and counts there", async () => {
  await using server = await serve({ a: "of zone b" });
  const [moved, other] = [server.sotw(), server.sotw()];
  const node = { ...GRPC_NODE, locality: undefined, metadata: { NODE_NAME: "node-1" } };
  moved.send({ node, typeUrl: ASSIGNMENT, resourceNames: ["a"] });
  other.send({ node: GRPC_NODE, typeUrl: ASSIGNMENT, resourceNames: ["a"] });
  for (const stream of [moved, other]) stream.ack((await stream.next()) ?? DiscoveryResponse.create(), ["a"]);
  await until(() => [...server.roster.members()].every((member) => member.status()[0]?.ackedVersion !== undefined));
  const told: string[] = [];
  server.roster.onDemand((cluster) => told.push(cluster));
  server.moveNode("c", { a: "of zone c" });
  const again = await Promise.all([moved.next(), other.next(100)]);
  expect(again.map((response) => response && contentOf(response))).toEqual(["of zone c", undefined]);
  const demand = new Map(["a", "c"].map((zone) => [zoneKey({ region: "eu", zone }), 1]));
  expect([told, server.roster.demand("a")]).toEqual([["a"], demand]);
});

test("E7 E27: what streams count has bounded labels: variant, kind, type and reason", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  stream.ack((await stream.next()) ?? DiscoveryResponse.create(), ["a"]);
  await until(() => [...server.roster.members()][0]?.status()[0]?.ackedVersion !== undefined);
  stream.call.end();
  await stream.ended;
  const text = await server.metrics.registry.metrics();
  expect(text).toContain('evenkeel_streams{variant="sotw",kind="grpc-node"} 0');
  expect(text).toContain('evenkeel_streams_ended_total{reason="client closed"} 1');
  expect(text).toContain('evenkeel_requests_total{type="cluster"} 2');
  expect(text).toContain('evenkeel_pushes_total{type="cluster"} 1');
  expect(text).toContain('evenkeel_ack_seconds_count{type="cluster"} 1');
  expect(text).not.toContain("127.0.0.1");
});
