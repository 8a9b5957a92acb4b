import { expect, test } from "vitest";
import { markdownTable, shown, tableOf, textTable, withFigures } from "./report.ts";

const table = tableOf<number>(
  [
    ["n", String],
    ["half", (n) => shown(n / 2, 1)],
  ],
  [1, Number.NaN],
);

test("a table says of each row what its columns say, and a dash for what could not be measured", () => {
  expect(textTable(table)).toBe("n    half\n1    0.5\nNaN  -");
  expect(markdownTable(table)).toBe("| n | half |\n| --- | --- |\n| 1 | 0.5 |\n| NaN | - |");
});

test("figures replace those of the same command, and nothing else of the page", () => {
  const block = (command: string, text: string): string =>
    `<!-- figures: written by npm run ${command} -- --write-docs -->\n${text}\n<!-- end of figures -->`;
  const page = `before\n${block("one", "old one")}\nbetween\n${block("two", "old two")}\nafter\n`;
  const written = withFigures(page, "two", "new two");
  expect(written).toContain(`before\n${block("one", "old one")}\nbetween\n`);
  expect(written).toContain("new two\n\n<!-- end of figures -->\nafter\n");
  expect(written).not.toContain("old two");
});

test("a page without a place for them is refused", () => {
  expect(() => withFigures("no place", "one", "figures")).toThrow("the page has no place for figures");
});
