import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { credentials, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { getState } from "../../client/register.ts";
import { DiscoveryRequest, DiscoveryResponse } from "../../gen/envoy/service/discovery/v3/discovery.ts";
import {
  EndpointDiscoveryServiceClient,
  type EndpointDiscoveryServiceServer,
  EndpointDiscoveryServiceService,
} from "../../gen/envoy/service/endpoint/v3/eds.ts";
import { ASSIGNMENT } from "../../snapshots/type-url.ts";
import { startBackend } from "../harness/backends.ts";
import { dial, TARGET } from "../harness/evenkeel-client.ts";
import { assignmentOf, resourcesOf, startXdsServer } from "../harness/xds-server.ts";
import { at, inA, NAME, startRaw, until } from "./evenkeel-tools.ts";

/** Stands before a pod and tells how many connections to it are open. */
async function startDoor(port: number) {
  const open = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(port, "127.0.0.1");
    open.add(inner);
    inner.pipe(outer).pipe(inner);
    for (const socket of [inner, outer]) socket.on("error", () => undefined);
    inner.on("close", () => {
      open.delete(inner);
      outer.destroy();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const end = (): void => {
    for (const socket of open) socket.destroy();
    server.close();
  };
  const { address, port: own } = server.address() as AddressInfo;
  return { address, port: own, connections: () => open.size, [Symbol.dispose]: end };
}

/** A service that ts-proto has made, with one method that is answered at once. */
async function startGenerated() {
  const server = new Server();
  const handlers: EndpointDiscoveryServiceServer = {
    fetchEndpoints: ({ request }, reply) =>
      reply(null, DiscoveryResponse.fromPartial({ versionInfo: `answer to ${request.versionInfo}` })),
    streamEndpoints: (call) => call.end(),
    deltaEndpoints: (call) => call.end(),
  };
  server.addService(EndpointDiscoveryServiceService, handlers);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
    error === null ? resolve(port) : reject(error),
  );
  return { address: "127.0.0.1", port: await promise, [Symbol.dispose]: () => server.forceShutdown() };
}

test("a pod that leaves keeps its request to the end, gets no other, and then loses its connection", async () => {
  const waiting: (() => void)[] = [];
  using leaving = await startRaw((reply) => waiting.push(() => reply(null, "late")));
  using door = await startDoor(leaving.port);
  await using staying = await startBackend("staying", "127.0.1.1");
  const first = resourcesOf(NAME, inA(at(door)));
  await using xds = await startXdsServer(first);
  using channel = dial({ servers: [xds.address] });
  const late = channel.ask({ deadlineMs: 50_000 });
  await until(() => waiting.length === 1);
  xds.serve({ ...first, [ASSIGNMENT]: assignmentOf(NAME, inA(at(staying))) });
  await until(() => getState(TARGET)[0]?.clusters[0]?.priorities[0]?.[0]?.pods[0]?.address === at(staying));
  for (let i = 0; i < 20; i += 1) expect(await channel.ask({ waitForReady: true })).toBe("staying");
  expect([waiting.length, door.connections()]).toEqual([1, 1]);
  for (const answer of waiting) answer();
  expect(await late).toBe("late");
  await until(() => door.connections() === 0, 30_000); // grpc-js looks for connections without a user every 10 s
  expect(await channel.ask()).toBe("staying");
}, 90_000);

test("a client that ts-proto has made asks as any other does", async () => {
  using server = await startGenerated();
  await using xds = await startXdsServer(resourcesOf(NAME, inA(at(server))));
  using _channel = dial({ servers: [xds.address] });
  const client = new EndpointDiscoveryServiceClient(TARGET, credentials.createInsecure());
  const { promise, resolve, reject } = Promise.withResolvers<DiscoveryResponse>();
  client.fetchEndpoints(DiscoveryRequest.fromPartial({ versionInfo: "7" }), (error, response) =>
    error === null ? resolve(response) : reject(error),
  );
  expect((await promise).versionInfo).toBe("answer to 7");
  client.close();
});

test("a deadline ends a request that is not answered, and it counts against the pod", async () => {
  using silent = await startRaw(() => undefined);
  await using xds = await startXdsServer(resourcesOf(NAME, inA(at(silent))));
  using channel = dial({ servers: [xds.address] });
  await expect(channel.ask({ deadlineMs: 2500 })).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  const [pod] = getState(TARGET)[0]?.clusters[0]?.priorities[0]?.[0]?.pods ?? [];
  expect(pod).toMatchObject({ inFlight: 0, picks: 1, failures: 1 });
});

test("a request that waits for ready waits until a pod can be connected; others fail at once", async () => {
  const reserved = await startRaw((reply) => reply(null, "never"));
  reserved[Symbol.dispose]();
  await using xds = await startXdsServer(resourcesOf(NAME, inA(at(reserved))));
  using channel = dial({ servers: [xds.address] });
  const patient = channel.ask({ waitForReady: true, deadlineMs: 50_000 });
  await expect(channel.ask({ deadlineMs: 20_000 })).rejects.toMatchObject({ code: status.UNAVAILABLE });
  using _pod = await startRaw((reply) => reply(null, "at last"), reserved.port);
  expect(await patient).toBe("at last");
}, 60_000);
