import { type Client, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { ClusterDiscoveryServiceService as cds } from "../../gen/envoy/service/cluster/v3/cds.ts";
import { AggregatedDiscoveryServiceService as ads } from "../../gen/envoy/service/discovery/v3/ads.ts";
import { EndpointDiscoveryServiceService as eds } from "../../gen/envoy/service/endpoint/v3/eds.ts";
import { ListenerDiscoveryServiceService as lds } from "../../gen/envoy/service/listener/v3/lds.ts";
import { RouteDiscoveryServiceService as rds } from "../../gen/envoy/service/route/v3/rds.ts";
import { CLUSTER } from "../../snapshots/type-url.ts";
import { systemClock } from "../clock.ts";
import { Convergence } from "../convergence.ts";
import { createCurrent } from "../current.ts";
import { silentLog } from "../log.ts";
import { createMetrics } from "../metrics.ts";
import { createRoster } from "../roster.ts";
import { contentOf, GRPC_NODE, rawStream, serve, snapshotOf, until, writeRequest } from "./fixtures.ts";
import { DISCOVERY_METHODS } from "./service.ts";
import { startXds, type XdsSettings } from "./xds.ts";

const asBytes = (bytes: Buffer): Buffer => bytes;

/** A call with one message of bytes: the answers, and the status at the end. */
function callWith(client: Client, path: string, message: Buffer) {
  const call = client.makeBidiStreamRequest<Buffer, Buffer>(path, asBytes, asBytes);
  const answers: Buffer[] = [];
  call.on("data", (bytes: Buffer) => answers.push(bytes));
  call.on("error", () => {});
  call.write(message);
  const ended = new Promise<{ code: status }>((resolve) => call.on("status", resolve));
  return { call, answers, ended };
}

const HEALTH = "/grpc.health.v1.Health/";
const SERVING = Buffer.from([8, 1]);
const NOT_SERVING = Buffer.from([8, 2]);

/** What a server starts with, before there is anything to serve. */
function unserved() {
  const { reader, publish } = createCurrent();
  const metrics = createMetrics();
  const settings: XdsSettings = {
    listen: { host: "127.0.0.1", port: 0 },
    current: reader,
    roster: createRoster(systemClock.wall),
    convergence: new Convergence(systemClock, metrics),
    metrics,
    log: silentLog,
    clock: systemClock,
  };
  const publishFirst = (): void =>
    publish({ snapshot: snapshotOf({}), objects: new Map() as never, sourceProblems: new Map() }, new Map());
  return { settings, publishFirst };
}

test("the paths that are served are those of the generated services", () => {
  const generated = [ads, lds, rds, cds, eds].flatMap((service) =>
    Object.values(service)
      .filter(({ requestStream }) => requestStream)
      .map(({ path }) => path),
  );
  expect(DISCOVERY_METHODS.map(({ path }) => path).sort()).toEqual(generated.sort());
});

test("B7: the port is bound only when there is a first snapshot, and waiting for it can be given up", async () => {
  const { settings, publishFirst } = unserved();
  const giveUp = new AbortController();
  const given = startXds({ ...settings, signal: giveUp.signal });
  giveUp.abort(new Error("stopping"));
  let bound = false;
  const starting = startXds(settings).then((xds) => {
    bound = true;
    return xds;
  });
  await expect(given).rejects.toThrow("stopping");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const early = bound;
  publishFirst();
  await using xds = await starting;
  expect([early, xds.address.port > 0]).toEqual([false, true]);
});

test("a port that is taken is an error of the start", async () => {
  await using server = await serve({});
  const { settings, publishFirst } = unserved();
  publishFirst();
  const second = startXds({ ...settings, listen: server.xds.address });
  await expect(second).rejects.toThrow("EADDRINUSE");
});

test("B13: health is served for the server and for ADS, and a watcher is told of the drain", async () => {
  await using server = await serve({});
  const client = server.newClient();
  const check = (service: string) => {
    const request = Buffer.concat([Buffer.from([10, service.length]), Buffer.from(service)]);
    return callWith(client, `${HEALTH}Check`, request);
  };
  const known = check("envoy.service.discovery.v3.AggregatedDiscoveryService");
  known.call.end();
  const unknown = check("unknown");
  unknown.call.end();
  const watching = callWith(client, `${HEALTH}Watch`, Buffer.alloc(0));
  watching.call.end();
  await until(() => watching.answers.length === 1);
  expect([(await known.ended).code, known.answers, (await unknown.ended).code]).toEqual([
    status.OK,
    [SERVING],
    status.NOT_FOUND,
  ]);
  const drained = server.xds.drain(300);
  await until(() => watching.answers.length === 2);
  expect(watching.answers).toEqual([SERVING, NOT_SERVING]);
  await drained;
});

test("B13: health is not serving before the drain begins, and streams are served until then", async () => {
  await using server = await serve({ a: "1" });
  const client = server.newClient();
  server.xds.notServing();
  const { call, answers, ended } = callWith(client, `${HEALTH}Check`, Buffer.alloc(0));
  call.end();
  const stream = server.sotw(client);
  stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  expect([(await ended).code, answers, contentOf(await stream.next())]).toEqual([status.OK, [NOT_SERVING], "1"]);
});

test("B13 S30: watches of health and reflection do not hold up a drain, but are UNAVAILABLE", async () => {
  await using server = await serve({});
  const client = server.newClient();
  const unknownService = Buffer.from([10, 1, 0x78]);
  const listServices = Buffer.from([0x3a, 1, 0x2a]);
  const calls = [
    callWith(client, `${HEALTH}Watch`, Buffer.alloc(0)),
    callWith(client, `${HEALTH}Watch`, unknownService),
    callWith(client, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", listServices),
  ];
  for (const { call } of calls.slice(0, 2)) call.end();
  await until(() => calls.every(({ answers }) => answers.length === 1), 10_000);
  const before = performance.now();
  await server.xds.drain(8000);
  const took = performance.now() - before;
  const codes = await Promise.all(calls.map(async ({ ended }) => (await ended).code));
  expect(codes).toEqual(calls.map(() => status.UNAVAILABLE));
  expect([calls[0]?.answers, took < 6000]).toEqual([[SERVING, NOT_SERVING], true]);
});

test.each(["v1", "v1alpha"])(
  "B13: reflection (%s) names the services of the port and describes them",
  async (version) => {
    await using server = await serve({});
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const listServices = Buffer.from([0x3a, 1, 0x2a]);
    const { call, answers } = callWith(server.newClient(), path, listServices);
    await until(() => answers.length === 1, 10_000);
    const symbol = Buffer.from("envoy.config.cluster.v3.Cluster");
    call.write(Buffer.concat([Buffer.from([0x22, symbol.length]), symbol]));
    await until(() => answers.length === 2, 10_000);
    call.end();
    expect(answers[0]?.toString("latin1")).toContain("envoy.service.discovery.v3.AggregatedDiscoveryService");
    expect(answers[1]?.toString("latin1")).toContain("envoy.config.cluster.v3");
  },
);

test("E25: load reports and Fetch are UNIMPLEMENTED", async () => {
  await using server = await serve({});
  const client = server.newClient();
  const paths = [
    "/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats",
    "/envoy.service.cluster.v3.ClusterDiscoveryService/FetchClusters",
  ];
  const codes = await Promise.all(
    paths.map(async (path) => (await callWith(client, path, Buffer.alloc(0)).ended).code),
  );
  expect(codes).toEqual([status.UNIMPLEMENTED, status.UNIMPLEMENTED]);
});

test("S30 E6 E12 E13: a drain ends every stream with UNAVAILABLE and every connection, within the grace time", async () => {
  await using server = await serve({ a: "1" });
  const streams = Array.from({ length: 40 }, () => server.sotw());
  for (const stream of streams) stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  await Promise.all(streams.map((stream) => stream.next()));
  const before = performance.now();
  await server.xds.drain(2000);
  const took = performance.now() - before;
  const codes = new Set((await Promise.all(streams.map(({ ended }) => ended))).map(({ code }) => code));
  const open = (await server.metrics.connections.get()).values[0]?.value;
  expect([codes, server.roster.size, open, took < 2000]).toEqual([new Set([status.UNAVAILABLE]), 0, 0, true]);
});

test("E13: streams are sent away one group after the other", async () => {
  await using server = await serve({ a: "1" });
  const streams = Array.from({ length: 16 }, () => server.sotw());
  for (const stream of streams) stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  await Promise.all(streams.map((stream) => stream.next()));
  const began = performance.now();
  const endedAt = Promise.all(streams.map(({ ended }) => ended.then(() => performance.now() - began)));
  await server.xds.drain(1600);
  const times = (await endedAt).sort((a, b) => a - b);
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(400);
});

test("E5 S30: while the server drains, a new stream on an old connection is UNAVAILABLE", async () => {
  await using server = await serve({ a: "1" });
  const client = server.newClient();
  const first = server.sotw(client);
  first.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  await first.next();
  const drained = server.xds.drain(1000);
  const late = server.sotw(client);
  late.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  expect((await late.ended).code).toBe(status.UNAVAILABLE);
  await drained;
});

test("E6: what does not go by itself is ended by force after the grace time", async () => {
  await using server = await serve({ a: "x".repeat(500_000) });
  const { session, stream } = rawStream(server.target); // reads nothing, so its stream cannot end in order
  const gone = new Promise((resolve) => session.on("close", resolve));
  writeRequest(stream, ["a"]);
  await until(() => server.roster.size === 1);
  const before = performance.now();
  await server.xds.drain(300);
  await gone;
  const took = performance.now() - before;
  expect([took > 250, took < 2000]).toEqual([true, true]);
});

test("E11 E12: an old connection is told to go, and its client comes back and is served again", async () => {
  await using server = await serve({ a: "1" }, { maxConnectionAgeMs: 200, maxConnectionAgeGraceMs: 50 });
  const client = server.newClient();
  const codes: status[] = [];
  for (let at = 0; at < 3; at += 1) {
    const stream = server.sotw(client);
    stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
    await stream.next();
    codes.push((await stream.ended).code);
  }
  await until(() => server.roster.size === 0);
  expect(codes.every((code) => code === status.UNAVAILABLE || code === status.CANCELLED)).toBe(true);
});

test("E10: pings of a client are accepted without penalty, and an idle connection is closed", async () => {
  await using server = await serve({ a: "1" }, { maxConnectionIdleMs: 300 });
  const client = server.newClient({ "grpc.keepalive_time_ms": 20, "grpc.keepalive_timeout_ms": 1000 });
  const stream = server.sotw(client);
  stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  const first = await stream.next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  server.update({ a: "2" });
  stream.ack(first ?? never(), ["a"]);
  const second = await stream.next();
  stream.call.end();
  await stream.ended;
  const connections = async () => (await server.metrics.connections.get()).values[0]?.value;
  let open = await connections();
  for (let at = 0; at < 100 && open !== 0; at += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    open = await connections();
  }
  expect([contentOf(second), open]).toEqual(["2", 0]);
});

const never = (): never => {
  throw new Error("there was no response");
};

test("E5: connections beyond the limits are refused, those within are served", async () => {
  await using server = await serve({ a: "1" }, { maxConnectionsPerAddress: 2 });
  const [one, two] = [server.sotw(), server.sotw()];
  for (const stream of [one, two]) stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  await Promise.all([one.next(), two.next()]);
  const three = server.sotw();
  expect((await three.ended).code).toBe(status.UNAVAILABLE);
  const refused = (await server.metrics.connectionsRefused.get()).values;
  expect([refused[0]?.labels.reason, server.roster.size]).toEqual(["address", 2]);
});

test("E5: more new connections per second than allowed are refused", async () => {
  await using server = await serve({ a: "1" }, { connections: { perSecond: 0.001, burst: 1 } });
  const one = server.sotw();
  one.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  await one.next();
  expect((await server.sotw().ended).code).toBe(status.UNAVAILABLE);
  expect((await server.metrics.connectionsRefused.get()).values[0]?.labels.reason).toBe("rate");
});
