import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { ZoneClass } from "../snapshots/balance/zone.ts";
import { CLIENT_KINDS, type Feature, type Support } from "../snapshots/resources/client-kind.ts";
import { kindText } from "./harness/golden.ts";

const FOLDER = path.join(import.meta.dirname, "testdata/kinds");
const step = { file: "objects.yaml", seconds: 0, text: readFileSync(path.join(FOLDER, "objects.yaml"), "utf8") };
const inZoneB: ZoneClass = { kind: "known", zone: { region: "eu", zone: "b" } };
const kinds = [...CLIENT_KINDS.keys()];

test.each(kinds)("what %s is sent is what was reviewed", async (kind) => {
  const text = kindText(kind, step, {}, inZoneB, "greeter.default:8080");
  await expect(text).toMatchFileSnapshot(path.join(FOLDER, `${kind}.yaml`));
});

test("no golden file is of a kind that is no more", () => {
  const files = readdirSync(FOLDER).filter((file) => file !== "objects.yaml");
  expect(files.toSorted()).toEqual(kinds.map((kind) => `${kind}.yaml`).toSorted());
});

const PAGE = readFileSync(path.join(import.meta.dirname, "../docs/policies.md"), "utf8");

/** The cells of the row of docs/policies.md that begins so, by column. */
function rowOf(beginning: string): ReadonlyMap<string, string> {
  const lines = PAGE.split("\n").filter((line) => line.startsWith("|"));
  const cells = (line = ""): readonly string[] => line.split("|").map((cell) => cell.trim());
  const columns = cells(lines.find((line) => line.includes("| Go ")));
  const row = cells(lines.find((line) => line.startsWith(`| \`${beginning}`) && cells(line).length === columns.length));
  return new Map(columns.map((column, i) => [column, row[i] ?? ""]));
}

const ROWS: Readonly<Record<Feature, string>> = {
  "two-choices": "lb: two_choices",
  "round-robin": "lb: round_robin",
  "ring-hash": "hash-header",
  timeout: "timeout",
  retry: "retry-on",
  "max-requests": "max-requests",
  "outlier-detection": "outlier-detection",
};

const COLUMNS = {
  "grpc-go": "Go",
  "grpc-java": "Java",
  "grpc-core": "C++, Python, Ruby, PHP",
  "grpc-node": "Node",
  evenkeel: "evenkeel-client",
  tonic: "tonic (alpha)",
  envoy: "Envoy",
  armeria: "Armeria",
} as const;

/** How docs/policies.md writes it. */
function written(support: Support): string {
  if ("instead" in support) return support.instead === "nothing" ? "–" : `– ${support.instead}`;
  if (support.since === "") return "yes";
  return support.before === "nothing" || support.before === undefined
    ? support.since
    : `${support.since}, ${support.before} before`;
}

test.each(Object.entries(COLUMNS))("docs/policies.md says of %s what the server goes by", (kind, column) => {
  const features = Object.entries(CLIENT_KINDS.get(kind as keyof typeof COLUMNS)?.features ?? {});
  const known = features.map(([feature, support]) => [feature, written(support)]);
  const said = features.map(([feature]) => [feature, rowOf(ROWS[feature as Feature]).get(column)]);
  expect(said).toEqual(known);
});
