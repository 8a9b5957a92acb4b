/** Events → reduce → derive → gather → snapshot → publish. The shell around the pure core: it owns state, time and order. */
import { carefully } from "./pipeline/careful.ts";
import { type Context, createContext, NO_NAMES, type PipelineOptions } from "./pipeline/context.ts";
import { listenToDemand, rederive } from "./pipeline/deriving.ts";
import { countEvents, logNewProblems, logTurned, showHealth, turnedSources } from "./pipeline/observe.ts";
import { keepTidy } from "./pipeline/tidying.ts";
import type { SourceEvent } from "./sources/source.ts";
import { isReady, reduce, type Store } from "./sources/store.ts";
import type { PipelineStatus } from "./status.ts";

export interface Pipeline extends AsyncDisposable {
  status(): PipelineStatus;
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
  let services = NO_NAMES;
  let topology = false;
  let changedAt: number | undefined;
  const run = (part: readonly SourceEvent[]): void => {
    const { store, touched } = reduce(state.store, part);
    state.store = store;
    services = services.union(touched.services);
    topology ||= touched.topology;
    changedAt = touched.changedAt ?? changedAt;
  };
  countEvents(metrics, burst);
  carefully({ whole: burst, parts: () => burst.map((event) => [event]), run, failed: failed("reduce") });
  observe(context, before);
  if (!isReady(state.store)) return;
  const all = state.published === undefined;
  rederive(context, { touched: { services, topology, all } }, { reportedAt, changedAt });
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
  keepTidy(context);
  for (const source of options.sources) {
    options.metrics.sourceHealthy.set({ source: source.name }, 0);
    running.use(source.start((burst) => receive(context, burst)));
  }
  return { status: () => statusOf(context), [Symbol.asyncDispose]: () => running.disposeAsync() };
}
