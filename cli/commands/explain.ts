import type { ErrorAnswer } from "../../server/admin/api.ts";
import type { ResolveAnswer } from "../../server/admin/api-resolve.ts";
import { resolution } from "../../server/admin/resolve-view.ts";
import { complaint, type Flags, readFlags } from "../../server/flags.ts";
import { parseListenerName } from "../../snapshots/names.ts";
import { ASKED_FLAGS, ASKED_HELP, type Asked, answerOf, askedOf } from "../asked.ts";
import type { Host, Output } from "../command.ts";
import { explained, unexplained } from "../explain.ts";
import { problemLine, publishedOf, readManifests } from "../translate.ts";
import { VIEWER_FLAGS, VIEWER_HELP, type Viewer, viewerOf } from "../viewer.ts";

export const help = `Usage: evenkeel explain NAME [flags]

Tells who serves the clients of a place and why: the priority and weight of each zone with its reason, what stays in their
own zone, and each endpoint that is left out. NAME is what they dial, such as greeter.default:8080.

${VIEWER_HELP}
${ASKED_HELP}

Exit code 1: there is no such name, or nobody to ask; standard error says what.
`;

const FLAGS = { ...VIEWER_FLAGS, ...ASKED_FLAGS } as const;

/** A Service, and its port as it was written, if it was. */
interface Target {
  readonly namespace: string;
  readonly name: string;
  readonly port?: string;
}

interface Question {
  readonly target: Target;
  readonly viewer: Viewer;
  readonly asked: Asked;
}

/** What is to be explained, or what is wrong with its name. */
function targetOf(name: string | undefined): Target | string {
  if (name === undefined) return "NAME must be given";
  const parsed = parseListenerName(name.replace(/^xds:\/\/\//, ""), "cluster.local");
  if (parsed?.kind !== "client") return `NAME must be service.namespace:port, not "${name}"`;
  const { namespace, service, port } = parsed;
  return { namespace, name: service, ...optionalPort(port) };
}

const optionalPort = (port: number | string | undefined): { readonly port?: string } =>
  port === undefined ? {} : { port: String(port) };

const isText = (value: unknown): value is string => typeof value === "string";

function questionOf(flags: Flags): Question | readonly string[] {
  const [name, ...rest] = flags.positionals;
  const parts = [targetOf(name), viewerOf(flags), askedOf(flags)] as const;
  const [target, viewer, asked] = parts;
  const problems = [...flags.problems, ...rest.map((word) => `unexpected argument "${word}"`), ...parts.filter(isText)];
  if (problems.length > 0 || isText(target) || isText(viewer) || isText(asked)) return problems;
  return { target, viewer, asked };
}

/** What to print: an explanation, or why there is none. */
interface Told {
  readonly isExplained: boolean;
  readonly text: string;
}

/** Says on the way which files could not be used. */
async function fromManifests(path: string, { target, viewer }: Question, stderr: Output): Promise<Told> {
  const read = await readManifests(path);
  if (read.kind === "unreadable") return { isExplained: false, text: `${path}: ${read.reason}` };
  for (const problem of read.contents.problems) stderr.write(problemLine(problem));
  const outcome = resolution(publishedOf(read.contents), target, { ...viewer, ...optionalPort(target.port) });
  return outcome.kind === "answer"
    ? { isExplained: true, text: explained(outcome.answer) }
    : { isExplained: false, text: unexplained(outcome.answer) };
}

async function fromServer(admin: string, { target, viewer }: Question): Promise<Told> {
  const { port, namespace, name } = target;
  const url = new URL(`/v1/services/${namespace}/${name}/resolve`, admin);
  url.search = new URLSearchParams({ ...viewer, ...optionalPort(port) }).toString();
  const said = await answerOf(admin, url);
  if (isText(said)) return { isExplained: false, text: said };
  return said.ok
    ? { isExplained: true, text: explained(said.answer as ResolveAnswer) }
    : { isExplained: false, text: unexplained(said.answer as ErrorAnswer) };
}

export async function run(args: readonly string[], { stdout, stderr }: Host): Promise<number> {
  const question = questionOf(readFlags(args, FLAGS));
  if (!("target" in question)) {
    stderr.write(complaint("explain", question));
    return 2;
  }
  const { asked } = question;
  const { isExplained, text } = await (asked.kind === "server"
    ? fromServer(asked.admin, question)
    : fromManifests(asked.path, question, stderr));
  if (isExplained) stdout.write(text);
  else stderr.write(`evenkeel explain: ${text}\n`);
  return isExplained ? 0 : 1;
}
