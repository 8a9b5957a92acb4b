import { readFileSync } from "node:fs";
import { describe, inject, test } from "vitest";
import type { Program } from "../harness/client-process.ts";
import { type ClientName, clientOf } from "./clients.ts";
import { SCENARIO_IDS, SCENARIOS, type ScenarioId } from "./list.ts";
import { RUNS } from "./scenarios/runs.ts";
import { createStage, type Stage, type Subject } from "./stage.ts";

declare module "vitest" {
  interface TaskMeta {
    /** For docs/clients.md. */
    shown?: string;
  }
  interface ProvidedContext {
    /** Whether to measure, one scenario at a time, or to run the others, beside each other. */
    part: "alone" | "together";
  }
}

/** Far more than any needs on a machine that is merely busy. */
const TIME_LIMIT_MS = 300_000;

/** What fails first is told, not what its end then finds. */
async function played(stage: Stage, id: ScenarioId): Promise<string> {
  try {
    return await RUNS[id](stage);
  } catch (error) {
    await Promise.resolve(stage[Symbol.asyncDispose]()).catch(() => {});
    throw error;
  }
}

function play(subject: Subject, ids: readonly ScenarioId[], form = ""): void {
  for (const id of ids) {
    test(form + SCENARIOS[id].title, { timeout: TIME_LIMIT_MS }, async ({ task }) => {
      await using stage = createStage(subject);
      const text = await played(stage, id);
      const flaw = subject.flaws?.[id];
      task.meta.shown = flaw === undefined ? text : `${text}; ${flaw}`;
    });
  }
}

/** What `npm run clients:build` has written. */
export function programOf(name: ClientName): Program {
  const programs = JSON.parse(readFileSync(".cache/clients/programs.json", "utf8")) as Record<string, Program>;
  const program = programs[name];
  if (program === undefined) throw new Error(`npm run clients:build ${name} comes first`);
  return program;
}

/** All scenarios of one part, for a client whose program was built. */
export function clientSuite(name: ClientName): void {
  const part = inject("part");
  const { title, kind, without, flaws } = clientOf(name);
  const ids = SCENARIO_IDS.filter((id) => without[id] === undefined && SCENARIOS[id].alone === (part === "alone"));
  const subject = { name, kind, program: programOf(name), flaws };
  describe(title, { concurrent: part === "together" }, () => play(subject, ids));
}

/** What is asked of each further form of a client, beside what is asked of its first. */
const FORM: readonly ScenarioId[] = [
  "scale-to-zero",
  "scale-out",
  "rolling-replace",
  "recreated-other",
  "restarted",
  "timeout",
  "retry",
  "max-requests",
  "outlier-detection",
];

/** The same client in another form, which `flags` of its program choose. What is seen is not shown in the matrix. */
export function formSuite(name: ClientName, form: string, flags: readonly string[]): void {
  if (inject("part") !== "together") return;
  const { title, kind, flaws } = clientOf(name);
  const { command, ...program } = programOf(name);
  const subject = { name, kind, program: { ...program, command: [...command, ...flags] }, flaws };
  describe(`${title}, ${form}`, { concurrent: true }, () => play(subject, FORM, `${form}: `));
}

/** What is asked of a client of this repository by `npm test`, which needs no building. */
const SHORT: readonly ScenarioId[] = [
  "first-request",
  "zone-shares",
  "scale-to-zero",
  "rolling-replace",
  "created-later",
  "restarted",
  "one-of-two-dies",
  "broken-neighbour",
  "ipv6",
];

export function shortSuite(subject: Subject): void {
  describe(subject.name, () => play(subject, SHORT));
}
