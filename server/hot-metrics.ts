/**
 * Metrics that streams touch for each request and each response. prom-client looks its labels up in every call, which is a
 * fifth of what a push costs; these keep plain numbers for each value of their one label, and are read when scraped.
 */

interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

/** What a registry of prom-client asks of a metric. */
interface Scraped {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "histogram";
  readonly aggregator: "sum";
  readonly values: readonly Sample[];
}

export interface HotCounterChild {
  inc(by?: number): void;
}

export interface HotCounter {
  readonly name: string;
  labels(value: string): HotCounterChild;
  get(): Promise<Scraped>;
}

const childOf = <Child>(children: Map<string, Child>, value: string, make: () => Child): Child => {
  const child = children.get(value) ?? make();
  children.set(value, child);
  return child;
};

export function hotCounter(name: string, help: string, label: string): HotCounter {
  const children = new Map<string, { count: number; inc(by?: number): void }>();
  const make = () => ({
    count: 0,
    inc(by = 1) {
      this.count += by;
    },
  });
  const values = (): Sample[] =>
    [...children].map(([value, { count }]) => ({ value: count, labels: { [label]: value } }));
  return {
    name,
    labels: (value) => childOf(children, value, make),
    get: async () => ({ name, help, type: "counter", aggregator: "sum", values: values() }),
  };
}

export interface HotHistogramChild {
  observe(value: number): void;
}

export interface HotHistogram {
  readonly name: string;
  labels(value: string): HotHistogramChild;
  get(): Promise<Scraped>;
}

interface Observed extends HotHistogramChild {
  /** By bucket, not yet cumulative; the last is for what exceeds all. */
  readonly counts: number[];
  sum: number;
}

function bucketOf(bounds: readonly number[], value: number): number {
  let at = 0;
  while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1;
  return at;
}

/** Cumulative, as Prometheus has it. */
function* samplesOf(
  name: string,
  bounds: readonly number[],
  { counts, sum }: Observed,
  labels: Sample["labels"],
): Iterable<Sample> {
  let count = 0;
  for (const [at, inBucket] of counts.entries()) {
    count += inBucket;
    yield { value: count, labels: { le: bounds[at] ?? "+Inf", ...labels }, metricName: `${name}_bucket` };
  }
  yield { value: sum, labels, metricName: `${name}_sum` };
  yield { value: count, labels, metricName: `${name}_count` };
}

export function hotHistogram(name: string, help: string, label: string, bounds: readonly number[]): HotHistogram {
  const children = new Map<string, Observed>();
  const make = (): Observed => ({
    counts: new Array<number>(bounds.length + 1).fill(0),
    sum: 0,
    observe(value) {
      const at = bucketOf(bounds, value);
      this.counts[at] = (this.counts[at] ?? 0) + 1;
      this.sum += value;
    },
  });
  const values = (): Sample[] =>
    [...children].flatMap(([value, observed]) => [...samplesOf(name, bounds, observed, { [label]: value })]);
  return {
    name,
    labels: (value) => childOf(children, value, make),
    get: async () => ({ name, help, type: "histogram", aggregator: "sum", values: values() }),
  };
}
