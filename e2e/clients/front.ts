import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** One address in front of several servers, as a Kubernetes Service has it: each new connection goes to one that takes it. */
export async function startFront(servers: readonly string[]): Promise<AsyncDisposable & { readonly address: string }> {
  const open = new Set<Socket>();
  const reach = async (server: string): Promise<Socket> => {
    const [host = "", port = ""] = server.split(":");
    const socket = connect(Number(port), host);
    await once(socket, "connect");
    return socket;
  };
  const onward = (left: readonly string[]): Promise<Socket> => {
    const [next, ...others] = left;
    if (next === undefined) return Promise.reject(new Error("no server takes connections"));
    return reach(next).catch(() => onward(others));
  };
  const front = createServer(async (here) => {
    open.add(here.on("error", () => {}).on("close", () => open.delete(here)));
    const there = await onward(servers).catch(() => undefined);
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
    [Symbol.asyncDispose]: async () => {
      front.close();
      for (const socket of open) socket.destroy();
    },
  };
}
