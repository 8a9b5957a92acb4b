import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { bootstrapOf } from "../../cli/bootstrap.ts";
import { startControlPlane } from "../../e2e/harness/control-plane.ts";
import { manifest, nodes, service } from "../../e2e/harness/objects.ts";
import type { Figure } from "../figure.ts";
import { startRemote } from "../remote.ts";
import type { callerCommands } from "../traffic/callers.ts";
import { CLUSTER, REGION, SERVICE } from "../traffic/world.ts";
import { ZONE } from "./scenarios.ts";

const PODS = 1000;
const MAX_CONNECTIONS = 20;
const AIM_KIB = 2048;
const PATIENCE_MS = 60_000;

const addressOf = (pod: number): string => `127.1.${Math.floor(pod / 250)}.${(pod % 250) + 1}`;

/** Pods that take connections, all on one port, and are never asked anything. */
async function startIdlePods() {
  await using servers = new AsyncDisposableStack();
  let connections = 0;
  let port = 0;
  for (let pod = 0; pod < PODS; pod += 1) {
    const server = createServer().on("session", () => {
      connections += 1;
    });
    server.listen(port, addressOf(pod));
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
    servers.defer(async () => {
      const closed = once(server, "close");
      server.close();
      await closed;
    });
  }
  const started = servers.move();
  return { port, connections: () => connections, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function reached(connections: () => number, wanted: number): Promise<void> {
  const limit = performance.now() + PATIENCE_MS;
  while (connections() < wanted) {
    if (performance.now() > limit) throw new Error(`${connections()} connections of ${wanted} were made`);
    await delay(20);
  }
}

/** Memory of a channel that knows many pods, is connected to some, and has nothing to do. */
export async function idleChannels(channels: number): Promise<Figure> {
  await using pods = await startIdlePods();
  const listed = Array.from({ length: PODS }, (_, i) => ({
    address: addressOf(i),
    port: pods.port,
    zone: ZONE,
  }));
  const objects = [...nodes(REGION, ZONE), ...service({ name: SERVICE, pods: listed })];
  await using plane = await startControlPlane({ manifests: manifest(...objects) });
  const file = new URL("../traffic/callers.ts", import.meta.url);
  await using callers = startRemote<typeof callerCommands>(file, ["--expose-gc"]);
  const bootstrap = bootstrapOf({ server: plane.xds, id: "idle", region: REGION, zone: ZONE, metadata: {} });
  const channel = { "evenkeel.options": { maxConnections: MAX_CONNECTIONS } };
  /** Resident bytes when so many more channels are connected. */
  const opened = async (already: number): Promise<number> => {
    const clients = new Array(channels).fill({ zone: ZONE, bootstrap });
    await callers.call("dial", { kind: "evenkeel-client", target: `xds:///${CLUSTER}`, clients, channel });
    await reached(pods.connections, (already + channels) * MAX_CONNECTIONS);
    return callers.call("residentBytes", undefined);
  };
  const before = await opened(0); // what the first channels share, or leave behind, is not counted
  const after = await opened(channels);
  const what = `memory per idle channel, ${PODS} pods, ${MAX_CONNECTIONS} connections`;
  return { what, value: (after - before) / channels / 1024, unit: "KiB", aim: AIM_KIB };
}
