import { expect, test } from "vitest";
import type { Kind } from "../traffic/callers.ts";
import { figuresOf, type Row } from "./findings.ts";

const row = (scenario: string, kind: Kind, more: Partial<Row>): Row => ({
  scenario,
  kind,
  failed: 0,
  settled: new Map([["a", { failed: 0, pods: { one: 90 } }]]),
  pods: new Map(),
  maxOverAverage: 1,
  mostInFlight: 1,
  p50Ms: 1,
  p99Ms: 1,
  p999Ms: 1,
  perSecond: 1,
  perCpuSecond: 1,
  ...more,
});

const figureOf = (rows: readonly Row[], what: string): number =>
  figuresOf(rows).find((figure) => figure.what.startsWith(what))?.value ?? Number.NaN;

test("our client is compared with round robin in the same scenario", () => {
  const slow = "one pod 5x slower";
  const rows = [row(slow, "round_robin", { p99Ms: 200 }), row(slow, "evenkeel-client", { p99Ms: 50 })];
  expect(figureOf([row("equal pods", "round_robin", { p99Ms: 1 }), ...rows], slow)).toBe(0.25);
});

test("error rates are of all requests, answered or failed", () => {
  const failing = "one pod fails 30 %";
  const rows = [row(failing, "round_robin", { failed: 30 }), row(failing, "evenkeel-client", { failed: 10 })];
  expect(figureOf(rows, failing)).toBeCloseTo(0.1 / 0.25);
});

test("twice as many requests per second of CPU are half the CPU for each", () => {
  const rows = [
    row("no work at all", "round_robin", { perCpuSecond: 1000 }),
    row("no work at all", "evenkeel-client", { perCpuSecond: 2000 }),
  ];
  expect(figureOf(rows, "no work at all")).toBe(0.5);
});
