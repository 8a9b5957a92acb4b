import { setTimeout as delay } from "node:timers/promises";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { METHOD } from "../harness/backends.ts";

/** The name that the client of `dial` asks for. */
export const NAME = "greeter.default:8080";

export const at = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  `${address}:${port}`;

export const inA = (...pods: readonly string[]) => [{ zone: "a", pods }];

/** Throws when it does not come to hold in time. */
export async function until(holds: () => boolean, withinMs = 8000): Promise<void> {
  const limit = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > limit) throw new Error("it did not come to hold");
    await delay(10);
  }
}

type Reply = (error: object | null, text: string) => void;

/** A backend that does with each request what it is told. */
export async function startRaw(answer: (reply: Reply) => void, port = 0) {
  const server = new Server();
  const to = (text: string): Buffer => Buffer.from(text);
  const from = (data: Buffer): string => data.toString();
  server.register(METHOD, (_: unknown, reply: Reply) => answer(reply), to, from, "unary");
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, actual) =>
      error ? reject(error) : resolve(actual),
    ),
  );
  return { address: "127.0.0.1", port: bound, [Symbol.dispose]: () => server.forceShutdown() };
}
