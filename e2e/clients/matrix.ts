import path from "node:path";
import { CLIENTS, type ClientName, clientOf } from "./clients.ts";
import { SCENARIO_IDS, SCENARIOS, type ScenarioId } from "./list.ts";

/** What was seen, by scenario and client. */
export type Cells = ReadonlyMap<string, string>;

/** As much as is read of what Vitest reports of the suites. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly meta: { readonly shown?: string };
    }[];
  }[];
}

export const CLIENT_NAMES = Object.keys(CLIENTS) as readonly ClientName[];

export const keyOf = (scenario: string, client: string): string => `${scenario} ${client}`;

const idOf = (title: string): ScenarioId | undefined => SCENARIO_IDS.find((id) => SCENARIOS[id].title === title);

/** What the page says. */
export function cellsOfPage(page: string): Cells {
  const rows = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const [, , ...clients] = rows.find(([, title]) => title === "scenario") ?? [];
  return new Map(
    rows.flatMap(([, title = "", ...cells]) => {
      const id = idOf(title);
      return id === undefined ? [] : cells.map((cell, i): [string, string] => [keyOf(id, clients[i] ?? ""), cell]);
    }),
  );
}

/** What a run has shown; the file of a suite has the name of its client. */
export const cellsOfReport = ({ testResults }: Report): Cells =>
  new Map(
    testResults
      .flatMap(({ name, assertionResults }) => assertionResults.map((result) => ({ file: name, ...result })))
      .filter(({ status }) => status === "passed" || status === "failed")
      .map(({ file, title, status, meta }) => {
        const client = path.basename(file, ".test.ts");
        return [keyOf(idOf(title) ?? "", client), status === "passed" ? (meta.shown ?? "") : "**failed**"];
      }),
  );

const row = (words: readonly string[]): string => `| ${words.join(" | ")} |`;

function cellIn(cells: Cells, id: ScenarioId, client: ClientName): string {
  const reason = clientOf(client).without[id];
  return reason === undefined ? (cells.get(keyOf(id, client)) ?? "") : `not supported: ${reason}`;
}

/** The whole of docs/clients.md. */
export const pageOf = (cells: Cells): string =>
  [
    "# What real clients do",
    "",
    "Written by `npm run e2e:clients`; do not edit. Every client has a small program in `e2e/clients/programs/`, by the contract of",
    "`e2e/clients/README.md`, and is put through the same scenarios under steady traffic: requests failed are counted in each, and each ends with",
    "the assertions that the client has rejected nothing that it was sent, and that its process neither crashed nor hung.",
    "",
    "- **0 of N failed** is what every scenario asks for in which no pod is killed without notice.",
    "- **Times** are taken where requests arrive, not in the client, but for the first answer of 3,000 endpoints. What is beyond its aim on a machine where other programs were busy meanwhile is",
    "  recorded and marked; on one without, it fails the run, but in CI; of a client that is said to be slow by itself, from twice the aim on. Compare",
    "  figures of one run, not of two machines.",
    "- **not supported** before what was seen: the client is known not to do it (docs/policies.md), and was shown not to.",
    "",
    ...CLIENT_NAMES.map((name) => `- \`${name}\`: ${clientOf(name).title}`),
    "",
    row(["scenario", ...CLIENT_NAMES]),
    row(["---", ...CLIENT_NAMES.map(() => "---")]),
    ...SCENARIO_IDS.map((id) => row([SCENARIOS[id].title, ...CLIENT_NAMES.map((client) => cellIn(cells, id, client))])),
    "",
  ].join("\n");
