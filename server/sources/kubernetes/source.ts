import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { Metrics } from "../../metrics.ts";
import type { Source, SourceEvent } from "../source.ts";
import type { Access } from "./access.ts";
import { createClient } from "./client.ts";
import { type Scope, scopesOf } from "./kinds.ts";
import { createObserver } from "./observe.ts";
import { FEEDS, NOTHING_TOLD, newsOf, SOURCE } from "./report.ts";
import { type Limits, runWatch } from "./watch.ts";
import { type Step, unread, type Watched } from "./watched.ts";

export interface KubernetesOptions {
  readonly access: Access;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  /** Label selector for Services, in Kubernetes' own syntax. */
  readonly selector?: string | undefined;
  readonly clock: Clock;
  /** From 0 to 1: spreads what must not happen at once. */
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For tests: what to do otherwise than `LIMITS`. */
  readonly limits?: Partial<KubernetesLimits>;
}

interface KubernetesLimits extends Limits {
  /** How long a connection may take to be made. Less than any silence, so that a dead host is not taken for a silent server. */
  readonly connectMs: number;
}

const LIMITS: KubernetesLimits = {
  backOff: { firstMs: 200, mostMs: 30_000 },
  connectMs: 5_000,
  silenceMs: 90_000,
  initialSilenceMs: 10_000,
  initialMs: 60_000,
  maxLineBytes: 16 * 2 ** 20,
  maxPageBytes: 256 * 2 ** 20,
};

type Report = (burst: readonly SourceEvent[]) => void;

/** Starts a list + watch for each scope, and reports what they say together. */
function startWatches(options: KubernetesOptions, report: Report, stop: AbortSignal): Promise<unknown> {
  const { access, namespaces, selector, clock, random, log, metrics } = options;
  const limits = { ...LIMITS, ...options.limits };
  const scopes = scopesOf(namespaces);
  const watched = new Map<Scope, Watched>(scopes.map((scope) => [scope, unread(scope)]));
  const observer = createObserver({ log, metrics }, scopes);
  const client = createClient({ access, connectMs: limits.connectMs, clock, log });
  let told = NOTHING_TOLD;
  const onSteps = (before: Watched, steps: readonly Step[]): void => {
    const after = steps.at(-1)?.after ?? before;
    const change = { before, steps, after };
    watched.set(after.scope, after);
    observer.change(change);
    const news = newsOf(told, change, { all: [...watched.values()], where: access.where });
    told = news.told;
    if (news.events.length > 0 && !stop.aborted) report(news.events);
  };
  const onContact = (scope: Scope): void => observer.contact(scope, clock.wall());
  const watches = scopes.map((scope) =>
    runWatch(scope, { client, clock, random, limits, selector, onContact, onSteps }, stop),
  );
  return Promise.all(watches).finally(() => client[Symbol.dispose]());
}

/** Services, EndpointSlices, Nodes and Namespaces of a cluster, listed and watched. */
export function kubernetesSource(options: KubernetesOptions): Source {
  return {
    name: SOURCE,
    feeds: FEEDS,
    start: (report) => {
      const stop = new AbortController();
      const running = startWatches(options, report, stop.signal);
      return {
        [Symbol.asyncDispose]: async () => {
          stop.abort();
          await running;
        },
      };
    },
  };
}
