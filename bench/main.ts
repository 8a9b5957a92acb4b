/** npm run bench: numbers of this machine beside what they should be. See docs/performance.md. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Figure, isBroken, judgedWhenTiny } from "./figure.ts";
import { balance } from "./measures/balance.ts";
import { change } from "./measures/change.ts";
import { cluster } from "./measures/cluster.ts";
import { converge } from "./measures/converge.ts";
import { derive } from "./measures/derive.ts";
import { encode } from "./measures/encode.ts";
import { idle } from "./measures/idle.ts";
import { push } from "./measures/push.ts";
import { start } from "./measures/start.ts";
import { storm } from "./measures/storm.ts";
import { sync } from "./measures/sync.ts";
import { profileInto } from "./processes.ts";
import { type Found, figuresTable, machine, markdownTable, textTable, withFigures } from "./report.ts";
import { FULL, type Size, SMOKE } from "./size.ts";

type Measure = (size: Size) => Promise<readonly Figure[]>;

const MEASURES: Readonly<Record<string, Measure>> = {
  push,
  idle,
  storm,
  sync,
  change,
  converge,
  encode,
  balance,
  derive,
  start,
  cluster,
};

const HELP = `Usage: npm run bench -- [NAME...] [flags]

Measures: ${Object.keys(MEASURES).join(", ")}; all of them unless some are named.

  --smoke       tiny sizes: only shows that everything runs; nothing is judged but what must not happen
  --json FILE   all figures in one file, besides one for each measure in bench/results/
  --write-docs  puts the table into docs/performance.md; needs all measures at full size
  --profile     serving processes leave CPU profiles in bench/results/
`;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const RESULTS = here("results");
const PAGE = here("../docs/performance.md");

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    smoke: { type: "boolean", default: false },
    json: { type: "string" },
    "write-docs": { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function save(file: string, found: Found | readonly Found[]): void {
  writeFileSync(file, `${JSON.stringify({ machine: machine(), found }, undefined, 2)}\n`);
}

async function measureAll(names: readonly string[], size: Size): Promise<readonly Found[]> {
  const all: Found[] = [];
  for (const name of names) {
    process.stderr.write(`${name} …\n`);
    const figures = (await MEASURES[name]?.(size)) ?? [];
    const found = { name, figures: size === SMOKE ? figures.map(judgedWhenTiny) : figures };
    save(`${RESULTS}/${name}.json`, found);
    all.push(found);
  }
  return all;
}

/** What is wrong with the command line. */
function complaintOf(names: readonly string[]): string | undefined {
  const unknown = names.find((name) => !Object.hasOwn(MEASURES, name));
  if (unknown !== undefined) return `unknown measure ${unknown}`;
  const isPart = flags.smoke || names.length > 0;
  return flags["write-docs"] && isPart ? "--write-docs needs all measures at full size" : undefined;
}

function report(all: readonly Found[]): void {
  const table = figuresTable(all);
  process.stdout.write(`${machine()}\n\n${textTable(table)}\n`);
  if (flags.json !== undefined) save(flags.json, all);
  if (!flags["write-docs"]) return;
  writeFileSync(PAGE, withFigures(readFileSync(PAGE, "utf8"), "bench", markdownTable(table)));
}

/** The exit code. */
async function run(names: readonly string[]): Promise<0 | 1 | 2> {
  const complaint = flags.help ? "" : complaintOf(names);
  if (complaint !== undefined) {
    process.stderr.write(`${complaint}\n${HELP}`);
    return flags.help ? 0 : 2;
  }
  mkdirSync(RESULTS, { recursive: true });
  if (flags.profile) profileInto(RESULTS);
  const all = await measureAll(names.length > 0 ? names : Object.keys(MEASURES), flags.smoke ? SMOKE : FULL);
  report(all);
  return all.some(({ figures }) => figures.some(isBroken)) ? 1 : 0;
}

process.exitCode = await run(positionals);
