import { expect, test } from "vitest";
import { type Change, POLICIES, type Policy, type Row, type Scenario } from "../balance/scenarios.ts";
import { PER_POD_PER_SECOND, simulate } from "./simulate.ts";

const size = { pods: 60, clients: 240, seconds: 5 };

const run = (policy: Policy, more: Partial<Scenario> = {}, seed = 1): Row =>
  simulate({ scenario: { name: "test", heavy: 1, slow: 1, ...more }, policy, size, seed });

const during = (policy: Policy, change: Change): Row => run(policy, { change });

test("the same seed gives the same figures, another one others", () => {
  expect(run("evenkeel", {}, 7)).toEqual(run("evenkeel", {}, 7));
  expect(run("evenkeel", {}, 7).p99Ms).not.toBe(run("evenkeel", {}, 8).p99Ms);
});

test.each(POLICIES)("while nothing changes, no request of %s fails and all are counted", (policy) => {
  const { failed, requests } = run(policy);
  expect(failed).toBe(0);
  expect(requests / (size.pods * size.seconds * PER_POD_PER_SECOND)).toBeCloseTo(1, 1);
});

test("evenkeel keeps as many requests in their zone as evenness allows", () => {
  const { localShare, bound, maxOverAverage } = run("evenkeel", { heavy: 5 });
  expect(bound).toBeCloseTo(2 / 3, 2);
  expect(localShare).toBeCloseTo(bound, 1);
  expect(maxOverAverage).toBeLessThan(1.25);
});

test("who prefers the own zone whatever its load overloads one with five times the demand", () => {
  const { localShare, maxOverAverage, p99Ms } = run("own zone first", { heavy: 5 });
  expect(localShare).toBe(1);
  expect(maxOverAverage).toBeGreaterThan(2.5);
  expect(p99Ms).toBeGreaterThan(2 * run("evenkeel", { heavy: 5 }).p99Ms);
});

test("when a zone is lost, requests that were there fail, and later ones go elsewhere", () => {
  const { failed, requests, localShare } = during("evenkeel", "zone lost");
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(size.pods);
  expect(requests / (size.pods * size.seconds * PER_POD_PER_SECOND)).toBeCloseTo(1, 1);
  expect(localShare).toBeCloseTo(5 / 6, 1);
});

test("a rolling deploy fails no request and ends even with evenkeel; connections are left on few pods", () => {
  const evenkeel = during("evenkeel", "rolling deploy");
  expect([evenkeel.failed, evenkeel.localShare]).toEqual([0, 1]);
  expect(during("plain connections", "rolling deploy").maxOverAverage).toBeGreaterThan(1.5 * evenkeel.maxOverAverage);
});

test("those who ask DNS do not learn of new pods while they lose none; evenkeel's clients do", () => {
  expect(during("DNS round robin", "scale up").maxOverAverage).toBeGreaterThan(1.5);
  expect(during("evenkeel", "scale up").maxOverAverage).toBeLessThan(1.25);
});

test("a slow pod makes round robin wait for it", () => {
  expect(run("evenkeel", { slow: 2.5 }).p99Ms).toBeGreaterThan(1.2 * run("evenkeel").p99Ms);
});
