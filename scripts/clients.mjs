// The programs of e2e/clients/programs: `build [NAME...]` builds them, `run [NAME...]` also runs the scenarios and writes docs/clients.md
// (not in CI). All but rust, unless named. A program is built once for its sources and its toolchain, into .cache/clients.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const CACHE = path.resolve(".cache/clients");
const REPORT = ".cache/test-results/clients.json";
const PROGRAMS = "e2e/clients/programs";
const SLOW = ["rust"];

const [task, ...named] = process.argv.slice(2);
const known = readdirSync(PROGRAMS);
const unknown = named.filter((name) => !known.includes(name));
if (!["build", "run"].includes(task) || unknown.length > 0) {
  console.error(
    `usage: clients.mjs build|run [${known.join("|")}]...${unknown.length > 0 ? `; no ${unknown.join(", ")}` : ""}`,
  );
  process.exit(2);
}
const names = named.length > 0 ? named : known.filter((name) => !SLOW.includes(name));

class Lacking extends Error {}

/** What a build depends on: the program's files and others that it names, and what its toolchain says of itself. */
function keyOf(name, { sources = [], toolchain = [] }) {
  const hash = createHash("sha256");
  const patterns = ["**", ...sources].map((pattern) => path.join(PROGRAMS, name, pattern));
  for (const file of globSync(patterns).toSorted()) {
    if (statSync(file).isFile()) hash.update(`${file}\0`).update(readFileSync(file));
  }
  for (const [program, ...args] of toolchain) {
    const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
    hash.update(`${program}\0${stdout}${stderr}`);
  }
  return hash.digest("hex").slice(0, 16);
}

async function build(name) {
  const { build: make, command, env, ...inputs } = await import(path.resolve(PROGRAMS, name, "build.mjs"));
  const cacheDir = path.join(CACHE, `${name}-${keyOf(name, inputs)}`);
  const mark = path.join(cacheDir, "built");
  const fail = (...lines) => {
    throw new Lacking(lines.join("\n"));
  };
  if (!existsSync(mark)) {
    for (const old of globSync(`${CACHE}/${name}-*`)) rmSync(old, { recursive: true });
    mkdirSync(cacheDir, { recursive: true });
    const start = performance.now();
    await make({ cacheDir, fail });
    writeFileSync(mark, "");
    console.log(`${name}: built in ${Math.round((performance.now() - start) / 1000)} s`);
  }
  return { command: command(cacheDir), env };
}

const programs = {};
const lacking = [];
for (const name of names) {
  try {
    programs[name] = await build(name);
  } catch (error) {
    if (!(error instanceof Lacking)) throw error;
    lacking.push(name);
    console.error(`${name}: ${error.message}`);
  }
}
mkdirSync(CACHE, { recursive: true });
const list = `${CACHE}/programs.json`;
const before = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : {};
writeFileSync(list, JSON.stringify({ ...before, ...programs }, undefined, 1));
const mayLack = task === "run" && named.length === 0 && !process.env.CI;
if (lacking.length > 0 && !mayLack) process.exit(2);

if (task === "run") {
  const suites = Object.keys(programs).map((name) => `e2e/clients/suites/${name}.test.ts`);
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "e2e/clients/vitest.config.ts", ...suites];
  rmSync(REPORT, { force: true });
  const { status } = spawnSync(process.execPath, vitest, { stdio: "inherit" });
  if (!process.env.CI && existsSync(REPORT))
    spawnSync(process.execPath, ["e2e/clients/write-matrix.ts"], { stdio: "inherit" });
  process.exit(status ?? 1);
}
