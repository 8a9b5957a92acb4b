import { connect as connectTcp, type Socket } from "node:net";
import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { DiscoveryResponse } from "../../gen/envoy/service/discovery/v3/discovery.ts";
import { ASSIGNMENT, CLUSTER, LISTENER } from "../../snapshots/type-url.ts";
import { contentOf, frame, GRPC_NODE, rawStream, serve, until, writeRequest } from "./fixtures.ts";

type Served = Awaited<ReturnType<typeof serve>>;

/** A client that does as it should; at the end of a test it must still be served. */
async function bystander(server: Served) {
  const stream = server.sotw();
  stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  let last = (await stream.next()) ?? DiscoveryResponse.create();
  stream.ack(last, ["a"]);
  let content = 1;
  return {
    isServed: async (): Promise<boolean> => {
      content += 1;
      server.update({ a: String(content) });
      last = (await stream.next()) ?? last;
      stream.ack(last, ["a"]);
      return contentOf(last) === String(content);
    },
  };
}

function openSocket({ target }: Served): Promise<Socket> {
  const [host = "", port = ""] = target.split(":");
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const socket = connectTcp(Number(port), host, () => resolve(socket));
  socket.on("error", () => {});
  return promise;
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.on("close", () => resolve()));

test.each([
  ["garbage bytes", "\0\x01\x02garbage that is no preface at all"],
  ["HTTP/1", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and thirty more bytes of it"],
])("E3: %s on the port end that connection and harm no other", async (_, bytes) => {
  await using server = await serve({ a: "1" });
  const other = await bystander(server);
  const socket = await openSocket(server);
  const gone = closed(socket);
  socket.resume();
  socket.write(bytes, "latin1");
  await gone;
  expect(await other.isServed()).toBe(true);
});

test("E3: a socket that says nothing, or half a preface, is closed after a while", async () => {
  await using server = await serve({ a: "1" }, { prefaceTimeoutMs: 100 });
  const other = await bystander(server);
  const sockets = await Promise.all([openSocket(server), openSocket(server)]);
  sockets[1]?.write("PRI * HTTP/2.0\r\n");
  for (const socket of sockets) socket.resume();
  await Promise.all(sockets.map(closed));
  const refused = (await server.metrics.connectionsRefused.get()).values;
  expect([refused, await other.isServed()]).toEqual([[{ value: 2, labels: { reason: "silent" } }], true]);
});

test("E3: HTTP/2 frames that break the protocol end that connection", async () => {
  await using server = await serve({ a: "1" });
  const other = await bystander(server);
  const socket = await openSocket(server);
  const gone = closed(socket);
  socket.resume();
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");
  socket.write(Buffer.alloc(64, 0xff));
  await gone;
  expect(await other.isServed()).toBe(true);
});

test("E3: a message that cannot be decoded ends its stream with a clear status", async () => {
  await using server = await serve({ a: "1" });
  const other = await bystander(server);
  const { session, stream, ended } = rawStream(server.target);
  stream.resume();
  stream.write(frame(Buffer.from("ffffffffffffffffffff", "hex")));
  const code = await ended;
  session.close();
  expect([code, server.roster.size, await other.isServed()]).toEqual([String(status.INVALID_ARGUMENT), 1, true]);
});

test.each([
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
  "/grpc.health.v1.Health/Check",
  "/grpc.health.v1.Health/Watch",
])("E3: a message to %s that cannot be decoded ends its call and harms no other", async (path) => {
  await using server = await serve({ a: "1" });
  const other = await bystander(server);
  const asBytes = (bytes: Buffer): Buffer => bytes;
  const call = server.newClient().makeBidiStreamRequest<Buffer, Buffer>(path, asBytes, asBytes);
  const ended = new Promise<{ code: status }>((resolve) => call.on("status", resolve));
  call.on("data", () => {});
  call.on("error", () => {});
  call.write(Buffer.from("ffffffffffffffffffff", "hex"));
  expect([(await ended).code, await other.isServed()]).toEqual([status.INVALID_ARGUMENT, true]);
});

test("S34 E3: 17 MiB in one message end the stream, 12 MiB are read", async () => {
  await using server = await serve({ a: "1" });
  const names = (count: number) => ["a", ...Array.from({ length: count }, (_, at) => `${"x".repeat(1000)}${at}`)];
  const [large, huge] = [server.sotw(), server.sotw()];
  large.send({ node: GRPC_NODE, typeUrl: ASSIGNMENT, resourceNames: names(12_000) });
  huge.send({ node: GRPC_NODE, typeUrl: ASSIGNMENT, resourceNames: names(17_500) });
  expect([(await large.next(10_000))?.resources.length, (await huge.ended).code]).toEqual([
    1,
    status.RESOURCE_EXHAUSTED,
  ]);
});

test.each([
  ["S28: without a type", { node: GRPC_NODE }, "the request has no type_url"],
  ["S1: without a node", { typeUrl: CLUSTER, resourceNames: ["a"] }, "the first request has no node"],
  [
    "E3: with a name of 10,000 characters",
    { node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["x".repeat(10_000)] },
    "a resource name is too long",
  ],
  [
    "E3: with a node id of 2,000 characters",
    { node: { ...GRPC_NODE, id: "x".repeat(2000) }, typeUrl: CLUSTER, resourceNames: ["a"] },
    "node.id has more than 1,024 characters",
  ],
])("%s, a first request is refused with the reason", async (_, request, reason) => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  stream.send(request);
  const { code, details } = await stream.ended;
  expect([code, details, server.roster.size]).toEqual([status.INVALID_ARGUMENT, reason, 0]);
});

test("E3 S34: 100,000 names in one request are answered, and nothing of them stays when the stream ends", async () => {
  await using server = await serve({ a: "1" });
  const other = await bystander(server);
  const stream = server.sotw();
  const names = Array.from({ length: 100_000 }, (_, at) => `missing-${at}`);
  stream.send({ node: GRPC_NODE, typeUrl: LISTENER, resourceNames: [...names, "a"] });
  const response = await stream.next(15_000);
  stream.ack(response ?? DiscoveryResponse.create(), [...names, "a"]);
  stream.call.cancel();
  await until(() => server.roster.size === 1);
  expect([response?.resources.length, [...server.roster.names(LISTENER)].length]).toEqual([1, 0]);
  expect(await other.isServed()).toBe(true);
});

test("E3: more names than a stream may ask for end it", async () => {
  await using server = await serve({ a: "1" }, { maxNames: 1000 });
  const [sotw, delta] = [server.sotw(), server.delta()];
  sotw.send({ node: GRPC_NODE, typeUrl: LISTENER, resourceNames: Array.from({ length: 1001 }, (_, at) => `${at}`) });
  for (let at = 0; at < 3; at += 1) {
    const names = Array.from({ length: 500 }, (_, one) => `${at} ${one}`);
    delta.send({ node: GRPC_NODE, typeUrl: LISTENER, resourceNamesSubscribe: names });
  }
  expect([(await sotw.ended).code, (await delta.ended).code]).toEqual([
    status.RESOURCE_EXHAUSTED,
    status.RESOURCE_EXHAUSTED,
  ]);
  expect(server.roster.size).toBe(0);
});

test("E1 E4: a client that never reads costs bounded memory, delays no other, and is cut off in the end", async () => {
  await using server = await serve({ a: "1", big: "x".repeat(100_000) }, { writeTimeoutMs: 500 });
  const other = await bystander(server);
  const { session, stream } = rawStream(server.target); // no "data" listener: nothing is read
  const gone = new Promise((resolve) => session.on("close", resolve));
  writeRequest(stream, ["big"], ASSIGNMENT);
  for (let at = 0; at < 400; at += 1) writeRequest(stream, at % 2 === 0 ? [] : ["big"], ASSIGNMENT);
  await until(() => server.roster.size === 2);
  const pushes = async () => (await server.metrics.pushes.get()).values.find((one) => one.labels.type === "assignment");
  await new Promise((resolve) => setTimeout(resolve, 200));
  const written = (await pushes())?.value ?? 0;
  await gone;
  await until(() => server.roster.size === 1);
  expect(written).toBeLessThanOrEqual(4); // 256 KiB, and what makes it full
  expect(await other.isServed()).toBe(true);
});

test("S25: a client that never answers gets one response, and the newest state when it does", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  const first = (await stream.next()) ?? DiscoveryResponse.create();
  for (let at = 0; at < 100; at += 1) server.update({ a: `${at}` });
  const early = await stream.next(100);
  stream.ack(first, ["a"]);
  const [second, third] = [await stream.next(), await stream.next(100)];
  expect([early, contentOf(second), third]).toEqual([undefined, "99", undefined]);
});

test("S5: a client that rejects everything gets one response per content", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  stream.send({ node: GRPC_NODE, typeUrl: CLUSTER, resourceNames: ["a"] });
  let responses = 0;
  for (let content = 2; content < 12; content += 1) {
    const response = await stream.next();
    responses += response === undefined ? 0 : 1;
    const errorDetail = { code: 14, message: "no" };
    const nonce = response?.nonce ?? "";
    stream.send({ typeUrl: CLUSTER, resourceNames: ["a"], responseNonce: nonce, errorDetail });
    stream.send({ typeUrl: CLUSTER, resourceNames: ["a"], responseNonce: nonce, errorDetail });
    server.update({ a: `${content}` });
  }
  await stream.next();
  expect([responses, await stream.next(100)]).toEqual([10, undefined]);
});

test("E2: streams that are reset at any moment leave nothing behind", async () => {
  await using server = await serve({ a: "1", big: "x".repeat(200_000) });
  const other = await bystander(server);
  const waits = Array.from({ length: 60 }, (_, at) => at % 20);
  await Promise.all(
    waits.map(async (wait, at) => {
      const { session, stream } = rawStream(server.target);
      if (at % 3 !== 0) stream.resume();
      writeRequest(stream, ["a", "big"], at % 2 === 0 ? ASSIGNMENT : CLUSTER);
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (at % 3 === 0) session.destroy();
      else stream.close(at % 3 === 1 ? 8 : 0);
      setTimeout(() => session.destroy(), 50);
    }),
  );
  await until(() => server.roster.size === 1);
  expect([[...server.roster.names(ASSIGNMENT)], await other.isServed()]).toEqual([[], true]);
});

test("E2: a connection that breaks without a word ends its streams", async () => {
  await using server = await serve({ a: "1" });
  const { session, stream } = rawStream(server.target);
  stream.resume();
  writeRequest(stream, ["a"]);
  await until(() => server.roster.size === 1);
  session.socket.resetAndDestroy();
  await until(() => server.roster.size === 0);
  const text = await server.metrics.registry.metrics();
  expect(text).toContain('evenkeel_streams_ended_total{reason="cancelled"} 1');
});
