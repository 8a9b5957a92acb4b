/** What docs/connect shows of a client stands in the program that runs against evenkeel. */
import { globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const pages = globSync("docs/connect/*.md").toSorted();

/** Lines of the code of a page, however far they are indented. */
const shownIn = (page: string): readonly string[] =>
  [...readFileSync(page, "utf8").matchAll(/```\w+\n([\s\S]*?)```/g)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "");

const sourceOf = (program: string): string =>
  globSync(`e2e/clients/programs/${program}/**/*`)
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

test("there are pages, and each shows something", () => {
  expect(pages.length).toBeGreaterThan(0);
  expect(pages.filter((page) => shownIn(page).length === 0)).toEqual([]);
});

test.each(pages)("every line that %s shows is in the program of that name", (page) => {
  const source = sourceOf(path.basename(page, ".md"));
  expect(shownIn(page).filter((line) => !source.includes(line))).toEqual([]);
});
