/** Events → reduce → derive → gather → snapshot → publish. The shell around the pure core: it owns state, time and order. */
import { type Changes, changesBetween } from "../snapshots/changes.ts";
import { type DeriveInput, type DeriveOutput, derive } from "../snapshots/derive/derive.ts";
import { emptyModel, type Model } from "../snapshots/derive/model.ts";
import { type Changed, forget, nextSnapshot, retire, type Snapshot } from "../snapshots/snapshot.ts";
import type { Clock } from "./clock.ts";
import type { Published } from "./current.ts";
import { holdOffDelay } from "./hold-off.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { carefully } from "./pipeline/careful.ts";
import { countEvents, logNewProblems, logTurned, showHealth, turnedSources } from "./pipeline/observe.ts";
import { forgotten, orphaned } from "./pipeline/orphans.ts";
import { createTimer } from "./pipeline/timer.ts";
import type { Roster } from "./roster.ts";
import type { Source, SourceEvent } from "./sources/source.ts";
import { emptyStore, isReady, reduce, type Store } from "./sources/store.ts";
import type { PipelineStatus } from "./status.ts";

export interface PipelineSettings {
  /** How long a workload keeps its last assignment after its Service is gone (B18). */
  readonly removalGraceMs: number;
  readonly gatherMs: number;
  readonly clusterDomain: string;
}

export interface PipelineOptions {
  /** Of two that report the same object, the first is used. */
  readonly sources: readonly Source[];
  readonly publish: (next: Published, changes: Changes) => void;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: PipelineSettings;
}

export interface Pipeline extends AsyncDisposable {
  status(): PipelineStatus;
}

/** A fleet that connects at once is to be seen as a whole, so demand is looked at no more often. */
const DEMAND_MS = 1_000;
/** How often names that are asked for are compared with those that there are. */
const TIDY_MS = 5_000;

type Work = Pick<DeriveInput, "touched" | "demandTouched">;

const NO_NAMES: ReadonlySet<string> = new Set();
const UNTOUCHED: DeriveInput["touched"] = { services: NO_NAMES, topology: false };
const NO_WORK: Work = { touched: UNTOUCHED, demandTouched: NO_NAMES };

/** What was derived and is not published yet. */
interface Waiting {
  readonly since: number;
  readonly hasRemoval: boolean;
  readonly changed: Changed;
}

/** All that changes while a pipeline runs. */
interface State {
  store: Store;
  model: Model;
  /** The last one published. */
  published?: Published;
  /** When: on the clock that is measured with, and on the one that is shown. */
  publishedAt?: { readonly now: number; readonly wall: number };
  waiting?: Waiting | undefined;
  /** Clusters whose demand may have changed since it was last looked at. */
  readonly demanded: Set<string>;
  readonly healthSince: Map<string, number>;
  ended: boolean;
}

function createContext(options: PipelineOptions) {
  const { sources, clock, log, metrics } = options;
  const state: State = {
    store: emptyStore(sources.flatMap(({ feeds }) => feeds)),
    model: emptyModel,
    demanded: new Set(),
    ended: false,
    healthSince: new Map(sources.map(({ name }) => [name, clock.wall()])),
  };
  const timers = {
    publish: createTimer(clock),
    wake: createTimer(clock),
    demand: createTimer(clock),
    tidy: createTimer(clock),
  };
  /** A bug: what is served stays, and the next change is another chance. */
  const failed = (stage: string) => (error: unknown) => {
    metrics.failures.inc({ stage });
    log.error("a stage of the pipeline failed", { stage, error: error instanceof Error ? error.stack : String(error) });
  };
  return { ...options, state, timers, failed };
}

type Context = ReturnType<typeof createContext>;

const NO_PARTS = (): readonly never[] => [];

/** Publishes a snapshot. Recorded before it is told, so that whoever is told finds it. */
function deliver(context: Context, snapshot: Snapshot, changed: Changed): void {
  const { state, clock, metrics, publish } = context;
  const before = state.published;
  const next = { snapshot, objects: state.store.objects, sourceProblems: state.store.problems };
  const changes = changesBetween(before?.snapshot, snapshot, changed);
  state.published = next;
  state.publishedAt = { now: clock.now(), wall: clock.wall() };
  publish(next, changes);
  metrics.publishes.inc();
}

function* eachChange({ workloads, services }: Changed): Iterable<Changed> {
  for (const name of workloads) yield { workloads: new Set([name]), services: NO_NAMES };
  for (const key of services) yield { workloads: NO_NAMES, services: new Set([key]) };
}

function publishWaiting(context: Context): void {
  const { state, timers, clock, metrics, settings, failed } = context;
  const { waiting } = state;
  timers.publish.cancel();
  state.waiting = undefined;
  if (waiting === undefined) return;
  const { changed, since } = waiting;
  let snapshot = state.published?.snapshot;
  const build = (part: Changed): void => {
    snapshot = nextSnapshot(state.model, part, snapshot, settings);
  };
  carefully({ whole: changed, parts: () => eachChange(changed), run: build, failed: failed("snapshot") });
  if (snapshot === undefined) return;
  const run = (next: Snapshot): void => deliver(context, next, changed);
  carefully({ whole: snapshot, parts: NO_PARTS, run, failed: failed("publish") });
  metrics.publishSeconds.observe((clock.now() - since) / 1000);
}

/** Whether readers would see anything new. */
function hasNews({ published, store, waiting }: State): boolean {
  if (published === undefined || store.objects !== published.objects) return true;
  const changed = waiting?.changed;
  return (
    store.problems !== published.sourceProblems || (changed?.workloads.size ?? 0) + (changed?.services.size ?? 0) > 0
  );
}

function schedule(context: Context): void {
  const { state, timers, clock, settings } = context;
  if (!hasNews(state)) state.waiting = undefined;
  const { waiting, publishedAt } = state;
  if (waiting === undefined) return;
  const now = clock.now();
  const delay = holdOffDelay(settings, { ...waiting, ...(publishedAt && { publishedAt: publishedAt.now }) }, now);
  if (delay === 0) publishWaiting(context);
  else if (!timers.publish.isArmed()) timers.publish.arm(delay, () => publishWaiting(context));
}

function take(context: Context, { model, changed, removal, wakeAt }: DeriveOutput): void {
  const { state, timers, clock } = context;
  const waiting = state.waiting ?? nothingWaiting(clock.now());
  state.model = model;
  state.waiting = {
    since: waiting.since,
    hasRemoval: waiting.hasRemoval || removal,
    changed: {
      workloads: waiting.changed.workloads.union(changed.workloads),
      services: waiting.changed.services.union(changed.services),
    },
  };
  if (wakeAt === undefined) timers.wake.cancel();
  else timers.wake.arm(Math.max(1, Math.ceil(wakeAt - clock.now())), () => work(context, NO_WORK));
}

const nothingWaiting = (since: number): Waiting => ({
  since,
  hasRemoval: false,
  changed: { workloads: NO_NAMES, services: NO_NAMES },
});

function* eachWork({ touched, demandTouched }: Work, { store }: State): Iterable<Work> {
  const services = touched.all === true ? store.objects.services.keys() : touched.services;
  if (touched.topology || touched.all === true) yield { ...NO_WORK, touched: { ...UNTOUCHED, topology: true } };
  for (const key of services) yield { ...NO_WORK, touched: { ...UNTOUCHED, services: new Set([key]) } };
  for (const cluster of demandTouched) yield { ...NO_WORK, demandTouched: new Set([cluster]) };
}

/**
 * Derives at once and holds off only the publish: deriving is cheap, and only its outcome says whether an endpoint left,
 * which must not wait. (An endpoint also leaves by an apply.)
 */
function work(context: Context, whole: Work, reportedAt = context.clock.now()): void {
  const { state, roster, clock, settings, failed } = context;
  state.waiting ??= nothingWaiting(reportedAt);
  const { objects } = state.store;
  const run = (part: Work): void => {
    const input = { ...part, objects, demand: roster.demand, now: clock.now(), settings };
    take(context, derive(input, state.model));
  };
  carefully({ whole, parts: () => eachWork(whole, state), run, failed: failed("derive") });
  schedule(context);
}

function observe({ state, clock, log, metrics }: Context, before: Store): void {
  const turned = turnedSources(before, state.store);
  for (const source of turned) state.healthSince.set(source, clock.wall());
  logTurned(log, state.store, turned);
  logNewProblems(log, before, state.store);
  showHealth(metrics, state.store);
}

/** Takes in what a source reports. Nothing is published before every feed of every source was read (B7, H4). */
function receive(context: Context, burst: readonly SourceEvent[]): void {
  const { state, clock, metrics, failed } = context;
  const reportedAt = clock.now();
  const before = state.store;
  let { services, topology } = UNTOUCHED;
  const run = (part: readonly SourceEvent[]): void => {
    const { store, touched } = reduce(state.store, part);
    state.store = store;
    services = services.union(touched.services);
    topology ||= touched.topology;
  };
  countEvents(metrics, burst);
  carefully({ whole: burst, parts: () => burst.map((event) => [event]), run, failed: failed("reduce") });
  observe(context, before);
  if (!isReady(state.store)) return;
  const all = state.published === undefined;
  work(context, { touched: { services, topology, all }, demandTouched: NO_NAMES }, reportedAt);
}

/** Gathers clusters whose demand may have changed, and looks at them together. */
function listenToDemand(context: Context): void {
  const { state, timers, roster } = context;
  const look = (): void => {
    const demandTouched = new Set(state.demanded);
    state.demanded.clear();
    work(context, { touched: UNTOUCHED, demandTouched });
  };
  roster.onDemand((cluster) => {
    if (state.ended || !state.model.workloads.has(cluster)) return;
    state.demanded.add(cluster);
    if (!timers.demand.isArmed()) timers.demand.arm(DEMAND_MS, look);
  });
}

/** Compares names that are asked for with those that there are, now and then. */
function tidy(context: Context): void {
  const { state, timers, roster, clock, settings, failed } = context;
  const run = (snapshot: Snapshot): void => {
    const dropped = forgotten(snapshot, roster);
    const added = orphaned(snapshot, roster, clock.wall() - settings.removalGraceMs);
    if (dropped.length + added.length === 0) return;
    deliver(context, retire(forget(snapshot, dropped), added), { workloads: new Set(added), services: NO_NAMES });
  };
  publishWaiting(context);
  if (state.published) carefully({ whole: state.published.snapshot, parts: NO_PARTS, run, failed: failed("tidy") });
  timers.tidy.arm(TIDY_MS, () => tidy(context));
}

function statusOf({ sources, state }: Context): PipelineStatus {
  const { store, published, publishedAt, healthSince } = state;
  return {
    ready: published !== undefined,
    feeds: store.feeds.map(({ feed, ready, objects }) => ({ ...feed, ready, objects: objects.size })),
    sources: sources.map(({ name }) => ({
      name,
      ...(store.health.get(name) ?? { healthy: false, detail: "was not read yet" }),
      since: healthSince.get(name) ?? 0,
    })),
    ...(publishedAt && { lastPublishAt: publishedAt.wall }),
  };
}

/** Starts the sources, and publishes what comes of what they report until disposed. */
export function startPipeline(options: PipelineOptions): Pipeline {
  const context = createContext(options);
  const running = new AsyncDisposableStack();
  running.defer(() => {
    context.state.ended = true;
    for (const timer of Object.values(context.timers)) timer.cancel();
  });
  listenToDemand(context);
  context.timers.tidy.arm(TIDY_MS, () => tidy(context));
  for (const source of options.sources) {
    options.metrics.sourceHealthy.set({ source: source.name }, 0);
    running.use(source.start((burst) => receive(context, burst)));
  }
  return { status: () => statusOf(context), [Symbol.asyncDispose]: () => running.disposeAsync() };
}
