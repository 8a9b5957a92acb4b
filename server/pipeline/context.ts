/** What the parts of a pipeline share: what it was given, what it knows, what it waits for. */
import type { Changes } from "../../snapshots/changes.ts";
import { emptyModel, type Model, type NamedMode } from "../../snapshots/derive/model.ts";
import type { Changed } from "../../snapshots/snapshot.ts";
import type { Clock } from "../clock.ts";
import type { Convergence, Origin } from "../convergence.ts";
import type { Published } from "../current.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Roster } from "../roster.ts";
import type { Source } from "../sources/source.ts";
import { emptyStore, type Store } from "../sources/store.ts";
import { createTimer } from "./timer.ts";

interface PipelineSettings {
  /** How long a workload keeps its last assignment after its Service is gone (B18). */
  readonly removalGraceMs: number;
  readonly gatherMs: number;
  readonly clusterDomain: string;
  /** Of Services that ask for none; `weighted` unless told otherwise. */
  readonly defaultMode?: NamedMode;
}

export interface PipelineOptions {
  /** Of two that report the same object, the first is used. */
  readonly sources: readonly Source[];
  readonly publish: (next: Published, changes: Changes) => void;
  readonly roster: Roster;
  readonly convergence: Convergence;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: PipelineSettings;
}

/** What was derived and is not published yet. */
export interface Unpublished {
  readonly origin: Origin;
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
  unpublished?: Unpublished | undefined;
  /** Clusters whose demand may have changed since it was last looked at. */
  readonly demanded: Set<string>;
  /** By source: since when it is as healthy as it is. */
  readonly healthSince: Map<string, number>;
  ended: boolean;
}

export function createContext(options: PipelineOptions) {
  const { sources, clock, log, metrics } = options;
  const state: State = {
    store: emptyStore(sources.flatMap(({ feeds }) => feeds)),
    model: emptyModel,
    demanded: new Set(),
    healthSince: new Map(sources.map(({ name }) => [name, clock.wall()])),
    ended: false,
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

export type Context = ReturnType<typeof createContext>;

export const NO_NAMES: ReadonlySet<string> = new Set();
