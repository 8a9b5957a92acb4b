import { Server, ServerCredentials, type ServiceDefinition, status } from "@grpc/grpc-js";

/** One method with text in and out, so that no client needs generated code: it answers with the pod's name. */
const service: ServiceDefinition = {
  whoAreYou: {
    path: "/greeter.Greeter/WhoAreYou",
    requestStream: false,
    responseStream: false,
    requestSerialize: (text: string) => Buffer.from(text),
    requestDeserialize: (data: Buffer) => data.toString(),
    responseSerialize: (text: string) => Buffer.from(text),
    responseDeserialize: (data: Buffer) => data.toString(),
  },
};
export const METHOD = "/greeter.Greeter/WhoAreYou";

export interface Backend {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Requests that came so far. */
  readonly served: () => number;
  /** Resolves when the next request comes, with the moment by `performance.now()`. */
  next(): Promise<number>;
  /** Finishes what it has, then closes, as a pod does after SIGTERM. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a backend does before it answers the request of this number, the first being 1. What it throws is UNAVAILABLE. */
export type Behaviour = (number: number) => Promise<void>;

interface BackendOptions {
  /** A free one unless told otherwise. */
  readonly port?: number;
  readonly behaviour?: Behaviour;
}

const authority = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

type Answer = (error: object | null, text?: string) => void;

/** A real gRPC server on its own loopback address, as a pod has its own IP. */
export async function startBackend(
  name: string,
  address: string,
  { port = 0, behaviour }: BackendOptions = {},
): Promise<Backend> {
  const server = new Server();
  let served = 0;
  let waiting: ((moment: number) => void)[] = [];
  const unavailable = (error: Error): object => ({ code: status.UNAVAILABLE, details: error.message });
  server.addService(service, {
    whoAreYou: (_: unknown, answer: Answer) => {
      served += 1;
      for (const resolve of waiting) resolve(performance.now());
      waiting = [];
      if (behaviour === undefined) answer(null, name);
      else
        behaviour(served).then(
          () => answer(null, name),
          (error: Error) => answer(unavailable(error)),
        );
    },
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(authority(address, port), ServerCredentials.createInsecure(), (error, actual) =>
      error === null ? resolve(actual) : reject(error),
    );
  });
  const next = (): Promise<number> => new Promise((resolve) => waiting.push(resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      const forced = setTimeout(() => server.forceShutdown(), 2000);
      server.tryShutdown(() => {
        clearTimeout(forced);
        resolve();
      });
    });
  return { name, address, port: bound, served: () => served, next, stop, [Symbol.asyncDispose]: stop };
}

/** Pods on one common port, each on its own address, as behind one Service port. Names are the keys. */
export async function startBackends(
  addresses: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Backend>> {
  const started = new Map<string, Backend>();
  let port = 0;
  for (const [name, address] of Object.entries(addresses)) {
    const backend = await startBackend(name, address, { port });
    port = backend.port;
    started.set(name, backend);
  }
  return started;
}
