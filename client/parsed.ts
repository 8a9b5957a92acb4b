/** A value, or everything that is wrong with what should have given it. */
export type Parsed<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "bad"; readonly problems: readonly string[] };

export const ok = <T>(value: T): Parsed<T> => ({ kind: "ok", value });
export const bad = (...problems: readonly string[]): Parsed<never> => ({ kind: "bad", problems });

/** All values, or all problems. */
export function all<T>(parts: readonly Parsed<T>[]): Parsed<readonly T[]> {
  const problems = parts.flatMap((part) => (part.kind === "bad" ? part.problems : []));
  if (problems.length > 0) return bad(...problems);
  return ok(parts.flatMap((part) => (part.kind === "ok" ? [part.value] : [])));
}
