import { stringify } from "yaml";
import { complaint, type Flags, readFlags } from "../../server/flags.ts";
import type { Host } from "../command.ts";
import { problemLine, problemsOf, publishedOf, readManifests, resourcesFor } from "../translate.ts";
import { oneOf, VIEWER_FLAGS, VIEWER_HELP, type Viewer, viewerOf } from "../viewer.ts";

export const help = `Usage: evenkeel translate PATH [flags]

Reads a file or folder of Kubernetes YAML and prints the resources that a client would be sent. Needs no server. Clients are
taken to be spread like the pods.

${VIEWER_HELP}
  --output FORMAT  yaml (default) or json

Exit code 0: nothing is wrong with what was read. 1: something is; standard error says what.
`;

const FLAGS = { ...VIEWER_FLAGS, output: "value" } as const;

const OUTPUTS = ["yaml", "json"] as const;

interface Question {
  readonly path: string;
  readonly viewer: Viewer;
  readonly output: (typeof OUTPUTS)[number];
}

function questionOf(flags: Flags): Question | readonly string[] {
  const { given, positionals, problems } = flags;
  const [path, ...rest] = positionals;
  const viewer = viewerOf(flags);
  const format = given.get("output")?.at(-1);
  const output = oneOf(OUTPUTS, format);
  const all = [
    ...problems,
    ...(path === undefined ? ["PATH must be given"] : []),
    ...rest.map((word) => `unexpected argument "${word}"`),
    ...(typeof viewer === "string" ? [viewer] : []),
    ...(output === undefined ? [`--output must be one of ${OUTPUTS.join(", ")}, not "${format}"`] : []),
  ];
  if (all.length > 0 || path === undefined || typeof viewer === "string" || output === undefined) return all;
  return { path, output, viewer };
}

export async function run(args: readonly string[], { stdout, stderr }: Host): Promise<number> {
  const question = questionOf(readFlags(args, FLAGS));
  if (!("viewer" in question)) {
    stderr.write(complaint("translate", question));
    return 2;
  }
  const read = await readManifests(question.path);
  if (read.kind === "unreadable") {
    stderr.write(`evenkeel translate: ${question.path}: ${read.reason}\n`);
    return 1;
  }
  const { snapshot } = publishedOf(read.contents);
  const resources = resourcesFor(question.viewer, snapshot);
  stdout.write(question.output === "json" ? `${JSON.stringify(resources, undefined, 2)}\n` : stringify(resources));
  const problems = problemsOf(read.contents, snapshot);
  for (const problem of problems) stderr.write(problemLine(problem));
  return problems.length > 0 ? 1 : 0;
}
