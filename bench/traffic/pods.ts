/**
 * A process of pods that behave as told: each answers one request at a time, so that it has a queue as a busy pod has, and
 * with its name.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { METHOD } from "../../e2e/harness/backends.ts";
import { answer } from "../remote.ts";

export interface Behaviour {
  /** What one request takes; 0 is answered at once. */
  readonly serviceMs: number;
  /** The part of its requests that fails, from 0 to 1. */
  readonly failing: number;
  /** How many times slower it is in its first moments. */
  readonly coldFactor: number;
  readonly coldMs: number;
}

export interface PodStats {
  readonly served: number;
  readonly mostInFlight: number;
}

type Reply = (error: object | null, text: string) => void;

interface Pod {
  readonly name: string;
  readonly server: Server;
  readonly behaviour: Behaviour;
  readonly since: number;
  /** When its queue will be empty. */
  freeAt: number;
  inFlight: number;
  served: number;
  mostInFlight: number;
}

const pods = new Map<string, Pod>();

function finish(pod: Pod, reply: Reply): void {
  pod.inFlight -= 1;
  const fails = Math.random() < pod.behaviour.failing;
  reply(fails ? { code: status.INTERNAL, details: "as told" } : null, pod.name);
}

function serve(pod: Pod, reply: Reply): void {
  pod.served += 1;
  pod.inFlight += 1;
  pod.mostInFlight = Math.max(pod.mostInFlight, pod.inFlight);
  const { serviceMs, coldFactor, coldMs } = pod.behaviour;
  const now = performance.now();
  const factor = now - pod.since < coldMs ? coldFactor : 1;
  pod.freeAt = Math.max(now, pod.freeAt) + serviceMs * factor;
  if (serviceMs === 0) finish(pod, reply);
  else setTimeout(finish, pod.freeAt - now, pod, reply);
}

interface Start {
  /** An address of its own. */
  readonly name: string;
  readonly port: number;
  readonly behaviour: Behaviour;
}

function start({ name, port, behaviour }: Start): Promise<number> {
  const server = new Server();
  const counts = { freeAt: 0, inFlight: 0, served: 0, mostInFlight: 0 };
  const pod: Pod = { name, server, behaviour, since: performance.now(), ...counts };
  const to = (text: string): Buffer => Buffer.from(text);
  server.register(METHOD, (_: unknown, reply: Reply) => serve(pod, reply), to, String, "unary");
  pods.set(name, pod);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`${name}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
    error === null ? resolve(bound) : reject(error),
  );
  return promise;
}

interface Leave {
  readonly name: string;
  /** For how long it goes on as if nothing were, before it takes no more. */
  readonly graceMs: number;
}

/** What a pod does on SIGTERM; resolves when it has finished what it had. */
async function leave({ name, graceMs }: Leave): Promise<void> {
  await delay(graceMs);
  const server = pods.get(name)?.server;
  pods.delete(name);
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.tryShutdown(resolve)));
}

/** What each did since it was asked last. */
function stats(): Readonly<Record<string, PodStats>> {
  const found = [...pods].map(([name, { served, mostInFlight }]) => [name, { served, mostInFlight }] as const);
  for (const pod of pods.values()) Object.assign(pod, { served: 0, mostInFlight: 0 });
  return Object.fromEntries(found);
}

export const podCommands = answer({ start, leave, stats });
