/** npm run bench:client -- [--requests N]: clients side by side on the same kind of pods, as a table. See docs/client.md. */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { machine } from "../report.ts";
import type { Kind } from "./caller.ts";
import type { Behaviour } from "./pods.ts";
import { measure, PODS, type Row, type Scenario } from "./scenario.ts";

const well: Behaviour = { serviceMs: 2, failing: 0, coldFactor: 1, coldMs: 0 };

const SCENARIOS: readonly Scenario[] = [
  { name: "equal pods", behaviour: () => well },
  { name: "one pod 5x slower", behaviour: (pod) => (pod === 0 ? { ...well, serviceMs: 10 } : well) },
  { name: "one pod fails 30 %", behaviour: (pod) => (pod === 0 ? { ...well, failing: 0.3 } : well) },
  {
    name: "pods arrive cold",
    behaviour: (pod) => (pod < PODS ? well : { ...well, coldFactor: 10, coldMs: 3000 }),
    change: async (world) => {
      for (let i = 0; i < 3; i += 1) {
        await delay(500);
        await world.add(PODS + i);
      }
    },
  },
  {
    name: "rolling deploy",
    behaviour: () => well,
    change: async (world) => {
      for (let pod = 0; pod < PODS; pod += 1) {
        await world.add(PODS + pod);
        await delay(100);
        await world.remove(pod);
      }
    },
  },
  { name: "no work at all", behaviour: () => ({ ...well, serviceMs: 0 }) },
];

const FIXED: readonly Kind[] = ["pick_first", "round_robin"];
const FOLLOWING: readonly Kind[] = ["grpc-js-xds", "evenkeel-client"];

const COLUMNS: readonly (readonly [head: string, cell: (row: Row) => string])[] = [
  ["scenario", ({ scenario }) => scenario],
  ["client", ({ kind }) => kind],
  ["failed", ({ failed }) => String(failed)],
  ["busiest / average", ({ maxOverAverage }) => maxOverAverage.toFixed(3)],
  ["most in flight", ({ mostInFlight }) => String(mostInFlight)],
  ["P50", ({ p50Ms }) => `${p50Ms.toFixed(1)} ms`],
  ["P99", ({ p99Ms }) => `${p99Ms.toFixed(1)} ms`],
  ["P99.9", ({ p999Ms }) => `${p999Ms.toFixed(1)} ms`],
  ["per second", ({ perSecond }) => perSecond.toFixed(0)],
  ["per CPU second", ({ perCpuSecond }) => perCpuSecond.toFixed(0)],
];

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const { values } = parseArgs({ options: { requests: { type: "string", default: "60000" } } });
const requests = Number(values.requests);
if (!Number.isInteger(requests) || requests < 1)
  throw new Error(`--requests must be a positive integer, not ${requests}`);
console.log(`${requests} requests, ${PODS} pods. ${machine()}\n`);
console.log(line(COLUMNS.map(([head]) => head)));
console.log(line(COLUMNS.map(() => "---")));
for (const scenario of SCENARIOS) {
  for (const kind of scenario.change === undefined ? [...FIXED, ...FOLLOWING] : FOLLOWING) {
    const row = await measure(scenario, kind, requests);
    console.log(line(COLUMNS.map(([, cell]) => cell(row))));
  }
}
