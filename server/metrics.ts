import { createRequire } from "node:module";
import type { Counter, Gauge, Histogram, Metric, Registry } from "prom-client";
import { type HotCounter, type HotHistogram, hotCounter, hotHistogram } from "./hot-metrics.ts";

/** Its index loads default metrics as well, and OpenTelemetry for them: longer than the rest of a start's imports. */
const require = createRequire(import.meta.url);
const prom: Pick<typeof import("prom-client"), "Counter" | "Gauge" | "Histogram" | "Registry"> = {
  Counter: require("prom-client/lib/counter"),
  Gauge: require("prom-client/lib/gauge"),
  Histogram: require("prom-client/lib/histogram"),
  Registry: require("prom-client/lib/registry"),
};

/** Every metric of the server, in one place. Labels are bounded: never a node, stream, peer or resource name (E7, E27). */
export interface Metrics {
  readonly registry: Registry;
  readonly streams: Gauge<"variant" | "kind">;
  readonly streamsEnded: Counter<"reason">;
  readonly connections: Gauge<never>;
  readonly connectionsRefused: Counter<"reason">;
  readonly requests: HotCounter;
  readonly pushes: HotCounter;
  readonly acks: HotCounter;
  readonly nacks: HotCounter;
  readonly responseBytes: HotHistogram;
  /** Responses above the target size, resources left out and streams ended because of the limit (S23). */
  readonly largeResponses: Counter<"type" | "what">;
  /** Streams that have owed an answer for long. */
  readonly staleStreams: Gauge<never>;
  /** Streams of clients that come back again and again (B12). */
  readonly quickReconnects: Counter<never>;
  /** Seconds from a change's report, or from the moment its object gives, to its publish or to the last client's answer. */
  readonly convergenceSeconds: Histogram<"from" | "to">;
  /** Changes that some client had not answered when nobody waited for it any more. */
  readonly unfinishedChanges: Counter<never>;
  /** Seconds from a response's writing to its ACK. */
  readonly ackSeconds: HotHistogram;
  readonly publishes: Counter<never>;
  readonly sourceEvents: Counter<"source" | "kind">;
  readonly relists: Counter<"source" | "kind">;
  readonly sourceHealthy: Gauge<"source">;
  /** Seconds since the epoch: when something last came of the API server. */
  readonly lastContact: Gauge<"source" | "kind">;
  readonly sourceForbidden: Gauge<"kind" | "verb">;
  readonly suspiciousShrinks: Counter<"kind">;
  /** Requests to list or watch that came to an end other than a complete list. */
  readonly watchEnds: Counter<"kind" | "reason">;
  readonly watchLists: Counter<"kind" | "form">;
  readonly watchEvents: Counter<"kind" | "type">;
  readonly problems: Gauge<"code">;
  /** Exceptions that a stage of the pipeline survived: bugs. */
  readonly failures: Counter<"stage">;
  readonly unresolved: Gauge<"type">;
}

const BYTES = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 3_145_728];
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60];

/** What makes metrics of each sort, all in one registry and under one prefix. */
function makersFor(registry: Registry) {
  const registers = [registry];
  const full = (name: string): string => `evenkeel_${name}`;
  const registered = <M extends HotCounter | HotHistogram>(metric: M): M => {
    registry.registerMetric(metric as unknown as Metric); // its `get` is all that the registry calls
    return metric;
  };
  return {
    counter: <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
      new prom.Counter({ name: full(name), help, labelNames, registers }),
    gauge: <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
      new prom.Gauge({ name: full(name), help, labelNames, registers }),
    histogram: <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]): Histogram<L> =>
      new prom.Histogram({ name: full(name), help, buckets, labelNames, registers }),
    byType: (name: string, help: string): HotCounter => registered(hotCounter(full(name), help, "type")),
    histogramByType: (name: string, help: string, bounds: readonly number[]): HotHistogram =>
      registered(hotHistogram(full(name), help, "type", bounds)),
  };
}

/** What the list + watch of a cluster says of itself. */
const watchMetrics = ({ counter, gauge }: Pick<ReturnType<typeof makersFor>, "counter" | "gauge">) => ({
  lastContact: gauge(
    "source_last_contact_timestamp_seconds",
    "When something last came of the API server",
    "source",
    "kind",
  ),
  sourceForbidden: gauge(
    "source_forbidden",
    "1 while the API server refuses to list or watch a kind, or has none",
    "kind",
    "verb",
  ),
  suspiciousShrinks: counter("source_suspicious_shrinks_total", "Lists that lost most of what was known", "kind"),
  watchEnds: counter("source_watch_ends_total", "Lists and watches that ended or failed, by reason", "kind", "reason"),
  watchLists: counter("source_watch_lists_total", "Complete lists, by form", "kind", "form"),
  watchEvents: counter("source_watch_events_total", "Events of watches", "kind", "type"),
});

export function createMetrics(): Metrics {
  const registry = new prom.Registry();
  const { counter, gauge, histogram, byType, histogramByType } = makersFor(registry);
  return {
    registry,
    streams: gauge("streams", "Open discovery streams", "variant", "kind"),
    streamsEnded: counter("streams_ended_total", "Discovery streams that ended, by reason", "reason"),
    connections: gauge("connections", "Open connections on the xDS port"),
    connectionsRefused: counter("connections_refused_total", "Connections refused on the xDS port", "reason"),
    requests: byType("requests_total", "Discovery requests read"),
    pushes: byType("pushes_total", "Discovery responses written"),
    acks: byType("acks_total", "Responses that clients acknowledged"),
    nacks: byType("nacks_total", "Responses that clients rejected"),
    responseBytes: histogramByType("response_size_bytes", "Size of a discovery response", BYTES),
    largeResponses: counter("large_responses_total", "Responses near or beyond the size limit", "type", "what"),
    staleStreams: gauge("stale_streams", "Streams with a response unanswered for more than 10 s"),
    quickReconnects: counter("quick_reconnects_total", "Streams of clients that keep coming back at once"),
    convergenceSeconds: histogram("convergence_seconds", "How long changes take", SECONDS, "from", "to"),
    unfinishedChanges: counter("unfinished_changes_total", "Changes that some client did not answer within a minute"),
    ackSeconds: histogramByType("ack_seconds", "From a response to its acknowledgement", SECONDS),
    publishes: counter("publishes_total", "Snapshots published"),
    sourceEvents: counter("source_events_total", "Events read from sources", "source", "kind"),
    relists: counter("source_relists_total", "Complete reads of a feed", "source", "kind"),
    sourceHealthy: gauge("source_healthy", "1 while the source can be read", "source"),
    ...watchMetrics({ counter, gauge }),
    problems: gauge("problems", "Problems in input objects", "code"),
    failures: counter("failures_total", "Exceptions in a stage of the pipeline, survived", "stage"),
    unresolved: gauge("unresolved_subscriptions", "Names asked for that nobody has", "type"),
  };
}
