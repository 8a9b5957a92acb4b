import { createSocket } from "node:dgram";
import { once } from "node:events";
import { answerTo } from "./dns-message.ts";

/** What a name stands for at the moment; undefined when it does not exist. */
export type Names = (name: string) => readonly string[] | undefined;

/** A DNS server on a free port of 127.0.0.1. */
export async function startDns(names: Names): Promise<AsyncDisposable & { readonly address: string }> {
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => socket.send(answerTo(query, names), port, address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}
