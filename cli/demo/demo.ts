import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { Host } from "../command.ts";
import { readAssigned } from "./assigned.ts";
import { broken, skewAsAssigned } from "./figures.ts";
import { type Given, type Parts, startParts, TARGET } from "./parts.ts";
import { picture } from "./picture.ts";
import { programStarter } from "./program.ts";
import { liveLines, type Moment, plainLine, type Summary, summaryLines } from "./screen.ts";
import { type Pace, play, type Stage, type Story, startShowing } from "./story.ts";

interface Options {
  readonly keep: boolean;
  readonly quick: boolean;
  /** Where an SVG of the result is written, if anywhere. */
  readonly picture: string | undefined;
}

const PACES: Readonly<Record<"full" | "quick", Pace>> = {
  full: { settleMs: 10_500, steadySeconds: 8, actMs: 3000 },
  quick: { settleMs: 1500, steadySeconds: 4, actMs: 1000 },
};

/** Draws over what it drew before, where it can; else adds a line each time. */
function createScreen({ stdout }: Host): { show(moment: Moment): void; print(lines: readonly string[]): void } {
  let drawn = 0;
  const print = (lines: readonly string[]): void => {
    stdout.write(`${lines.join("\n")}\n`);
    drawn = 0;
  };
  return {
    print,
    show: (moment) => {
      if (stdout.isTTY !== true) return print([plainLine(moment)]);
      if (drawn > 0) stdout.write(`\x1b[${drawn}A\x1b[J`);
      const lines = liveLines(moment);
      print(lines);
      drawn = lines.length;
    },
  };
}

type Screen = ReturnType<typeof createScreen>;

function summaryOf({ chance, traffic, zones }: Parts, { steady, assigned, acts }: Story): Summary {
  const { pods, settled } = steady;
  const asAssigned = skewAsAssigned(assigned, new Map(zones.map(({ zone, rate }) => [zone, rate])), pods);
  const measured = { steady: settled.evenkeel, pods, assigned, asAssigned, all: traffic.reading("evenkeel") };
  return { acts, steady, assigned, chance, broken: broken(measured) };
}

async function perform(given: Given, { keep, quick, picture: file }: Options, screen: Screen): Promise<number> {
  const parts = await startParts(given);
  const { admin, zones, traffic } = parts;
  const stage: Stage = {
    ...parts,
    pace: PACES[quick ? "quick" : "full"],
    signal: given.signal,
    readAssigned: () =>
      readAssigned(
        admin,
        TARGET,
        zones.map(({ zone }) => zone),
      ),
    show: screen.show,
  };
  screen.print([`evenkeel's admin address is ${admin}`, ""]);
  let title = "";
  using _showing = startShowing(stage, () => title);
  const story = await play(stage, (next) => {
    title = next;
  });
  if (!keep) await traffic[Symbol.asyncDispose]();
  const summary = summaryOf(parts, story);
  screen.print(["", ...summaryLines(summary), ""]);
  if (file !== undefined) await writeFile(file, picture(story.steady.settled, story.steady.pods));
  if (keep) {
    title = "kept running, until Ctrl-C";
    if (!given.signal.aborted) await once(given.signal, "abort");
  }
  return summary.broken.length === 0 ? 0 : 1;
}

/** Plays the demo. Ends all that it started, however it ends. */
export async function runDemo(options: Options, host: Host): Promise<number> {
  const crash = new AbortController();
  const signal = AbortSignal.any([host.stopSignal(), crash.signal]);
  const start = programStarter(host, (reason) => crash.abort(reason));
  try {
    await using stack = new AsyncDisposableStack();
    const code = await perform({ stack, signal, start }, options, createScreen(host));
    crash.signal.throwIfAborted();
    return code;
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    host.stderr.write(`evenkeel demo: ${reason instanceof Error ? reason.message : String(reason)}\n`);
    return 1;
  }
}
