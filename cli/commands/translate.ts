import { stringify } from "yaml";
import { complaint, type Flags, readFlags } from "../../server/flags.ts";
import type { ClientKind } from "../../snapshots/resources/client-kind.ts";
import type { Host } from "../command.ts";
import { problemsOf, readManifests, resourcesFor, snapshotOf, type Viewer } from "../translate.ts";

export const help = `Usage: evenkeel translate PATH [flags]

Reads a file or folder of Kubernetes YAML and prints the resources that a client would be sent. Needs no server. Clients are
taken to be spread like the pods.

  --region REGION  where the client runs; told from the zone if the Nodes say it
  --zone ZONE      the same; without it, and without a node, the zone of the client is unknown
  --node NODE      the Kubernetes node of the client
  --kind KIND      grpc (default), envoy or other
  --output FORMAT  yaml (default) or json

Exit code 0: nothing is wrong with what was read. 1: something is; standard error says what.
`;

const FLAGS = { region: "value", zone: "value", node: "value", kind: "value", output: "value" } as const;

const KINDS: readonly ClientKind[] = ["grpc", "envoy", "other"];
const OUTPUTS = ["yaml", "json"] as const;

interface Question {
  readonly path: string;
  readonly viewer: Viewer;
  readonly output: (typeof OUTPUTS)[number];
}

const oneOf = <T extends string>(known: readonly T[], text: string | undefined): T | undefined =>
  text === undefined ? known[0] : known.find((one) => one === text);

function questionOf({ given, positionals, problems }: Flags): Question | readonly string[] {
  const one = (name: keyof typeof FLAGS): string | undefined => given.get(name)?.at(-1);
  const [path, ...rest] = positionals;
  const kind = oneOf(KINDS, one("kind"));
  const output = oneOf(OUTPUTS, one("output"));
  const all = [
    ...problems,
    ...(path === undefined ? ["PATH must be given"] : []),
    ...rest.map((word) => `unexpected argument "${word}"`),
    ...(kind === undefined ? [`--kind must be one of ${KINDS.join(", ")}, not "${one("kind")}"`] : []),
    ...(output === undefined ? [`--output must be one of ${OUTPUTS.join(", ")}, not "${one("output")}"`] : []),
  ];
  if (all.length > 0 || path === undefined || kind === undefined || output === undefined) return all;
  const place = (["region", "zone", "node"] as const).flatMap((name) => (one(name) ? [[name, one(name)]] : []));
  return { path, output, viewer: { kind, ...Object.fromEntries(place) } };
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
  const snapshot = snapshotOf(read.contents);
  const resources = resourcesFor(question.viewer, snapshot);
  stdout.write(question.output === "json" ? `${JSON.stringify(resources, undefined, 2)}\n` : stringify(resources));
  const problems = problemsOf(read.contents, snapshot);
  for (const { object, code, message } of problems) stderr.write(`${object}: ${message} (${code})\n`);
  return problems.length > 0 ? 1 : 0;
}
