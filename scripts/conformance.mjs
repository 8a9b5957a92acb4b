// Writes docs/conformance.md from the titles of the tests that ran: each begins with the requirement ids that it proves.
// Ends with 1 when a requirement has neither a passed test nor a place on the list of what later issues bring.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const RANGES = { S: 41, D: 21, B: 22, E: 27 };
const TITLES = {
  S: "State of the world",
  D: "Delta",
  B: "Both variants",
  E: "Server engineering",
};
const LATER = new Map(
  Object.entries({
    B9: "TTL of resources",
    D14: "TTL of resources",
    B10: "`resource_errors`",
    B11: "federation (xdstp names)",
    E9: "with the Kubernetes source",
    E19: "with TLS",
    E20: "with TLS and tokens",
    E21: "with TLS",
    E22: "CSDS",
    E24: "convergence per change",
  }),
);

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const report = JSON.parse(readFileSync(".cache/test-results/node.json", "utf8"));
const proofs = new Map();
for (const { name: file, assertionResults } of report.testResults) {
  for (const { title, status } of assertionResults) {
    const [, ids] = /^((?:[SDBE]\d+,? )*[SDBE]\d+): /.exec(title) ?? [];
    if (ids === undefined || status !== "passed") continue;
    const sentence = title.slice(ids.length + 2);
    for (const id of ids.split(/,? /))
      proofs.set(id, [...(proofs.get(id) ?? []), `${sentence} (\`${path.relative(".", file)}\`)`]);
  }
}

const lines = [
  "# Conformance",
  "",
  "Written by `npm run conformance` from the test run; do not edit. The ids are those of the wire requirements: S state of the world,",
  "D delta, B both, E server engineering. Each line names the tests that passed, or what a later version brings.",
];
const missing = [];
for (const [letter, count] of Object.entries(RANGES)) {
  lines.push("", `## ${letter}: ${TITLES[letter]}`, "", "| id | proven by |", "|---|---|");
  for (let number = 1; number <= count; number += 1) {
    const id = `${letter}${number}`;
    const tests = (proofs.get(id) ?? []).toSorted(compare);
    const later = LATER.get(id);
    if (tests.length === 0 && later === undefined) missing.push(id);
    const cell =
      tests.length > 0
        ? tests.map((test) => test.replaceAll("|", "\\|")).join("<br>")
        : `later: ${later ?? "**nothing yet**"}`;
    lines.push(`| ${id} | ${cell} |`);
  }
}
writeFileSync("docs/conformance.md", `${lines.join("\n")}\n`);
if (missing.length > 0) {
  console.error(`no test names ${missing.join(", ")}`);
  process.exit(1);
}
