import { expect, test } from "vitest";
import { summaryOf } from "./summary.ts";

test("latencies of all processes count alike, their time runs side by side, their CPU adds up", () => {
  const upTo = (n: number, from = 1): readonly number[] => Array.from({ length: n }, (_, i) => from + i);
  const summary = summaryOf([
    { timesMs: upTo(500, 501).toReversed(), seconds: 10, cpuSeconds: 2 },
    { timesMs: upTo(500), seconds: 9, cpuSeconds: 3 },
  ]);
  expect(summary).toEqual({ p50Ms: 501, p99Ms: 991, p999Ms: 1000, perSecond: 100, perCpuSecond: 200 });
});
