import { existsSync, readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { expect, test } from "vitest";

const ROOTS = /^(proto|gen|snapshots|server|cli|client|e2e|bench|scripts|examples|docs|deploy)\//;

/** Paths in backquotes or links that claim to be in this repository. Those with a placeholder are left out. */
const pathsNamed = (text: string): string[] =>
  [...text.matchAll(/`([^`\s]+)`|\]\(([^)\s#]+)/g)]
    .map((match) => match[1] ?? match[2] ?? "")
    .filter((path) => ROOTS.test(path) && !/[<>*{}]/.test(path));

const docs = [...(await Array.fromAsync(glob("docs/**/*.md"))), ...["README.md", "CONTRIBUTING.md"].filter(existsSync)];

test.each(docs)("every path named in %s exists", (doc) => {
  const missing = pathsNamed(readFileSync(doc, "utf8")).filter((path) => !existsSync(path.replace(/:\d+$/, "")));
  expect(missing).toEqual([]);
});
