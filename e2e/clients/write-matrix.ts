/** Writes docs/clients.md from the report of the last run of the suites. What that run left out stays as the page has it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cellsOfPage, cellsOfReport, pageOf, type Report } from "./matrix.ts";

const PAGE = "docs/clients.md";
const REPORT = ".cache/test-results/clients.json";

const before = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
const report = JSON.parse(readFileSync(REPORT, "utf8")) as Report;
writeFileSync(PAGE, pageOf(new Map([...cellsOfPage(before), ...cellsOfReport(report)])));
