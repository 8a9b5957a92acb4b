import { readFile } from "node:fs/promises";
import type { ErrorAnswer } from "../../server/admin/api.ts";
import type { SimulateAnswer } from "../../server/admin/api-simulate.ts";
import { simulation } from "../../server/admin/simulate-view.ts";
import { complaint, type Flags, readFlags } from "../../server/flags.ts";
import { readValues } from "../../server/sources/manifests/parse.ts";
import { readObject } from "../../server/sources/object.ts";
import { NOBODY } from "../../snapshots/simulate/pushes.ts";
import { ASKED_FLAGS, ASKED_HELP, type Asked, answerOf, askedOf } from "../asked.ts";
import type { Host, Output } from "../command.ts";
import { notSimulated, simulated } from "../simulate.ts";
import { problemLine, publishedOf, readManifests } from "../translate.ts";
import { type Body, bodyOfFile, bodyOfFlags, merged, WHAT_IF_FLAGS } from "../what-if.ts";

export const help = `Usage: evenkeel simulate [-f FILE] [flags]

Tells who would serve whom if something were otherwise, beside how it is now: from zone to zone, the load of endpoints, what
leaves its zone, and how many clients would be sent something. Nothing changes.

  -f FILE                  YAML or JSON: Kubernetes objects to add or change, and one document without a kind such as
                           {zonesGone: [c], scale: [{service: default/greeter, zone: b, to: 10}], clients: {a: 50, b: 10}}
  --zone-gone ZONE         its endpoints and clients are gone; any number of times
  --scale SERVICE:ZONE=N   NAMESPACE/NAME has N ready endpoints in that zone; any number of times
  --clients ZONE=N,ZONE=N  that many streams in each zone, in the place of those that are connected
  --service SERVICE        look at NAMESPACE/NAME alone, and at what is scaled; any number of times
${ASKED_HELP}
  --json                   print what POST /v1/simulate answers

ZONE is a zone or region/zone.

Exit code 1: it cannot be imagined, or there is nobody to ask; standard error says what.
`;

const FLAGS = { ...WHAT_IF_FLAGS, ...ASKED_FLAGS, json: "switch" } as const;

interface Question {
  readonly body: Body;
  readonly asked: Asked;
}

/** An answer; or, as a text, why there is none. */
type Told = SimulateAnswer | string;

async function fileBody(path: string | undefined): Promise<Body | string> {
  if (path === undefined) return {};
  try {
    const values = readValues(await readFile(path, "utf8"), path);
    return "code" in values ? `${values.object}: ${values.message}` : bodyOfFile(values);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Says on the way which files could not be used. */
async function fromManifests(path: string, { body }: Question, stderr: Output): Promise<Told> {
  const read = await readManifests(path);
  if (read.kind === "unreadable") return `${path}: ${read.reason}`;
  for (const problem of read.contents.problems) stderr.write(problemLine(problem));
  const published = publishedOf(read.contents);
  const outcome = simulation({ published, audience: NOBODY, now: 0, readObject, defaultMode: "weighted" }, body);
  return outcome.kind === "answer" ? outcome.answer : notSimulated(outcome.answer);
}

async function fromServer(admin: string, { body }: Question): Promise<Told> {
  const said = await answerOf(admin, new URL("/v1/simulate", admin), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (typeof said === "string") return said;
  return said.ok ? (said.answer as SimulateAnswer) : notSimulated(said.answer as ErrorAnswer);
}

const ask = (question: Question, stderr: Output): Promise<Told> =>
  question.asked.kind === "server"
    ? fromServer(question.asked.admin, question)
    : fromManifests(question.asked.path, question, stderr);

const isList = (value: Body | readonly string[]): value is readonly string[] => Array.isArray(value);

/** What flags ask, or all that is wrong with them. */
function questionOf(flags: Flags): Question | readonly string[] {
  const [asked, body] = [askedOf(flags), bodyOfFlags(flags)];
  const problems = [
    ...flags.problems,
    ...flags.positionals.map((word) => `unexpected argument "${word}"`),
    ...(typeof asked === "string" ? [asked] : []),
    ...(isList(body) ? body : []),
  ];
  if (problems.length > 0 || typeof asked === "string" || isList(body)) return problems;
  return { asked, body };
}

export async function run(args: readonly string[], { stdout, stderr }: Host): Promise<number> {
  const flags = readFlags(args, FLAGS);
  const question = questionOf(flags);
  if (!("asked" in question)) {
    stderr.write(complaint("simulate", question));
    return 2;
  }
  const { asked, body } = question;
  const file = await fileBody(flags.given.get("file")?.[0]);
  const told = typeof file === "string" ? file : await ask({ asked, body: merged(file, body) }, stderr);
  if (typeof told === "string") {
    stderr.write(`evenkeel simulate: ${told}\n`);
    return 1;
  }
  const isJson = flags.given.has("json");
  stdout.write(isJson ? `${JSON.stringify(told, undefined, 2)}\n` : simulated(told, asked.kind === "manifests"));
  return 0;
}
