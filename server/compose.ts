import { isIPv6 } from "node:net";
import type { Address } from "./address.ts";
import type { XdsOptions } from "./ads/options.ts";
import { startXds, type Xds } from "./ads/xds.ts";
import type { Clock } from "./clock.ts";
import type { Config, Environment } from "./config.ts";
import { Convergence } from "./convergence.ts";
import { type CurrentReader, createCurrent } from "./current.ts";
import type { Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { startPipeline } from "./pipeline.ts";
import { createRoster, type Roster } from "./roster.ts";
import { readObject } from "./sources/object.ts";
import type { Source } from "./sources/source.ts";

export interface Given {
  readonly clock: Clock;
  readonly log: Log;
  /** Of the package. */
  readonly version: string;
  /** Says where the cluster is, if there is one. */
  readonly env: Environment;
}

/** The whole server. Disposing it ends it at once. */
export interface Server extends AsyncDisposable {
  /** HOST:PORT where operators look, also to learn why it is not ready. */
  readonly admin: string;
  /** HOST:PORT where clients connect, once everything was read (B7). */
  readonly xds: Promise<string>;
  /** What is served. */
  readonly current: CurrentReader;
  /** Who is connected. */
  readonly roster: Roster;
  /** Says that it is not ready, waits for others to learn that, then ends its streams one after the other (E13). */
  drain(delayMs: number): Promise<void>;
}

const xdsOptions = (config: Config): Partial<XdsOptions> => ({
  legacyWildcard: config.legacyWildcard,
  maxConnectionAgeMs: config.maxConnectionAgeMs,
  maxConnectionAgeGraceMs: config.maxConnectionAgeGraceMs,
  connections: { perSecond: config.connectionRate, burst: 2 * config.connectionRate },
  requests: { perSecond: config.requestRate, burst: 10 * config.requestRate },
});

/** Loading the admin API holds up everything else for longer than reading a folder takes, and clients come first … */
const ADMIN_WAITS_MS = 200;
/** … who were waiting for the port to open and are now connecting. */
const CLIENTS_CONNECT_MS = 100;

interface DrainTimes {
  /** How long others have to learn that it is not serving, before its streams end. */
  readonly delayMs: number;
  readonly graceMs: number;
}

/** The xDS port, which opens later. Draining it also ends the wait for it. */
function eventually(start: (signal: AbortSignal) => Promise<Xds>, clock: Clock) {
  const giveUp = new AbortController();
  const opening = start(giveUp.signal);
  const drain = async ({ delayMs, graceMs }: DrainTimes): Promise<void> => {
    giveUp.abort();
    const opened = await opening.catch(() => undefined); // whoever waits for it is told why it did not open
    opened?.notServing();
    await clock.sleep(delayMs);
    await opened?.drain(graceMs);
  };
  return { opening, drain, [Symbol.asyncDispose]: () => drain({ delayMs: 0, graceMs: 0 }) };
}

const authority = ({ host, port }: Address): string => (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);

/** Sources are loaded only if they are asked for, so that none costs those who use another. */
async function folderSource(path: string, given: Given): Promise<Source> {
  const { manifestsSource } = await import("./sources/manifests/directory.ts");
  return manifestsSource({ path, ...given });
}

async function clusterSource(config: Config, { clock, log, env }: Given, metrics: Metrics): Promise<Source> {
  const { kubernetesSource } = await import("./sources/kubernetes/source.ts");
  const { openAccess } = await import("./sources/kubernetes/access.ts");
  const { kubeconfig, context, namespaces = [], selector } = config;
  const access = await openAccess({ kubeconfig, context, env, clock });
  return kubernetesSource({ access, namespaces, selector, clock, random: Math.random, log, metrics });
}

/** Of two that have the same object, the first counts: manifests are written to be served, and may correct a cluster. */
async function sourcesOf(config: Config, given: Given, metrics: Metrics): Promise<readonly Source[]> {
  const { manifests, kubernetes } = config;
  return [
    ...(manifests === undefined ? [] : [await folderSource(manifests, given)]),
    ...(kubernetes ? [await clusterSource(config, given, metrics)] : []),
  ];
}

/** Starts a server. Nothing else in server/ constructs its parts. */
export async function compose(config: Config, given: Given): Promise<Server> {
  const { clock, log, version } = given;
  await using started = new AsyncDisposableStack();
  const metrics = createMetrics();
  const roster = createRoster(clock.wall);
  const { reader: current, publish } = createCurrent();
  const convergence = new Convergence(clock, metrics);
  const shared = { current, roster, convergence, metrics, log, clock };
  const { removalGraceMs, gatherMs, clusterDomain, defaultMode } = config;
  let draining = false;

  const pipeline = started.use(
    startPipeline({
      sources: await sourcesOf(config, given, metrics),
      publish,
      roster,
      convergence,
      clock,
      log,
      metrics,
      settings: { removalGraceMs, gatherMs, clusterDomain, defaultMode },
    }),
  );
  const options = xdsOptions(config);
  const xds = started.use(eventually((signal) => startXds({ ...shared, listen: config.xds, options, signal }), clock));
  const opened = xds.opening.then(() => clock.sleep(CLIENTS_CONNECT_MS));
  await Promise.race([opened.catch(() => {}), clock.sleep(ADMIN_WAITS_MS + CLIENTS_CONNECT_MS)]);
  const simulating = { readObject, defaultMode };
  const own = { listen: config.admin, status: pipeline.status, version, isDraining: () => draining, simulating };
  const { startAdmin } = await import("./admin/server.ts");
  const admin = started.use(await startAdmin({ ...shared, ...own }));
  const parts = started.move();
  return {
    admin: authority(admin.address),
    xds: xds.opening.then(({ address }) => authority(address)),
    current,
    roster,
    drain: async (delayMs) => {
      draining = true;
      await xds.drain({ delayMs, graceMs: config.drainGraceMs });
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
