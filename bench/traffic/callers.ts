/** A process with clients of one kind that keep requests on their way until they are told to stop. */
import { setTimeout as delay } from "node:timers/promises";
import { type ChannelOptions, Client, credentials, type ServiceError } from "@grpc/grpc-js";
import type { Answers } from "../../cli/demo/figures.ts";
import { METHOD } from "../../e2e/harness/backends.ts";
import { answer } from "../remote.ts";
import { routeServiceIp } from "./service-ip.ts";

/** Which client: grpc-js alone, with its first pod or all in turn, with the official xDS package, or with ours. */
export type Kind = "pick_first" | "round_robin" | "grpc-js-xds" | "evenkeel-client";

export interface Dialling {
  readonly kind: Kind;
  readonly target: string;
  /** One client each. Those of `evenkeel-client` share the first bootstrap, as all channels of a process do. */
  readonly clients: readonly { readonly zone: string; readonly bootstrap: object }[];
  readonly channel?: ChannelOptions;
  /** HOST:PORT of the DNS server that knows where the address of the Service leads to, if it is dialled. */
  readonly dns?: string;
}

export interface Pacing {
  /** The most requests that a client has on their way. */
  readonly concurrency: number;
  /** Requests of a client; without it, it sends the next as soon as one is answered. */
  readonly perSecond?: number;
}

/** Answers so far by zone of the client. */
export type Counts = Readonly<Record<string, Answers>>;

/** What was measured since the last reset. */
export interface Measured {
  readonly timesMs: readonly number[];
  readonly seconds: number;
  /** Of this process. */
  readonly cpuSeconds: number;
}

interface Caller {
  readonly zone: string;
  readonly client: Client;
}

const callers: Caller[] = [];

async function registerFor(kind: Kind, bootstrap: string): Promise<void> {
  delete process.env.GRPC_XDS_BOOTSTRAP; // it would win
  process.env.GRPC_XDS_BOOTSTRAP_CONFIG = bootstrap;
  if (kind === "grpc-js-xds") (await import("@grpc/grpc-js-xds")).register();
  if (kind === "evenkeel-client") (await import("../../client/register.ts")).register({ xds: true });
}

/** Each client has its own connections, and each xDS client its own stream, as if it were a process of its own. */
function optionsOf({ kind, channel }: Dialling, bootstrap: string): ChannelOptions {
  const own = { ...channel, "grpc.use_local_subchannel_pool": 1, "grpc.service_config_disable_resolution": 1 };
  if (kind === "grpc-js-xds") return { ...own, "grpc.TEST_ONLY_DO_NOT_USE_IN_PROD.xds_bootstrap_config": bootstrap };
  if (kind === "evenkeel-client") return own;
  return { ...own, "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ [kind]: {} }] }) };
}

const PATIENCE_MS = 60_000;

function ready(client: Client): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.waitForReady(Date.now() + PATIENCE_MS, (error) => (error ? reject(error) : resolve()));
  return promise;
}

/** Opens all clients and resolves when they are connected. */
async function dial(dialling: Dialling): Promise<void> {
  const { kind, target, clients, dns } = dialling;
  if (dns !== undefined) routeServiceIp(dns);
  await registerFor(kind, JSON.stringify(clients[0]?.bootstrap));
  for (const { zone, bootstrap } of clients) {
    const options = optionsOf(dialling, JSON.stringify(bootstrap));
    callers.push({ zone, client: new Client(target, credentials.createInsecure(), options) });
  }
  await Promise.all(callers.map(({ client }) => ready(client)));
}

interface Count {
  failed: number;
  error?: string;
  readonly pods: Record<string, number>;
}

let byZone: Record<string, Count> = {};
let timesMs: number[] = [];
let since = performance.now();
let cpu = process.cpuUsage();
let wanted: { readonly count: number; readonly reached: () => void } | undefined;

function record(zone: string, startedAt: number, error: ServiceError | null, pod: string): void {
  timesMs.push(performance.now() - startedAt);
  byZone[zone] ??= { failed: 0, pods: {} };
  const count = byZone[zone];
  if (error === null) count.pods[pod] = (count.pods[pod] ?? 0) + 1;
  else {
    count.failed += 1;
    count.error = error.message;
  }
  if (wanted !== undefined && timesMs.length >= wanted.count) wanted.reached();
}

const DEADLINE_MS = 30_000;

function ask({ zone, client }: Caller): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const startedAt = performance.now();
  const deadline = Date.now() + DEADLINE_MS;
  client.makeUnaryRequest(
    METHOD,
    (text: string) => Buffer.from(text),
    String,
    "who?",
    { deadline },
    (error, pod) => {
      record(zone, startedAt, error, pod ?? "");
      resolve();
    },
  );
  return promise;
}

let isCalling = false;
let work: Promise<unknown> = Promise.resolve();

/** One request after the other; what was not sent in time is not made up for. */
async function keepAsking(caller: Caller, everyMs: number): Promise<void> {
  let due = performance.now() + Math.random() * everyMs;
  while (isCalling) {
    const early = due - performance.now();
    if (early > 0) await delay(early);
    due = Math.max(due, performance.now() - everyMs) + everyMs;
    await ask(caller);
  }
}

function start({ concurrency, perSecond }: Pacing): void {
  isCalling = true;
  const everyMs = perSecond === undefined ? 0 : (1000 * concurrency) / perSecond;
  const all = callers.flatMap((caller) => Array.from({ length: concurrency }, () => keepAsking(caller, everyMs)));
  work = Promise.all(all);
}

/** Resolves when so many requests have ended since the last reset. */
async function ended(count: number): Promise<void> {
  if (timesMs.length >= count) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  wanted = { count, reached: resolve };
  await promise;
  wanted = undefined;
}

function reset(): void {
  [byZone, timesMs, since, cpu] = [{}, [], performance.now(), process.cpuUsage()];
}

function measured(): Measured {
  const { user, system } = process.cpuUsage(cpu);
  return { timesMs, seconds: (performance.now() - since) / 1000, cpuSeconds: (user + system) / 1e6 };
}

const counts = (): Counts => byZone;

/** Resolves when all that was on its way has been answered. */
async function stop(): Promise<void> {
  isCalling = false;
  await work;
}

/** Of this process, without garbage where it was started with `--expose-gc`. */
function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

export const callerCommands = answer({ dial, start, ended, reset, counts, measured, stop, residentBytes });
