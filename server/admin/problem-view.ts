import { digest } from "../../snapshots/resources/version.ts";
import type { Published } from "../current.ts";
import type { ProblemsAnswer, ProblemsQuery } from "./api.ts";
import { pageOf } from "./page.ts";
import { found, type Outcome, type ServedWorld } from "./route.ts";
import { optional } from "./shown.ts";

type Shown = ProblemsAnswer["problems"][number];

/** What is wrong in all objects and files, with who found it. */
export function* allProblems({ snapshot, sourceProblems }: Published): Generator<Shown> {
  for (const problems of snapshot.problems.values()) {
    for (const problem of problems) yield { ...problem, source: "snapshot" };
  }
  for (const [source, problems] of sourceProblems) for (const problem of problems) yield { ...problem, source };
}

/** Of `Service default/greeter` it is `default`; a file has none. */
const namespaceOf = ({ object }: Shown): string | undefined => /^[A-Z][A-Za-z]* ([^/ ]+)\/[^/ ]+$/.exec(object)?.[1];

/** Messages are too long for a key. */
const keyOf = ({ object, code, message, source }: Shown): string => `${object} ${code} ${digest(message + source)}`;

export function problemList({ published }: ServedWorld, query: ProblemsQuery): Outcome<ProblemsAnswer> {
  const { code, namespace } = query;
  const wanted = [...allProblems(published)].filter(
    (problem) =>
      (code === undefined || problem.code === code) && (namespace === undefined || namespaceOf(problem) === namespace),
  );
  const { total, items, next } = pageOf(wanted, keyOf, query);
  return found({ total, ...optional("next", next), problems: [...items] });
}
