import { connectivityState, Metadata, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { createLocalityPicker } from "./locality-picker.ts";
import { leastRequest } from "./pick/least-request.ts";
import { createOutstanding } from "./pick/outstanding.ts";
import { roundRobin } from "./pick/round-robin.ts";
import { seeded } from "./pick/seeded.fixture.ts";
import type { Strategy } from "./pick/strategy.ts";
import { createPod, type Pod } from "./pod.ts";

interface Plan {
  readonly pods: number;
  /** Of each pod, in ms. */
  readonly latencyMs?: (pod: number) => number;
  /** From 0 to 1. */
  readonly errors?: (pod: number, now: number) => number;
  /** When each joins, in ms; undefined is from the start. */
  readonly joins?: (pod: number) => number | undefined;
  readonly concurrency?: number;
  readonly durationMs?: number;
  readonly strategy?: Strategy;
  readonly errorHalfLifeMs?: number;
  readonly slowStartMs?: number;
}

interface Outcome {
  readonly at: number;
  readonly pod: number;
  readonly failed: boolean;
}

const subchannel = { getConnectivityState: () => connectivityState.READY, ref() {}, addConnectivityStateListener() {} };

/** The pods as the picker knows them, with a clock that is told what time it is. */
function pods(plan: Plan, clock: { now: number }): readonly Pod[] {
  const host = {
    createSubchannel: () => subchannel as never,
    outstanding: createOutstanding(() => undefined),
    errorHalfLifeMs: plan.errorHalfLifeMs ?? 0,
    now: () => clock.now,
    onState: () => undefined,
    onStarted: () => undefined,
    onEnded: () => undefined,
  };
  return Array.from({ length: plan.pods }, (_, i) => {
    const pod = createPod({ host: "10.0.0.1", port: i + 1, key: String(i) }, host);
    pod.connect();
    return pod;
  });
}

/** A fixed number of callers, each with one request on its way at any time, in virtual time. */
function simulate(plan: Plan): readonly Outcome[] {
  const { concurrency = 24, durationMs = 30_000, latencyMs = () => 10, errors = () => 0 } = plan;
  const { strategy = leastRequest(2), errorHalfLifeMs = 0, slowStartMs = 0, joins = () => undefined } = plan;
  const random = seeded(42);
  const clock = { now: 0 };
  const all = pods(plan, clock);
  const picker = createLocalityPicker(strategy(), { errorHalfLifeMs, slowStartMs }, random);
  const later: { at: number; act: () => void }[] = [];
  const schedule = (at: number, act: () => void): void => {
    const place = later.findIndex((other) => other.at > at);
    later.splice(place < 0 ? later.length : place, 0, { at, act });
  };
  for (const [i, pod] of all.entries()) {
    const join = joins(i);
    pod.since = join ?? Number.NEGATIVE_INFINITY;
    if (join === undefined) picker.add(pod);
    else schedule(join, () => picker.add(pod));
  }
  const outcomes: Outcome[] = [];
  const call = (): void => {
    const pod = picker.pick(clock.now);
    if (pod === undefined) throw new Error("there is no pod");
    const place = all.indexOf(pod);
    const failed = random() < errors(place, clock.now);
    pod.result?.onCallStarted?.();
    schedule(clock.now + latencyMs(place) * (0.5 + random()), () => {
      outcomes.push({ at: clock.now, pod: place, failed });
      pod.result?.onCallEnded?.(failed ? status.UNAVAILABLE : status.OK, "", new Metadata());
      call();
    });
  };
  for (let i = 0; i < concurrency; i += 1) call();
  for (let next = later.shift(); next !== undefined && next.at < durationMs; next = later.shift()) {
    clock.now = next.at;
    next.act();
  }
  return outcomes;
}

const failed = (outcomes: readonly Outcome[]): number =>
  outcomes.filter((each) => each.failed).length / outcomes.length;
const partOf = (outcomes: readonly Outcome[], pod: number): number =>
  outcomes.filter((each) => each.pod === pod).length / outcomes.length;
const between = (outcomes: readonly Outcome[], from: number, to: number): readonly Outcome[] =>
  outcomes.filter(({ at }) => at >= from && at < to);

test("among equal pods none gets 3 % more than the average of 60,000 requests", () => {
  const outcomes = simulate({ pods: 12, durationMs: 25_000 });
  const most = Math.max(...Array.from({ length: 12 }, (_, pod) => partOf(outcomes, pod)));
  expect(outcomes.length).toBeGreaterThan(50_000);
  expect(most * 12).toBeLessThanOrEqual(1.03);
});

test("a pod that is five times slower gets less than half of its round robin share", () => {
  const latencyMs = (pod: number): number => (pod === 0 ? 50 : 10);
  expect(partOf(simulate({ pods: 12, latencyMs }), 0)).toBeLessThan(0.5 / 12);
});

describe("with error bias", () => {
  const errors = (pod: number): number => (pod === 0 ? 0.3 : 0);
  const bias = { errorHalfLifeMs: 10_000 };

  test("one pod of 12 that fails 30 % costs at most a third of what it costs round robin, or without bias", () => {
    const plain = failed(simulate({ pods: 12, errors, strategy: roundRobin }));
    const without = failed(simulate({ pods: 12, errors }));
    const biased = failed(simulate({ pods: 12, errors, ...bias }));
    expect(Math.min(plain, without)).toBeGreaterThan(0.02);
    expect(biased).toBeLessThan(Math.min(plain, without) / 3);
  });

  test("that pod is still asked now and then, and once it has recovered it gets its share again", () => {
    const outcomes = simulate({
      pods: 12,
      errors: (pod, now) => (pod === 0 && now < 20_000 ? 0.9 : 0),
      durationMs: 120_000,
      ...bias,
    });
    const during = partOf(between(outcomes, 5000, 20_000), 0);
    expect(during).toBeGreaterThan(0);
    expect(during).toBeLessThan(0.2 / 12);
    expect(partOf(between(outcomes, 100_000, 120_000), 0)).toBeGreaterThan(0.8 / 12);
  });

  test("a pod that fails fast does not draw requests by being idle", () => {
    const latencyMs = (pod: number): number => (pod === 0 ? 1 : 20);
    const plan = { pods: 12, latencyMs, errors: (pod: number): number => (pod === 0 ? 1 : 0) };
    expect(partOf(simulate(plan), 0)).toBeGreaterThan(1.5 / 12);
    expect(partOf(simulate({ ...plan, ...bias }), 0)).toBeLessThan(0.5 / 12);
  });
});

test("with slow start a newcomer's share rises over the window; without, it has its share at once", () => {
  const joins = (pod: number): number | undefined => (pod === 0 ? 10_000 : undefined);
  const plan = { pods: 6, joins, durationMs: 30_000 };
  const share = (outcomes: readonly Outcome[], from: number): number =>
    partOf(between(outcomes, from, from + 2000), 0) * 6;
  const slow = simulate({ ...plan, slowStartMs: 10_000 });
  expect(share(slow, 10_000)).toBeLessThan(0.4);
  expect(share(slow, 14_000)).toBeLessThan(1);
  expect(share(slow, 14_000)).toBeGreaterThan(share(slow, 10_000));
  expect(share(slow, 24_000)).toBeGreaterThan(0.9);
  expect(share(simulate(plan), 10_000)).toBeGreaterThan(0.9);
});

test("a pick among 1,000 pods, some of them disfavoured, takes less than a microsecond", () => {
  const bias = { errorHalfLifeMs: 10_000, slowStartMs: 10_000 };
  const all = pods({ pods: 1000, ...bias }, { now: 0 });
  const picker = createLocalityPicker(leastRequest(2)(), bias, Math.random);
  for (const pod of all) picker.add(pod);
  for (const pod of all.slice(0, 100)) pod.result?.onCallEnded?.(status.UNAVAILABLE, "", new Metadata());
  const rounds = Array.from({ length: 10 }, () => {
    const started = performance.now();
    for (let i = 0; i < 50_000; i += 1) picker.pick(started);
    return (performance.now() - started) / 50_000;
  });
  expect(Math.min(...rounds) * 1000).toBeLessThan(1);
});
