/** npm run bench:balance: evenkeel beside other ways of balancing. See docs/balance.md. */
import { type Compared, compare, type SizeName } from "../compare.ts";
import type { Figure } from "../figure.ts";
import { type Drawn, pictureOf } from "../picture.ts";
import { type Found, shown, type Table, tableOf } from "../report.ts";
import { type SimulatedSize, simulate } from "../simulation/simulate.ts";
import { measureReal, type RealSize } from "./real.ts";
import { COLOURS, EVEN, HEAVY, LOST, POLICIES, type Policy, type Row, SCENARIOS } from "./scenarios.ts";

interface Size {
  readonly real: RealSize;
  readonly simulated: SimulatedSize;
}

const SIZES: Readonly<Record<SizeName, Size>> = {
  full: {
    real: {
      podsPerZone: 4,
      clientsPerZone: 20,
      requests: { evenkeel: 60_000, others: 15_000 },
      perSecond: 2500,
      deploy: { perSecond: 500, requests: 8000, readyMs: 1500 },
      awaitsDemand: true,
    },
    simulated: { pods: 1000, clients: 10_000, seconds: 25 },
  },
  smoke: {
    real: {
      podsPerZone: 1,
      clientsPerZone: 2,
      requests: { evenkeel: 400, others: 200 },
      perSecond: 500,
      deploy: { perSecond: 100, requests: 400, readyMs: 0 },
      awaitsDemand: false,
    },
    simulated: { pods: 60, clients: 240, seconds: 1 },
  },
};

/** Every policy in every scenario; at tiny sizes the others only in the first. */
async function measureAll(size: SizeName): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const scenario of SCENARIOS) {
    const policies: readonly Policy[] = size === "full" || scenario === EVEN ? POLICIES : ["evenkeel"];
    for (const policy of policies) {
      process.stderr.write(`${scenario.name}, ${policy} …\n`);
      rows.push(await measureReal(scenario, policy, SIZES[size].real));
    }
  }
  return rows;
}

function simulateAll(size: SizeName): readonly Row[] {
  return SCENARIOS.flatMap((scenario) => {
    process.stderr.write(`${scenario.name}, simulated …\n`);
    return POLICIES.map((policy) => simulate({ scenario, policy, size: SIZES[size].simulated, seed: 1 }));
  });
}

const percent = (part: number): string => `${shown(100 * part, 1)} %`;

/** Percentage points above what the bound allows, or below. */
const offBound = ({ localShare, bound }: Row): number => 100 * (localShare - bound);

const tableFor = (rows: readonly Row[]): Table =>
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
function figuresOf(name: string, rows: readonly Row[]): Found {
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

async function compared(size: SizeName): Promise<Compared> {
  const simulated = simulateAll(size);
  const real = await measureAll(size);
  return {
    tables: { "Real pods and clients": tableFor(real), Simulation: tableFor(simulated) },
    pictures: {
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
    },
    found: [figuresOf("real", real), figuresOf("simulated", simulated)],
    raw: { real, simulated },
  };
}

process.exitCode = await compare({
  command: "bench:balance",
  page: "balance.md",
  about: "Policies side by side, with real pods and clients and in a simulation. Takes about nine minutes.",
  measure: compared,
});
