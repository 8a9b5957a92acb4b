import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { CallListener, ServerCall } from "./call.ts";
import { frameOf } from "./framing.ts";
import { createGrpcServer, type GrpcSettings } from "./server.ts";
import { STATUS } from "./status.ts";

const OK = { code: STATUS.OK, details: "" } as const;
const LIMITS: GrpcSettings = { maxMessageBytes: 1000, maxStreamsPerConnection: 10 };

/** Answers each message with itself, and ends when the client has ended. */
const echo = (call: ServerCall): CallListener => ({
  message: (bytes) => call.write(frameOf(bytes)),
  halfClosed: () => call.end(OK),
  closed: () => {},
});

/** A server on a free port that serves `/test/call`, and a raw connection to it. */
async function serve(listenerFor: (call: ServerCall) => CallListener = echo, settings = LIMITS) {
  const grpc = createGrpcServer(settings);
  grpc.register("/test/call", (call) => call.listen(listenerFor(call)));
  const port = createServer((socket) => void grpc.accept(socket, "peer"));
  await new Promise<void>((resolve) => port.listen(0, "127.0.0.1", resolve));
  const session = connect(`http://127.0.0.1:${(port.address() as AddressInfo).port}`);
  session.on("error", () => {});
  return {
    session,
    [Symbol.asyncDispose]: async () => {
      session.destroy();
      await new Promise((resolve) => port.close(resolve));
    },
  };
}

const GRPC = { ":method": "POST", ":path": "/test/call", "content-type": "application/grpc", te: "trailers" };

/** A call, and all that comes back of it. */
function open(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}) {
  const stream = session.request({ ...GRPC, ...headers });
  const chunks: Buffer[] = [];
  const status: Record<string, unknown> = {};
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("response", (all) => Object.assign(status, all));
  stream.on("trailers", (all) => Object.assign(status, all));
  stream.on("error", () => {});
  const closed = new Promise<void>((resolve) => stream.on("close", resolve));
  const ended = closed.then(() => ({ status, body: Buffer.concat(chunks) }));
  return { stream, ended };
}

const compressed = (message: Buffer): Buffer => {
  const frame = frameOf(message);
  frame[0] = 1;
  return frame;
};

test("messages are answered and the status comes last, in trailers", async () => {
  await using server = await serve();
  const { stream, ended } = open(server.session);
  stream.write(frameOf(Buffer.from("one")));
  stream.end(frameOf(Buffer.from("two")));
  const { status, body } = await ended;
  expect(body).toEqual(Buffer.concat([frameOf(Buffer.from("one")), frameOf(Buffer.from("two"))]));
  expect(status).toMatchObject({ ":status": 200, "grpc-status": "0", "content-type": "application/grpc+proto" });
});

test("a call that is refused has its status in its headers, and the reason in words", async () => {
  await using server = await serve((call) => {
    call.end({ code: STATUS.UNAVAILABLE, details: "50 % of it" });
    return echo(call);
  });
  const { status } = await open(server.session).ended;
  expect(status).toMatchObject({ "grpc-status": "14", "grpc-message": "50 %25 of it" });
});

test.each([
  ["another path", { ":path": "/test/other" }, { ":status": 200, "grpc-status": "12" }],
  ["GET", { ":method": "GET" }, { ":status": 405 }],
  ["JSON", { "content-type": "application/json" }, { ":status": 415 }],
  ["gRPC-Web", { "content-type": "application/grpc-web" }, { ":status": 415 }],
  ["no content type", { "content-type": undefined }, { ":status": 415 }],
])("E3 E25: %s is refused as gRPC says", async (_, headers, expected) => {
  await using server = await serve();
  const { stream, ended } = open(server.session, headers);
  stream.end();
  expect((await ended).status).toMatchObject(expected);
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
])("a message compressed by %s is read, in its turn", async (encoding, compress) => {
  await using server = await serve();
  const { stream, ended } = open(server.session, { "grpc-encoding": encoding });
  const words = ["first", "second", "third", "fourth"].map((word) => Buffer.from(word));
  const frames = words.map((word, at) => (at % 2 === 0 ? compressed(compress(word)) : frameOf(word)));
  stream.end(Buffer.concat(frames));
  const { status, body } = await ended;
  expect([status["grpc-status"], body]).toEqual(["0", Buffer.concat(words.map(frameOf))]);
});

test.each([
  ["unknown, UNIMPLEMENTED", "br", gzipSync(Buffer.from("x")), "12"],
  ["wrong, INTERNAL", "gzip", Buffer.from("not gzip at all"), "13"],
  ["a bomb, RESOURCE_EXHAUSTED", "gzip", gzipSync(Buffer.alloc(100_000)), "8"],
])("E3: where a compression is %s ends the call", async (_, encoding, message, code) => {
  await using server = await serve();
  const { stream, ended } = open(server.session, { "grpc-encoding": encoding });
  stream.write(compressed(message));
  expect((await ended).status).toMatchObject({ "grpc-status": code });
});

test("E3: a message over the limit ends its call, and not the connection", async () => {
  await using server = await serve();
  const large = open(server.session);
  large.stream.write(frameOf(Buffer.alloc(1001)));
  expect((await large.ended).status).toMatchObject({ "grpc-status": "8" });
  const next = open(server.session);
  next.stream.end(frameOf(Buffer.from("x")));
  expect((await next.ended).status).toMatchObject({ "grpc-status": "0" });
});

test("E3: calls of one connection that all begin a message and do not end it are bounded together", async () => {
  await using server = await serve();
  const calls = Array.from({ length: 10 }, () => open(server.session));
  for (const { stream } of calls) stream.write(frameOf(Buffer.alloc(900)).subarray(0, 890));
  const ended = calls.map(async ({ ended }) => (await ended).status["grpc-status"]);
  const first = await Promise.race(ended);
  expect(first).toBe("8");
});

test("a call ends when the time of its client is over", async () => {
  await using server = await serve();
  const { status } = await open(server.session, { "grpc-timeout": "50m" }).ended;
  expect(status).toMatchObject({ "grpc-status": "4" });
});

test("E2: a call that its client breaks off is told to be closed, once, and what is written then is dropped", async () => {
  let closed = 0;
  let broken: ServerCall | undefined;
  await using server = await serve((call) => {
    broken = call;
    const count = (): void => {
      closed += 1;
    };
    return { ...echo(call), closed: count };
  });
  const { stream } = open(server.session);
  stream.write(frameOf(Buffer.from("x")));
  await new Promise((resolve) => stream.once("data", resolve));
  stream.close(8); // CANCEL
  while (closed === 0) await delay(5);
  broken?.write(frameOf(Buffer.from("late")));
  broken?.end(OK);
  await delay(20);
  expect(closed).toBe(1);
});

test("E12: a connection that is told to go finishes its calls, takes no new one, and ends with the last", async () => {
  const grpc = createGrpcServer(LIMITS);
  grpc.register("/test/call", (call) => call.listen(echo(call)));
  const accepted: ReturnType<typeof grpc.accept>[] = [];
  const port = createServer((socket) => void accepted.push(grpc.accept(socket, "peer")));
  await new Promise<void>((resolve) => port.listen(0, "127.0.0.1", resolve));
  const session = connect(`http://127.0.0.1:${(port.address() as AddressInfo).port}`);
  const gone = new Promise((resolve) => session.on("goaway", resolve));
  const over = new Promise((resolve) => session.on("close", resolve));
  const { stream, ended } = open(session);
  stream.write(frameOf(Buffer.from("x")));
  await new Promise((resolve) => stream.once("data", resolve));
  expect(accepted[0]?.calls).toBe(1);
  accepted[0]?.goAway();
  accepted[0]?.goAway();
  expect(await gone).toBe(0);
  stream.end(frameOf(Buffer.from("y")));
  expect((await ended).status).toMatchObject({ "grpc-status": "0" });
  await over;
  await new Promise((resolve) => port.close(resolve));
});
