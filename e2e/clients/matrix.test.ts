import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SCENARIO_IDS, SCENARIOS } from "./list.ts";
import { CLIENT_NAMES, cellsOfPage, cellsOfReport, keyOf, pageOf } from "./matrix.ts";

const page = readFileSync("docs/clients.md", "utf8");

test("docs/clients.md has a row for every scenario and a column for every client, as the command writes them", () => {
  expect(pageOf(cellsOfPage(page))).toBe(page);
});

test("docs/clients.md says of every client what it did in every scenario, and nothing failed", () => {
  const cells = cellsOfPage(page);
  const keys = SCENARIO_IDS.flatMap((id) => CLIENT_NAMES.map((client) => keyOf(id, client)));
  expect(keys.filter((key) => ["", undefined, "**failed**"].includes(cells.get(key)))).toEqual([]);
});

test("every client has a program and a suite, and every program is a client", () => {
  expect(readdirSync("e2e/clients/programs").toSorted()).toEqual(CLIENT_NAMES.toSorted());
  expect(CLIENT_NAMES.filter((name) => !existsSync(`e2e/clients/suites/${name}.test.ts`))).toEqual([]);
});

test("no two scenarios have the same title, by which the page finds them", () => {
  expect(new Set(SCENARIO_IDS.map((id) => SCENARIOS[id].title)).size).toBe(SCENARIO_IDS.length);
});

test("a run replaces what it has shown, and leaves the rest of the page", () => {
  const title = SCENARIOS.ipv6.title;
  const told = { title, status: "passed", meta: { shown: "new" } };
  const report = { testResults: [{ name: "/somewhere/suites/go.test.ts", assertionResults: [told] }] };
  const old = new Map([keyOf("ipv6", "go"), keyOf("ipv6", "node")].map((key) => [key, "old"]));
  const cells = cellsOfPage(pageOf(new Map([...old, ...cellsOfReport(report)])));
  expect([cells.get(keyOf("ipv6", "go")), cells.get(keyOf("ipv6", "node"))]).toEqual(["new", "old"]);
});
