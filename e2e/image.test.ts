/** There is no docker here: what can be known of the image without it. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startEvenkeel } from "./harness/command.ts";

const run = promisify(execFile);

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

interface Copy {
  /** The stage that the sources are in; undefined for the checkout. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly to: string;
}

interface Stage {
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

function stagesOf(file: string): readonly Stage[] {
  const lines = readFileSync(file, "utf8").split("\n");
  const instructions = lines.flatMap((line): Instruction[] => {
    const [, word, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    return word === undefined || rest === undefined ? [] : [{ word, rest }];
  });
  const starts = instructions.flatMap(({ word }, at) => (word === "FROM" ? [at] : []));
  return starts.map((at, i) => ({
    name: / AS (\S+)$/.exec(instructions[at]?.rest ?? "")?.[1],
    instructions: instructions.slice(at + 1, starts[i + 1]),
  }));
}

const copiesOf = ({ instructions }: Stage): readonly Copy[] =>
  instructions
    .filter(({ word }) => word === "COPY")
    .map(({ rest }) => {
      const [, from, paths = ""] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? [];
      const all = paths.split(" ");
      return { from, sources: all.slice(0, -1), to: all.at(-1) ?? "" };
    });

const IMAGES = [
  ["Dockerfile", "."],
  ["examples/node/Dockerfile", "examples/node"],
] as const;

test.each(IMAGES)("%s copies only what exists", (file, context) => {
  const stages = stagesOf(file);
  const copies = stages.flatMap(copiesOf);
  const absent = copies
    .filter(({ from }) => from === undefined)
    .flatMap(({ sources }) => sources.filter((source) => !existsSync(path.join(context, source))));
  const names = stages.map(({ name }) => name);
  expect(absent).toEqual([]);
  expect(copies.filter(({ from }) => from !== undefined && !names.includes(from))).toEqual([]);
});

test.each(IMAGES)("%s runs Node without a shell, as a user by number who is not root", (file) => {
  const words = new Map(
    stagesOf(file)
      .at(-1)
      ?.instructions.map(({ word, rest }) => [word, rest]),
  );
  expect(words.get("USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  expect(JSON.parse(words.get("ENTRYPOINT") ?? "")[0]).toBe("/nodejs/bin/node");
  expect(words.has("RUN")).toBe(false);
});

/** Where the sources of COPY lie here. */
const HERE: Readonly<Record<string, string>> = { "/evenkeel/node_modules": "node_modules", "/evenkeel/dist": "built" };

/** A folder as the last stage makes its working folder, with what `built` holds as its dist/. */
async function layOut(stage: Stage, folder: string, built: string): Promise<void> {
  for (const { sources, to } of copiesOf(stage)) {
    for (const source of sources) {
      const origin = path.resolve((HERE[source] ?? source).replace(/^built$/, built));
      const target = path.join(folder, to.endsWith("/") ? path.join(to, path.basename(source)) : to);
      await mkdir(path.dirname(target), { recursive: true });
      await (origin.endsWith("node_modules") ? symlink(origin, target) : cp(origin, target, { recursive: true }));
    }
  }
}

test("laid out as the image is, with nowhere to write, it serves", { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-image-"));
  await using ends = new AsyncDisposableStack();
  ends.defer(() => rm(folder, { recursive: true, force: true }));
  const built = path.join(folder, "built");
  await run("node_modules/.bin/tsc", ["--project", "tsconfig.build.json", "--outDir", built]);
  await cp("gen/descriptors.binpb", path.join(built, "gen/descriptors.binpb"));

  const last = stagesOf("Dockerfile").at(-1) ?? { name: undefined, instructions: [] };
  await layOut(last, path.join(folder, "evenkeel"), built);
  const { rest = "" } = last.instructions.find(({ word }) => word === "ENTRYPOINT") ?? {};
  const [, program = ""] = JSON.parse(rest) as string[];
  const flags = ["--manifests", "examples/manifests", "--xds", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  await using server = startEvenkeel(["serve", ...flags, "--drain-delay", "0s"], {
    program: path.join(folder, program),
    env: { TMPDIR: "/dev/null", NODE_ENV: "production" },
  });
  expect(JSON.parse(await server.line(20_000))).toMatchObject({ msg: "ready" });
  server.kill("SIGTERM");
  expect((await server.result).code).toBe(0);
});
