/** What docs/operations.md and deploy/alerts.yaml say, held against the metrics of the server and the tests of the suite. */
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createMetrics } from "../server/metrics.ts";

const operations = readFileSync("docs/operations.md", "utf8");
const alerts = readFileSync("deploy/alerts.yaml", "utf8");
const exported = await createMetrics().registry.getMetricsAsJSON();
const names = exported.map(({ name }) => name);
const series = exported.flatMap(({ name, type }) =>
  String(type) === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
);
const namedIn = (text: string): readonly string[] => [...new Set(text.match(/\bevenkeel_\w+/g) ?? [])];

test("the table of metrics has each that is exported, and no other", () => {
  const listed = [...operations.matchAll(/^\| `(evenkeel_\w+)`/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(names.toSorted());
});

test("every metric that the document names is exported", () => {
  expect(namedIn(operations).filter((name) => !names.includes(name))).toEqual([]);
});

test("every alert is about metrics that are exported", () => {
  const expressions = [...alerts.matchAll(/expr: (?:\|\n((?: {10,}.*\n)+)|(.*)\n)/g)].map(
    ([, block, line]) => block ?? line ?? "",
  );
  expect(expressions).toHaveLength(alerts.match(/- alert:/g)?.length ?? 0);
  expect(expressions.filter((expression) => namedIn(expression).length === 0)).toEqual([]);
  expect(expressions.flatMap(namedIn).filter((name) => !series.includes(name))).toEqual([]);
  expect(namedIn(alerts).filter((name) => ![...names, ...series].includes(name))).toEqual([]);
});

test("the document has each alert, with what to do", () => {
  const written = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const listed = [...operations.matchAll(/^\| `(Evenkeel\w+)`/gm)].map(([, name]) => name);
  expect(listed).toEqual(written);
});

test("each row of the failure matrix names a test of the Kubernetes suite", () => {
  const [, matrix = ""] = operations.split("## What fails, and what clients see");
  const rows = [...matrix.matchAll(/^\| (?!what fails|-)(.+) \|$/gm)].map(([, row = ""]) =>
    row.split(" | ").at(-1)?.trim(),
  );
  const tests = globSync("e2e/kubernetes/*.test.ts").map((file) => readFileSync(file, "utf8"));
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((title) => !tests.some((text) => text.includes(`"${title}",`)))).toEqual([]);
});
