/**
 * Writes docs/clients.md from the report of the last run of `npm run e2e:clients`. What that run left out stays as the page has it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CLIENTS, type ClientName, clientOf } from "./clients.ts";
import { SCENARIO_IDS, SCENARIOS, type ScenarioId } from "./list.ts";

const PAGE = "docs/clients.md";
const REPORT = ".cache/test-results/clients.json";

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly meta: { readonly shown?: string };
    }[];
  }[];
}

const CLIENT_NAMES = Object.keys(CLIENTS) as readonly ClientName[];
const keyOf = (scenario: string, client: string): string => `${scenario} ${client}`;

/** The cells of a table whose rows begin with a title. */
function cellsOf(page: string): ReadonlyMap<string, string> {
  const ids = new Map(SCENARIO_IDS.map((id): [string, ScenarioId] => [SCENARIOS[id].title, id]));
  const rows = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const [, , ...clients] = rows.find(([, title]) => title === "scenario") ?? [];
  return new Map(
    rows.flatMap(([, title = "", ...cells]) => {
      const id = ids.get(title);
      return id === undefined ? [] : cells.map((cell, i): [string, string] => [keyOf(id, clients[i] ?? ""), cell]);
    }),
  );
}

/** What the last run has shown. */
const shownIn = ({ testResults }: Report): ReadonlyMap<string, string> =>
  new Map(
    testResults
      .flatMap(({ name, assertionResults }) => assertionResults.map((result) => ({ file: name, ...result })))
      .filter(({ status }) => status === "passed" || status === "failed")
      .map(({ file, title, status, meta }) => {
        const client = path.basename(file, ".test.ts");
        const scenario = SCENARIO_IDS.find((id) => SCENARIOS[id].title === title) ?? "";
        return [keyOf(scenario, client), status === "passed" ? (meta.shown ?? "") : "**failed**"];
      }),
  );

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

const cells = new Map([...cellsOf(textOf(PAGE)), ...shownIn(JSON.parse(readFileSync(REPORT, "utf8")) as Report)]);
const cell = (id: ScenarioId, client: ClientName): string => {
  const reason = clientOf(client).without[id];
  return reason === undefined ? (cells.get(keyOf(id, client)) ?? "") : `not supported: ${reason}`;
};
const row = (words: readonly string[]): string => `| ${words.join(" | ")} |`;

const page = [
  "# What real clients do",
  "",
  "Written by `npm run e2e:clients`; do not edit. It builds a small program for each client, and puts it through every scenario under steady",
  "traffic.",
  "",
  row(["scenario", ...CLIENT_NAMES]),
  row(["---", ...CLIENT_NAMES.map(() => "---")]),
  ...SCENARIO_IDS.map((id) => row([SCENARIOS[id].title, ...CLIENT_NAMES.map((client) => cell(id, client))])),
];
writeFileSync(PAGE, `${page.join("\n")}\n`);
