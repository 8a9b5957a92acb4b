import { expect, test } from "vitest";
import { isBroken, verdict } from "../figure.ts";
import { figuresOf, tableFor } from "./findings.ts";
import { EVEN, HEAVY, LOST, type Policy, type Row, type Scenario } from "./scenarios.ts";

const row = ({ name }: Scenario, more: Partial<Row> = {}, policy: Policy = "evenkeel"): Row => ({
  scenario: name,
  policy,
  requests: 100,
  failed: 0,
  p99Ms: 5,
  maxOverAverage: 1,
  localShare: 1,
  bound: 1,
  ...more,
});

const verdicts = (...rows: readonly Row[]) => figuresOf("real", rows).figures.map(verdict);

test("a request that fails with evenkeel is broken, but where a zone was lost, and whatever others do", () => {
  const broken = (one: Row): boolean => figuresOf("real", [one]).figures.some(isBroken);
  expect(broken(row(EVEN, { failed: 1 }))).toBe(true);
  expect(broken(row(LOST, { failed: 1 }))).toBe(false);
  expect(broken(row(EVEN, { failed: 1 }, "DNS round robin"))).toBe(false);
});

test("a share in the own zone is as wrong above the bound as below", () => {
  expect(verdicts(row(HEAVY, { localShare: 0.64, bound: 0.667 }))).toContain("miss");
  expect(verdicts(row(HEAVY, { localShare: 0.694, bound: 0.667 }))).toContain("miss");
  expect(verdicts(row(HEAVY, { localShare: 0.68, bound: 0.667 }))).not.toContain("miss");
});

test("demand that is uneven may make pods a little less even", () => {
  expect(verdicts(row(EVEN, { maxOverAverage: 1.07 }))).toContain("miss");
  expect(verdicts(row(HEAVY, { maxOverAverage: 1.07 }))).not.toContain("miss");
});

test("where nothing was answered, the table says so", () => {
  const nothing = { maxOverAverage: Number.NaN, localShare: Number.NaN, bound: Number.NaN };
  expect(tableFor([row(EVEN, nothing)]).rows).toEqual([[EVEN.name, "evenkeel", "0", "-", "- %", "- %", "-", "5.0 ms"]]);
});
