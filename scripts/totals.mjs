// Adds up the JSON reports of all suites and prints `N passed, N failed`; a suite without a single test is a failure.
import { readdirSync, readFileSync } from "node:fs";

const folder = process.argv[2];
const reports = readdirSync(folder).filter((file) => file.endsWith(".json"));
let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of reports) {
  const report = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
  if (report.numPassedTests === 0) throw new Error(`${file}: no test ran`);
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests;
}
if (reports.length === 0) throw new Error(`no report in ${folder}`);
if (skipped > 0) console.log(`${skipped} skipped, and in CI nothing may be: counted as failed`);
console.log(`${passed} passed, ${failed + skipped} failed`);
process.exit(failed + skipped > 0 ? 1 : 0);
