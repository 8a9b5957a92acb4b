/**
 * Stands in for kube-proxy, which e2e/cluster does not have: each new connection to the address of a Service goes to one of its
 * ready endpoints, taken at random. Without an API server it goes on with those that it knows.
 */
import { execFileSync } from "node:child_process";
import { connect, createServer, type Socket } from "node:net";
import { setInterval } from "node:timers/promises";
import { type Api, collectionOf } from "./api.ts";
import type { EndpointSlice } from "./objects.ts";

interface ServiceAddress {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

interface Destination {
  readonly host: string;
  readonly port: number;
}

async function readyEndpoints(api: Api, { namespace, name }: ServiceAddress): Promise<readonly Destination[]> {
  const slices = collectionOf("discovery.k8s.io/v1", "EndpointSlice", namespace);
  const found = await api.list<EndpointSlice>(`${slices}?labelSelector=kubernetes.io/service-name%3D${name}`);
  return found.flatMap(({ endpoints, ports }) =>
    (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .map(({ addresses }) => ({ host: addresses[0] ?? "", port: ports?.[0]?.port ?? 0 })),
  );
}

/** Both ends of a connection end as the other does. */
function join(here: Socket, there: Socket): void {
  for (const [one, other] of [
    [here, there],
    [there, here],
  ] as const) {
    one.on("error", () => other.resetAndDestroy());
    one.on("close", () => other.destroy());
    one.pipe(other);
  }
}

/** Serves until disposed of. */
export async function serveAddress(api: Api, service: ServiceAddress): Promise<AsyncDisposable> {
  execFileSync("ip", ["address", "replace", `${service.address}/32`, "dev", "lo"]);
  let ready = await readyEndpoints(api, service);
  const stop = new AbortController();
  const follow = async (): Promise<void> => {
    for await (const _ of setInterval(250, undefined, { signal: stop.signal })) {
      ready = await readyEndpoints(api, service).catch(() => ready);
    }
  };
  void follow().catch(() => {}); // it ends by being aborted
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const destination = ready[Math.floor(Math.random() * ready.length)];
    if (destination === undefined) return socket.resetAndDestroy();
    open.add(socket.on("close", () => open.delete(socket)));
    return join(socket, connect(destination));
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(service.port, service.address, resolve);
  await listening;
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
