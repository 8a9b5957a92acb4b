/** What the rows say: a table, figures beside their aims, pictures. */
import type { Compared } from "../compare.ts";
import type { Figure } from "../figure.ts";
import { type Drawn, pictureOf } from "../picture.ts";
import { type Found, shown, type Table, tableOf } from "../report.ts";
import { COLOURS, EVEN, HEAVY, LOST, type Row } from "./scenarios.ts";

const percent = (part: number): string => `${shown(100 * part, 1)} %`;

/** Percentage points above what the bound allows, or below. */
const offBound = ({ localShare, bound }: Row): number => 100 * (localShare - bound);

export const tableFor = (rows: readonly Row[]): Table =>
  tableOf<Row>(
    [
      ["scenario", ({ scenario }) => scenario],
      ["policy", ({ policy }) => policy],
      ["failed", ({ failed }) => String(failed)],
      ["busiest / average", ({ maxOverAverage }) => shown(maxOverAverage, 3)],
      ["in own zone", ({ localShare }) => percent(localShare)],
      ["bound", ({ bound }) => percent(bound)],
      ["points off", (row) => shown(offBound(row), 1)],
      ["P99", ({ p99Ms }) => `${shown(p99Ms, 1)} ms`],
    ],
    rows,
  );

/** What evenkeel is to reach. That a zone is lost without warning costs requests; nothing else may. */
export function figuresOf(name: string, rows: readonly Row[]): Found {
  const own = rows.filter(({ policy }) => policy === "evenkeel");
  const uneven: readonly Figure[] = [
    { scenario: EVEN.name, aim: 1.05 },
    { scenario: HEAVY.name, aim: 1.08 },
  ].flatMap(({ scenario, aim }) =>
    own
      .filter((row) => row.scenario === scenario)
      .flatMap((row): readonly Figure[] => [
        { what: `${scenario}: busiest / average`, value: row.maxOverAverage, unit: "x", aim },
        { what: `${scenario}: in own zone, off the bound`, value: Math.abs(offBound(row)), unit: "points", aim: 2 },
      ]),
  );
  const failed = own.map(
    ({ scenario, failed: value }): Figure => ({
      what: `${scenario}: failed`,
      value,
      unit: "count",
      ...(scenario === LOST.name ? {} : { aim: 0 }),
    }),
  );
  return { name, figures: [...uneven, ...failed] };
}

const drawn = (rows: readonly Row[], what: Pick<Drawn<Row>, "title" | "longest" | "measured">): string =>
  pictureOf(rows, { ...what, colours: COLOURS, nameOf: ({ policy }) => policy });

const spread = (rows: readonly Row[], of: string): string =>
  drawn(rows, {
    title: `${of}: requests of the busiest pod / average`,
    longest: 4,
    measured: ({ maxOverAverage }) => maxOverAverage,
  });

export const picturesOf = (real: readonly Row[], simulated: readonly Row[]): Compared["pictures"] => ({
  "balance-spread.svg": {
    svg: spread(real, "Real pods and clients"),
    shows: "Busiest pod over average of each policy in each scenario",
  },
  "balance-p99.svg": {
    svg: drawn(real, {
      title: "Real pods and clients: P99 latency in ms",
      longest: 60,
      measured: ({ p99Ms }) => p99Ms,
    }),
    shows: "P99 latency of each policy in each scenario",
  },
  "balance-simulated.svg": {
    svg: spread(simulated, "1,000 pods and 10,000 clients, simulated"),
    shows: "Busiest pod over average of each policy in each scenario, simulated",
  },
});
