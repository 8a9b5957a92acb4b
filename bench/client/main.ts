/** npm run bench:client: clients side by side on the same kind of pods. See docs/client.md. */
import { type Compared, compare, type SizeName } from "../compare.ts";
import type { Figure } from "../figure.ts";
import { type Drawn, pictureOf } from "../picture.ts";
import { type Found, shown, tableOf } from "../report.ts";
import type { Kind } from "../traffic/callers.ts";
import { type Observed, observe } from "../traffic/observe.ts";
import { idleChannels } from "./memory.ts";
import { type Scenario, scenariosOf, ZONE } from "./scenarios.ts";

const COLOURS: Readonly<Record<Kind, string>> = {
  pick_first: "#8a8f98",
  round_robin: "#c2571a",
  "grpc-js-xds": "#3f9b4f",
  "evenkeel-client": "#1a6fc2",
};
const KINDS = Object.keys(COLOURS) as readonly Kind[];
const isPlain = (kind: Kind): boolean => kind === "pick_first" || kind === "round_robin";
const OURS: Kind = "evenkeel-client";

interface Size {
  readonly pods: number;
  /** How long each takes to get ready in a deploy. */
  readonly readyMs: number;
  /** How many requests of each hundred. */
  readonly percent: number;
  /** Channels whose memory is looked at. */
  readonly channels: number;
}

const SIZES = {
  full: { pods: 12, readyMs: 1500, percent: 100, channels: 20 },
  smoke: { pods: 3, readyMs: 0, percent: 1, channels: 3 },
} as const satisfies Readonly<Record<SizeName, Size>>;

interface Row extends Observed {
  readonly scenario: string;
  readonly kind: Kind;
}

async function measure(scenario: Scenario, kind: Kind, { pods, percent }: Size): Promise<Row> {
  process.stderr.write(`${scenario.name}, ${kind} …\n`);
  const { pacing, behaviour, change } = scenario;
  const observed = await observe({
    world: { zones: [ZONE], podsPerZone: pods, behaviour, graceMs: 1000 },
    kind,
    way: isPlain(kind) ? "headless" : "xds",
    clients: [ZONE],
    pacing,
    // one pod alone takes its time
    requests: Math.ceil((scenario.requests * percent) / (kind === "pick_first" ? 500 : 100)),
    ...(change === undefined ? {} : { change }),
  });
  return { scenario: scenario.name, kind, ...observed };
}

async function measureAll(name: SizeName): Promise<readonly Row[]> {
  const size = SIZES[name];
  const rows: Row[] = [];
  for (const [at, scenario] of scenariosOf(size.pods, size.readyMs).entries()) {
    const kinds = name === "full" || at === 0 ? KINDS : [OURS];
    for (const kind of kinds) rows.push(await measure(scenario, kind, size));
  }
  return rows;
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

const tableFor = (rows: readonly Row[]) =>
  tableOf<Row>(
    [
      ["scenario", ({ scenario }) => scenario],
      ["client", ({ kind }) => kind],
      ["failed", ({ failed }) => String(failed)],
      ["busiest / average", ({ maxOverAverage }) => shown(maxOverAverage, 3)],
      ["most in flight", ({ mostInFlight }) => String(mostInFlight)],
      ["P50", ({ p50Ms }) => ms(p50Ms)],
      ["P99", ({ p99Ms }) => ms(p99Ms)],
      ["P99.9", ({ p999Ms }) => ms(p999Ms)],
      ["per second", ({ perSecond }) => perSecond.toFixed(0)],
      ["per CPU second", ({ perCpuSecond }) => perCpuSecond.toFixed(0)],
    ],
    rows,
  );

/** How our client compares with grpc-js alone, which takes all pods in turn. */
function figuresOf(rows: readonly Row[]): readonly Figure[] {
  const of = (scenario: string, measured: (row: Row) => number, kind: Kind = OURS): number => {
    const row = rows.find((one) => one.scenario === scenario && one.kind === kind);
    return row === undefined ? Number.NaN : measured(row);
  };
  const beside = (scenario: string, measured: (row: Row) => number): number =>
    of(scenario, measured) / of(scenario, measured, "round_robin");
  const errorRate = ({ failed, settled }: Row): number =>
    failed / [...settled.values()].reduce((sum, { pods }) => Object.values(pods).reduce((a, b) => a + b, sum), failed);
  const failed = (row: Row): number => row.failed;
  return [
    {
      what: "equal pods: busiest / average",
      value: of("equal pods", (row) => row.maxOverAverage),
      unit: "x",
      aim: 1.03,
    },
    {
      what: "one pod 5x slower: P99 / round robin's",
      value: beside("one pod 5x slower", (row) => row.p99Ms),
      unit: "x",
      aim: 0.5,
    },
    {
      what: "one pod fails 30 %: error rate / round robin's",
      value: beside("one pod fails 30 %", errorRate),
      unit: "x",
      aim: 0.33,
    },
    { what: "pods arrive cold: failed", value: of("pods arrive cold", failed), unit: "count", aim: 0 },
    { what: "rolling deploy: failed", value: of("rolling deploy", failed), unit: "count", aim: 0 },
    {
      what: "no work at all: CPU per request / round robin's",
      value: beside("no work at all", (row) => 1 / row.perCpuSecond),
      unit: "x",
      aim: 1.05,
    },
  ];
}

const drawn = (rows: readonly Row[], what: Pick<Drawn<Row>, "title" | "longest" | "measured">): string =>
  pictureOf(rows, { ...what, colours: COLOURS, nameOf: ({ kind }) => kind });

async function compared(name: SizeName): Promise<Compared> {
  const rows = await measureAll(name);
  process.stderr.write("idle channels …\n");
  const found: Found = { name: "client", figures: [...figuresOf(rows), await idleChannels(SIZES[name].channels)] };
  return {
    tables: { "Clients side by side": tableFor(rows) },
    pictures: {
      "client-p99.svg": {
        svg: drawn(rows, {
          title: "P99 latency in ms: shorter is better",
          longest: 60,
          measured: ({ p99Ms }) => p99Ms,
        }),
        shows: "P99 latency of each client in each scenario",
      },
      "client-spread.svg": {
        svg: drawn(rows, {
          title: "Requests of the busiest pod / average: 1 is even",
          longest: 3,
          measured: ({ maxOverAverage }) => maxOverAverage,
        }),
        shows: "Busiest pod over average of each client in each scenario",
      },
    },
    found: [found],
    raw: rows,
  };
}

process.exitCode = await compare({
  command: "bench:client",
  page: "client.md",
  about: "One client of each kind in turn, on pods of their own. Takes about eight minutes.",
  measure: compared,
});
