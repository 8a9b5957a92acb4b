import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream";

export interface Destination {
  readonly address: string;
  readonly port: number;
}

/** A random number in [0, 1) each time, the same series for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Stands for the virtual IP of a Service: each connection goes to one ready pod, picked at random when it is opened, and stays
 * there. That is what kube-proxy does; it never looks at requests.
 */
export async function startServiceIp(
  ready: () => readonly Destination[],
  random: () => number,
): Promise<AsyncDisposable & { readonly port: number }> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const pods = ready();
    const pod = pods[Math.floor(random() * pods.length)];
    if (pod === undefined) {
      client.destroy();
      return;
    }
    const upstream = connect(pod.port, pod.address);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    }
    pipeline(client, upstream, client, () => {}); // how it ended shows at the client
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** The skew that such picks give on average, for connections with these numbers of requests: chance, not one draw of it. */
export function averageSkew(connections: readonly number[], pods: number, random: () => number, draws = 2000): number {
  const whole = connections.reduce((sum, requests) => sum + requests, 0);
  let sum = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const load = new Array<number>(pods).fill(0);
    for (const requests of connections) {
      const pod = Math.floor(random() * pods);
      load[pod] = (load[pod] ?? 0) + requests;
    }
    sum += (Math.max(...load) * pods) / whole;
  }
  return sum / draws;
}
