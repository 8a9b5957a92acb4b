import type { Socket } from "node:net";
import type { ConnectionInjector } from "@grpc/grpc-js";

interface Connection {
  readonly socket: Socket;
  readonly group: number;
  readonly since: number;
}

/** The open connections. They are dealt over groups, so that they can be drained one group after the other. */
export interface Connections {
  readonly size: number;
  add(socket: Socket, now: number): void;
  groupSize(group: number): number;
  /** The group of a connection by its peer (`address:port`); undefined once it is closed. */
  groupOf(peer: string): number | undefined;
  /** Breaks one connection. */
  disconnect(peer: string): void;
  /** Breaks those that were there before `moment` and have not begun to speak HTTP/2. Says how many. */
  disconnectSilent(moment: number): number;
  disconnectAll(): void;
  /** Resolves when no connection is open. */
  empty(): Promise<void>;
}

/** Length of HTTP/2's client preface. */
const PREFACE_BYTES = 24;

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

export function createConnections(groups: readonly Pick<ConnectionInjector, "injectConnection">[]): Connections {
  const byPeer = new Map<string, Connection>();
  /** In order of age. */
  const young = new Set<Connection>();
  const sizes = groups.map(() => 0);
  let added = 0;
  let onEmpty = Promise.withResolvers<void>();
  const remove = (peer: string, connection: Connection): void => {
    byPeer.delete(peer);
    young.delete(connection);
    sizes[connection.group] = (sizes[connection.group] ?? 0) - 1;
    if (byPeer.size > 0) return;
    onEmpty.resolve();
    onEmpty = Promise.withResolvers();
  };
  return {
    get size() {
      return byPeer.size;
    },
    add: (socket, now) => {
      const group = added++ % groups.length;
      const connection = { socket, group, since: now };
      const peer = peerOf(socket);
      byPeer.set(peer, connection);
      young.add(connection);
      sizes[group] = (sizes[group] ?? 0) + 1;
      socket.on("close", () => remove(peer, connection));
      groups[group]?.injectConnection(socket);
    },
    groupSize: (group) => sizes[group] ?? 0,
    groupOf: (peer) => byPeer.get(peer)?.group,
    disconnect: (peer) => void byPeer.get(peer)?.socket.destroy(),
    disconnectSilent: (moment) => {
      const grown = [...young].filter(({ since }) => since < moment);
      for (const connection of grown) young.delete(connection);
      const silent = grown.filter(({ socket }) => socket.bytesRead < PREFACE_BYTES);
      for (const { socket } of silent) socket.destroy();
      return silent.length;
    },
    disconnectAll: () => {
      for (const { socket } of byPeer.values()) socket.destroy();
    },
    empty: () => (byPeer.size === 0 ? Promise.resolve() : onEmpty.promise),
  };
}
