/** A process with one client of one kind, that keeps a fixed number of requests on their way. */
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { METHOD } from "../../e2e/harness/backends.ts";
import { answer } from "../remote.ts";

/** Which client: grpc-js alone with a list of addresses, with the official xDS package, or with ours. */
export type Kind = "pick_first" | "round_robin" | "grpc-js-xds" | "evenkeel-client";

interface Dialling {
  readonly kind: Kind;
  readonly target: string;
  readonly bootstrap: object;
}

interface Calling {
  readonly requests: number;
  readonly concurrency: number;
}

export interface Called {
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

let client: Client | undefined;

async function dial({ kind, target, bootstrap }: Dialling): Promise<void> {
  delete process.env.GRPC_XDS_BOOTSTRAP;
  process.env.GRPC_XDS_BOOTSTRAP_CONFIG = JSON.stringify(bootstrap);
  if (kind === "grpc-js-xds") (await import("@grpc/grpc-js-xds")).register();
  if (kind === "evenkeel-client") (await import("../../client/register.ts")).register({ xds: true });
  const config = { loadBalancingConfig: [{ [kind === "round_robin" ? kind : "pick_first"]: {} }] };
  const own = new Client(target, credentials.createInsecure(), { "grpc.service_config": JSON.stringify(config) });
  client = own;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  own.waitForReady(Date.now() + 20_000, (error) => (error ? reject(error) : resolve()));
  await promise;
}

function ask(): Promise<ServiceError | null> {
  const { promise, resolve } = Promise.withResolvers<ServiceError | null>();
  const deadline = Date.now() + 30_000;
  client?.makeUnaryRequest(METHOD, (text: string) => Buffer.from(text), String, "who?", { deadline }, resolve);
  return promise;
}

const at = (sorted: Float64Array, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

async function call({ requests, concurrency }: Calling): Promise<Called> {
  const times = new Float64Array(requests);
  let sent = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (sent < requests) {
      const own = sent;
      sent += 1;
      const started = performance.now();
      if ((await ask()) !== null) failed += 1;
      times[own] = performance.now() - started;
    }
  };
  const cpu = process.cpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  times.sort();
  const [p50Ms, p99Ms, p999Ms] = [at(times, 0.5), at(times, 0.99), at(times, 0.999)];
  return {
    failed,
    p50Ms,
    p99Ms,
    p999Ms,
    perSecond: requests / seconds,
    perCpuSecond: (requests * 1e6) / (user + system),
  };
}

export const callerCommands = answer({ dial, call });
