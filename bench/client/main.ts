/** npm run bench:client: clients side by side on the same kind of pods. See docs/client.md. */
import { type Compared, compare, type SizeName } from "../compare.ts";
import type { Kind } from "../traffic/callers.ts";
import { observe } from "../traffic/observe.ts";
import { figuresOf, KINDS, OURS, picturesOf, type Row, tableFor } from "./findings.ts";
import { idleChannels } from "./memory.ts";
import { type Scenario, scenariosOf, ZONE } from "./scenarios.ts";

const isPlain = (kind: Kind): boolean => kind === "pick_first" || kind === "round_robin";

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

async function measure(scenario: Scenario, kind: Kind, { pods, percent }: Size): Promise<Row> {
  process.stderr.write(`${scenario.name}, ${kind} …\n`);
  const { pacing, behaviour, change } = scenario;
  const observed = await observe({
    world: { zones: [ZONE], podsPerZone: pods, behaviour, graceMs: 1000 },
    kind,
    way: isPlain(kind) ? "headless" : "xds",
    clients: [ZONE],
    apart: false,
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

async function compared(name: SizeName): Promise<Compared> {
  const rows = await measureAll(name);
  process.stderr.write("idle channels …\n");
  const memory = await idleChannels(SIZES[name].channels);
  return {
    tables: { "Clients side by side": tableFor(rows) },
    pictures: picturesOf(rows),
    found: [{ name: "client", figures: [...figuresOf(rows), memory] }],
    raw: rows,
  };
}

process.exitCode = await compare({
  command: "bench:client",
  page: "client.md",
  about: "One client of each kind in turn, on pods of their own. Takes about eight minutes.",
  measure: compared,
});
