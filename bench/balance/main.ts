/** npm run bench:balance: evenkeel beside other ways of balancing. See docs/balance.md. */
import { type Compared, compare, type SizeName } from "../compare.ts";
import { type SimulatedSize, simulate } from "../simulation/simulate.ts";
import { figuresOf, picturesOf, tableFor } from "./findings.ts";
import { measureReal, type RealSize } from "./real.ts";
import { EVEN, POLICIES, type Policy, type Row, SCENARIOS } from "./scenarios.ts";

interface Size {
  readonly real: RealSize;
  readonly simulated: SimulatedSize;
}

const SIZES: Readonly<Record<SizeName, Size>> = {
  full: {
    real: {
      podsPerZone: 4,
      clientsPerZone: 20,
      requests: { evenkeel: 60_000, others: 12_000 },
      processPerZone: true,
      perSecond: 2000,
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
      processPerZone: false,
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

async function compared(size: SizeName): Promise<Compared> {
  const simulated = simulateAll(size);
  const real = await measureAll(size);
  return {
    tables: { "Real pods and clients": tableFor(real), Simulation: tableFor(simulated) },
    pictures: picturesOf(real, simulated),
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
