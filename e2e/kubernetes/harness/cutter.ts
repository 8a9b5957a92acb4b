import { connect, createServer, type Socket } from "node:net";
import { setInterval } from "node:timers/promises";

/** A way to the API server that can be cut. */
export interface Cutter extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection and takes no other, until disposed of. */
  cut(): Disposable;
  /** Ends a part of the connections, taken at random, again and again, until disposed of; the result counts them. */
  cutAgainAndAgain(periodMs: number): Disposable & { readonly ended: () => number };
}

/** @param api the port of the API server on 127.0.0.1 */
export async function startCutter(api: number): Promise<Cutter> {
  const open = new Set<Socket>();
  let takes = true;
  const server = createServer((socket) => {
    if (!takes) return socket.resetAndDestroy();
    open.add(socket);
    const onward = connect(api, "127.0.0.1");
    socket
      .on("error", () => {})
      .on("close", () => {
        open.delete(socket);
        onward.destroy();
      });
    onward.on("error", () => {}).on("close", () => socket.destroy());
    socket.pipe(onward);
    return onward.pipe(socket);
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(0, "127.0.0.1", resolve);
  await listening;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const endAll = (sockets: Iterable<Socket>): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    cut: () => {
      takes = false;
      endAll(open);
      return {
        [Symbol.dispose]: () => {
          takes = true;
        },
      };
    },
    cutAgainAndAgain: (periodMs) => {
      const stop = new AbortController();
      let ended = 0;
      const cutting = async (): Promise<void> => {
        for await (const _ of setInterval(periodMs, undefined, { signal: stop.signal })) {
          const unlucky = [...open].filter(() => Math.random() < 0.5);
          ended += unlucky.length;
          endAll(unlucky);
        }
      };
      void cutting().catch(() => {}); // it ends by being aborted
      return { ended: () => ended, [Symbol.dispose]: () => stop.abort() };
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      endAll(open);
    },
  };
}
