import type { Address } from "../address.ts";
import type { Clock } from "../clock.ts";
import type { CurrentReader } from "../current.ts";
import { createGrpcServer } from "../grpc/server.ts";
import { type Health, serveHealth } from "./health.ts";
import { GROUPS, type Listener, openListener } from "./listener.ts";
import { DEFAULT_XDS_OPTIONS, type XdsOptions } from "./options.ts";
import { type Reflection, serveReflection } from "./reflection.ts";
import { serveDiscovery } from "./service.ts";
import { createStreams, type Serving, type Streams } from "./streams.ts";

export interface XdsSettings extends Omit<Serving, "options"> {
  /** Port 0 takes a free one. */
  readonly listen: Address;
  readonly options?: Partial<XdsOptions>;
  /** Gives up waiting for the first snapshot. */
  readonly signal?: AbortSignal;
}

export interface Xds extends AsyncDisposable {
  /** The real address. */
  readonly address: Address;
  /** Says so to whoever asks for its health, and goes on serving: others are to learn of a drain before it begins. */
  notServing(): void;
  /** Ends everything in an orderly way, and what is left after `graceMs` by force (E6, E13). */
  drain(graceMs: number): Promise<void>;
}

const SWEEP_MS = 500;
/** Clients are sent away over at most this time, so that the others do not get them all at once. */
const MAX_SPREAD_MS = 5000;

/** Resolves when there is something to serve: absence would be read as deletion before (B7). */
function firstSnapshot(current: CurrentReader, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (current.get() !== undefined) return Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = current.onPublish(() => resolve());
  const giveUp = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", giveUp);
  return promise.finally(() => {
    stop();
    signal?.removeEventListener("abort", giveUp);
  });
}

/** Looks again and again after what only time can tell. */
function startSweeps(clock: Clock, sweep: (now: number) => void): { stop(): void } {
  let timer = clock.after(SWEEP_MS, again);
  function again(): void {
    sweep(clock.now());
    timer = clock.after(SWEEP_MS, again);
  }
  return { stop: () => timer.cancel() };
}

/** Serves discovery, health and reflection. The port is bound only once the first snapshot is there (B7). */
export async function startXds(settings: XdsSettings): Promise<Xds> {
  const { listen, current, metrics, clock, signal } = settings;
  const options = { ...DEFAULT_XDS_OPTIONS, ...settings.options };
  await firstSnapshot(current, signal);
  const grpc = createGrpcServer({
    maxMessageBytes: options.maxRequestBytes,
    maxStreamsPerConnection: options.maxStreamsPerConnection,
  });
  const health = serveHealth(grpc);
  const reflection = serveReflection(grpc, settings.log);
  const streams = createStreams({ ...settings, options });
  serveDiscovery(grpc, streams.open);
  const listener = await openListener({ listen, grpc, options, metrics, clock });
  const sweeps = startSweeps(clock, (now) => {
    listener.sweep(now);
    for (const peer of streams.sweep(now)) listener.connections.disconnect(peer);
  });
  let ended: Promise<void> | undefined;
  const drain = (graceMs: number): Promise<void> => {
    ended ??= drainAll({ graceMs, clock, listener, streams, health, reflection }).finally(() => {
      sweeps.stop();
      streams.close();
      listener.destroy();
    });
    return ended;
  };
  return { address: listener.address, notServing: health.notServing, drain, [Symbol.asyncDispose]: () => drain(0) };
}

interface Drain {
  readonly graceMs: number;
  readonly clock: Clock;
  readonly listener: Listener;
  readonly streams: Streams;
  readonly health: Health;
  readonly reflection: Reflection;
}

async function drainAll({ graceMs, clock, listener, streams, health, reflection }: Drain): Promise<void> {
  const end = clock.now() + graceMs;
  health.notServing();
  listener.stop();
  streams.refuseNew();
  health.drain();
  reflection.drain();
  const gapMs = Math.min(graceMs / 2, MAX_SPREAD_MS) / GROUPS;
  for (let group = 0; group < GROUPS; group += 1) {
    if (listener.connections.groupSize(group) === 0) continue;
    streams.drain(({ peer }) => listener.connections.groupOf(peer) === group);
    listener.connections.sendAway(group);
    await clock.sleep(gapMs);
  }
  streams.drain(() => true);
  const over = new AbortController();
  const late = clock.sleep(Math.max(0, end - clock.now()), over.signal).catch(() => {});
  await Promise.race([listener.connections.empty(), late]);
  over.abort();
}
