import { Histogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import { hotCounter, hotHistogram } from "./hot-metrics.ts";
import { createMetrics } from "./metrics.ts";

test("a hot histogram reads as prom-client's own does", async () => {
  const bounds = [0.1, 1, 10];
  const theirs = new Histogram({ name: "h", help: "help", labelNames: ["type"], buckets: bounds, registers: [] });
  const ours = hotHistogram("h", "help", "type", bounds);
  for (const value of [0, 0.1, 0.11, 5, 10, 11, 1000]) {
    theirs.labels("a").observe(value);
    ours.labels("a").observe(value);
  }
  const text = async (metric: unknown): Promise<string> => {
    const registry = new Registry();
    registry.registerMetric(metric as Histogram);
    return registry.metrics();
  };
  expect(await text(ours)).toBe(await text(theirs));
});

test("a hot counter counts by label, and the same label is the same count", async () => {
  const counter = hotCounter("c", "help", "type");
  counter.labels("a").inc();
  counter.labels("a").inc(2);
  counter.labels("b").inc();
  expect((await counter.get()).values.map(({ value, labels }) => [labels.type, value])).toEqual([
    ["a", 3],
    ["b", 1],
  ]);
});

test("hot metrics are scraped with the others", async () => {
  const metrics = createMetrics();
  metrics.pushes.labels("assignment").inc();
  expect(await metrics.registry.metrics()).toContain('evenkeel_pushes_total{type="assignment"} 1');
});
