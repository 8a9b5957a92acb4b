/** What the rows say: a table, figures beside their aims, pictures. */
import { total } from "../../cli/demo/figures.ts";
import type { Compared } from "../compare.ts";
import type { Figure } from "../figure.ts";
import { type Drawn, pictureOf } from "../picture.ts";
import { shown, tableOf } from "../report.ts";
import type { Kind } from "../traffic/callers.ts";
import type { Observed } from "../traffic/observe.ts";

const COLOURS: Readonly<Record<Kind, string>> = {
  pick_first: "#8a8f98",
  round_robin: "#c2571a",
  "grpc-js-xds": "#3f9b4f",
  "evenkeel-client": "#1a6fc2",
};
export const KINDS = Object.keys(COLOURS) as readonly Kind[];
export const OURS: Kind = "evenkeel-client";

/** What one client made of one scenario. */
export interface Row extends Observed {
  readonly scenario: string;
  readonly kind: Kind;
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

export const tableFor = (rows: readonly Row[]) =>
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
export function figuresOf(rows: readonly Row[]): readonly Figure[] {
  const of = (scenario: string, measured: (row: Row) => number, kind: Kind = OURS): number => {
    const row = rows.find((one) => one.scenario === scenario && one.kind === kind);
    return row === undefined ? Number.NaN : measured(row);
  };
  const beside = (scenario: string, measured: (row: Row) => number): number =>
    of(scenario, measured) / of(scenario, measured, "round_robin");
  const errorRate = ({ failed, settled }: Row): number => failed / (failed + total(settled));
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

export const picturesOf = (rows: readonly Row[]): Compared["pictures"] => ({
  "client-p99.svg": {
    svg: drawn(rows, { title: "P99 latency in ms: shorter is better", longest: 60, measured: ({ p99Ms }) => p99Ms }),
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
});
