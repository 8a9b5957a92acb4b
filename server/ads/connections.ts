import type { Socket } from "node:net";
import type { GrpcConnection, GrpcServer } from "../grpc/server.ts";
import { type ConnectionFacts, fateOf } from "./fate.ts";
import type { XdsOptions } from "./options.ts";

/** The open connections. They are dealt over groups, so that they can be drained one group after the other. */
export interface Connections {
  readonly size: number;
  add(socket: Socket, now: number): void;
  groupSize(group: number): number;
  /** The group of a connection by its peer (`address:port`); undefined once it is closed. */
  groupOf(peer: string): number | undefined;
  /** Breaks one connection. */
  disconnect(peer: string): void;
  /** Does what time calls for. Says how many were broken since they had not begun to speak HTTP/2. */
  sweep(now: number): number;
  /** Tells a group's clients to go (GOAWAY). Each connection ends with its last call. */
  sendAway(group: number): void;
  disconnectAll(): void;
  /** Resolves when no connection is open. */
  empty(): Promise<void>;
}

/** Of its age, more or less, a connection is asked to reconnect, so that not all of them are at once (E11). */
const AGE_JITTER = 0.1;

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

/** One connection and what its fate hangs on. */
class Connection implements ConnectionFacts {
  readonly group: number;
  readonly since: number;
  readonly leavesAt: number;
  leavingSince: number | undefined;
  idleSince: number | undefined;
  heardAt: number;
  isAsked = false;
  bytesRead = 0;
  readonly #socket: Socket;
  readonly #grpc: GrpcConnection;

  constructor(socket: Socket, grpc: GrpcConnection, born: { group: number; since: number; leavesAt: number }) {
    this.#socket = socket;
    this.#grpc = grpc;
    this.group = born.group;
    this.since = born.since;
    this.heardAt = born.since;
    this.leavesAt = born.leavesAt;
  }

  /** Brings the facts up to date. */
  look(now: number): void {
    const { bytesRead } = this.#socket;
    if (bytesRead !== this.bytesRead) {
      this.bytesRead = bytesRead;
      this.heardAt = now;
      this.isAsked = false;
    }
    if (this.#grpc.calls > 0) this.idleSince = undefined;
    else this.idleSince ??= now;
  }

  ask(): void {
    this.isAsked = true;
    this.#grpc.ping();
  }

  sendAway(now: number | undefined): void {
    this.leavingSince ??= now;
    this.#grpc.goAway();
  }

  break(): void {
    this.#socket.destroy();
  }
}

/** Does to a connection what its fate is. True if it was broken since it was silent. */
function meetFate(connection: Connection, now: number, options: XdsOptions): boolean {
  connection.look(now);
  const fate = fateOf(connection, now, options);
  if (fate === "asked") connection.ask();
  if (fate === "leaves") connection.sendAway(now);
  if (fate === "silent" || fate === "dead" || fate === "overdue") connection.break();
  return fate === "silent";
}

export interface ConnectionsSettings {
  readonly grpc: Pick<GrpcServer, "accept">;
  readonly options: XdsOptions;
  readonly groups: number;
  /** From 0 to 1, as `Math.random`. */
  random?(): number;
}

export function createConnections({ grpc, options, groups, random = Math.random }: ConnectionsSettings): Connections {
  const byPeer = new Map<string, Connection>();
  const sizes = Array.from({ length: groups }, () => 0);
  let added = 0;
  let onEmpty = Promise.withResolvers<void>();
  const remove = (peer: string, { group }: Connection): void => {
    byPeer.delete(peer);
    sizes[group] = (sizes[group] ?? 0) - 1;
    if (byPeer.size > 0) return;
    onEmpty.resolve();
    onEmpty = Promise.withResolvers();
  };
  return {
    get size() {
      return byPeer.size;
    },
    add: (socket, since) => {
      const group = added++ % groups;
      const peer = peerOf(socket);
      const leavesAt = since + options.maxConnectionAgeMs * (1 + AGE_JITTER * (2 * random() - 1));
      const connection = new Connection(socket, grpc.accept(socket, peer), { group, since, leavesAt });
      byPeer.set(peer, connection);
      sizes[group] = (sizes[group] ?? 0) + 1;
      socket.on("close", () => remove(peer, connection));
    },
    groupSize: (group) => sizes[group] ?? 0,
    groupOf: (peer) => byPeer.get(peer)?.group,
    disconnect: (peer) => byPeer.get(peer)?.break(),
    sweep: (now) => {
      let silent = 0;
      for (const connection of byPeer.values()) if (meetFate(connection, now, options)) silent += 1;
      return silent;
    },
    sendAway: (group) => {
      for (const connection of byPeer.values()) if (connection.group === group) connection.sendAway(undefined);
    },
    disconnectAll: () => {
      for (const connection of byPeer.values()) connection.break();
    },
    empty: () => (byPeer.size === 0 ? Promise.resolve() : onEmpty.promise),
  };
}
