import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Address } from "../address.ts";
import type { Clock } from "../clock.ts";
import type { GrpcServer } from "../grpc/server.ts";
import type { Metrics } from "../metrics.ts";
import { createAdmission } from "./admission.ts";
import { type Connections, createConnections } from "./connections.ts";
import type { XdsOptions } from "./options.ts";

/** The port, and the connections that came in by it. */
export interface Listener {
  readonly address: Address;
  readonly connections: Connections;
  /** Does what time calls for. */
  sweep(now: number): void;
  /** No further connections. */
  stop(): void;
  destroy(): void;
}

export const GROUPS = 16;
/** Many clients may come at once; by default 511 may wait and the kernel refuses the rest. */
const BACKLOG = 4096;

interface ListenerSettings {
  readonly listen: Address;
  readonly grpc: GrpcServer;
  readonly options: XdsOptions;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Lets a socket in, or breaks it. */
function createDoor({ options, metrics, clock }: ListenerSettings, connections: Connections) {
  const admission = createAdmission(options, clock);
  return (socket: Socket): void => {
    socket.on("error", () => {}); // "close" follows, and is all that matters
    const address = socket.remoteAddress;
    const refused = address === undefined ? "gone" : admission.refuses(address);
    if (address === undefined || refused !== undefined) {
      metrics.connectionsRefused.inc({ reason: refused ?? "gone" });
      socket.destroy();
      return;
    }
    metrics.connections.inc();
    socket.on("close", () => {
      admission.left(address);
      metrics.connections.dec();
    });
    connections.add(socket, clock.now());
  };
}

/** Binds the port and hands its connections to gRPC. Rejects if the port cannot be bound. */
export async function openListener(settings: ListenerSettings): Promise<Listener> {
  const { listen, grpc, options, metrics } = settings;
  const connections = createConnections({ grpc, options, groups: GROUPS });
  const port = createServer({ noDelay: true }, createDoor(settings, connections));
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  port.once("error", reject);
  port.listen({ ...listen, backlog: BACKLOG }, resolve);
  await listening;
  port.on("error", () => {}); // accepting one may fail for want of file descriptors; the next may work
  const bound = port.address() as AddressInfo;
  return {
    address: { host: bound.address, port: bound.port },
    connections,
    sweep: (now) => {
      const silent = connections.sweep(now);
      if (silent > 0) metrics.connectionsRefused.inc({ reason: "silent" }, silent);
    },
    stop: () => void port.close(),
    destroy: () => {
      port.close();
      connections.disconnectAll();
    },
  };
}
