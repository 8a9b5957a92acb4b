import type { Printable } from "@bufbuild/protoplugin";

/** One line of generated code. */
export type Line = readonly Printable[];

/** A statement with a body, or nothing if the body is empty. */
export function block(head: Line, body: readonly Line[]): readonly Line[] {
  if (body.length === 0) return [];
  return [[...head, " {"], ...body.map((line) => ["  ", ...line]), ["}"]];
}
