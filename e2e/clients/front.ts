import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

interface Front extends AsyncDisposable {
  readonly address: string;
  /** As if that server had died without a word: its connections break, and it takes no more. */
  kill(server: string): void;
}

/** One address in front of several servers, as a Kubernetes Service has it: each new connection goes to one that takes it. */
export async function startFront(servers: readonly string[]): Promise<Front> {
  const open = new Set<Socket>();
  const onwards = new Map<Socket, string>();
  const dead = new Set<string>();
  const reach = async (server: string): Promise<Socket> => {
    const [host = "", port = ""] = server.split(":");
    const socket = connect(Number(port), host);
    await once(socket, "connect");
    onwards.set(socket, server);
    return socket.on("close", () => onwards.delete(socket));
  };
  const onward = (left: readonly string[]): Promise<Socket> => {
    const [next, ...others] = left;
    if (next === undefined) return Promise.reject(new Error("no server takes connections"));
    return reach(next).catch(() => onward(others));
  };
  const front = createServer(async (here) => {
    open.add(here.on("error", () => {}).on("close", () => open.delete(here)));
    const there = await onward(servers.filter((server) => !dead.has(server))).catch(() => undefined);
    if (there === undefined) return here.destroy();
    there.on("error", () => {}).on("close", () => here.destroy());
    here.on("close", () => there.destroy());
    here.pipe(there).pipe(here);
    return here;
  }).listen(0, "127.0.0.1");
  await once(front, "listening");
  const { port } = front.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    kill: (server) => {
      dead.add(server);
      for (const [socket, to] of onwards) if (to === server) socket.resetAndDestroy();
    },
    [Symbol.asyncDispose]: async () => {
      front.close();
      for (const socket of open) socket.destroy();
    },
  };
}
