import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";

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
  /** Requests answered so far. */
  readonly served: () => number;
  /** Finishes what it has, then closes, as a pod does after SIGTERM. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const authority = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

/** A real gRPC server on its own loopback address, as a pod has its own IP. Port 0 takes a free one. */
export async function startBackend(name: string, address: string, port = 0): Promise<Backend> {
  const server = new Server();
  let served = 0;
  server.addService(service, {
    whoAreYou: (_: unknown, answer: (error: null, text: string) => void) => {
      served += 1;
      answer(null, name);
    },
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(authority(address, port), ServerCredentials.createInsecure(), (error, actual) =>
      error === null ? resolve(actual) : reject(error),
    );
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      const forced = setTimeout(() => server.forceShutdown(), 2000);
      server.tryShutdown(() => {
        clearTimeout(forced);
        resolve();
      });
    });
  return { name, address, port: bound, served: () => served, stop, [Symbol.asyncDispose]: stop };
}

/** Pods on one common port, each on its own address, as behind one Service port. Names are the keys. */
export async function startBackends(
  addresses: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Backend>> {
  const started = new Map<string, Backend>();
  let port = 0;
  for (const [name, address] of Object.entries(addresses)) {
    const backend = await startBackend(name, address, port);
    port = backend.port;
    started.set(name, backend);
  }
  return started;
}
