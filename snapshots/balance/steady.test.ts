import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyCapacity, anyStreams } from "../../e2e/harness/arbitraries.ts";
import { balance, type Rule } from "./balance.ts";
import type { Demand } from "./demand.ts";
import { type HeldDemand, neverHeld, steady } from "./steady.ts";
import { zoneKey } from "./zone.ts";

const zone = (name: string) => ({ region: "eu", zone: name });
const capacity = ["a", "b", "c"].map((name) => ({ zone: zone(name), count: 4 }));
const streams = (a: number, b = 0, c = 0) =>
  new Map(Object.entries({ a, b, c }).flatMap(([name, count]) => (count > 0 ? [[zoneKey(zone(name)), count]] : [])));
const clients = (counted: ReadonlyMap<string, number>): Demand => ({ kind: "clients", streams: counted });
const rule: Rule = { tolerance: 0, minZoneEndpoints: 1 };
const look = (held: HeldDemand, now: number, counted: ReadonlyMap<string, number>) =>
  steady({ held, demand: clients(counted), capacity, rule, now });

test("the first streams that move a weight act at once", () => {
  expect(look(neverHeld, 5, streams(1)).held).toEqual({ streams: streams(1), since: 5 });
});

test("streams that move no weight by three percentage points change nothing, however long they stay", () => {
  const held = { streams: streams(1000, 1000, 1000), since: 0 };
  const next = look(held, 1e9, streams(1010, 1000, 990));
  expect(next.held).toBe(held);
  expect(next.waitUntil).toBeUndefined();
});

describe("a second change within ten seconds", () => {
  const held = { streams: streams(1), since: 1000 };
  test("waits for their end, and changes nothing until then", () => {
    const next = look(held, 10_999, streams(100));
    expect(next).toEqual({ held, flow: balance(capacity, clients(held.streams), rule), waitUntil: 11_000 });
    expect(next.held).toBe(held);
  });
  test("acts when they are over", () => {
    const next = look(held, 11_000, streams(100));
    expect(next.held).toEqual({ streams: streams(100), since: 11_000 });
    expect(next.waitUntil).toBeUndefined();
  });
  test("need not wait when it is taken back", () => {
    expect(look(held, 2000, streams(1))).toEqual({ held, flow: balance(capacity, clients(held.streams), rule) });
  });
});

test("a change of capacity acts at once, on the demand that is held", () => {
  const held = { streams: streams(100), since: 1000 };
  const smaller = capacity.slice(0, 2);
  const next = steady({ held, demand: clients(streams(100, 100)), capacity: smaller, rule, now: 1001 });
  expect(next.flow).toEqual(balance(smaller, clients(held.streams), rule));
  expect(next.waitUntil).toBe(11_000);
});

test("another rule acts at once, on the demand that is held", () => {
  const held = { streams: streams(100), since: 1000 };
  const tolerant = { ...rule, tolerance: 0.5 };
  const next = steady({ held, demand: clients(streams(100)), capacity, rule: tolerant, now: 1001 });
  expect(next).toEqual({ held, flow: balance(capacity, clients(held.streams), tolerant) });
});

test("static demand acts at once, whatever streams were held", () => {
  const held = { streams: streams(100), since: 1000 };
  const demand: Demand = { kind: "static", parts: [{ zone: zone("b"), part: 1 }] };
  expect(steady({ held, demand, capacity, rule, now: 1001 })).toEqual({ held, flow: balance(capacity, demand, rule) });
});

test("weights that only zones without streams would see are not acted upon", () => {
  const held = { streams: streams(100, 100, 100), since: 0 };
  expect(look(held, 1e9, new Map()).held).toBe(held);
});

test("5,000 streams that leave and come back within ten seconds are at most two changes", () => {
  let held: HeldDemand = neverHeld;
  const kept = new Set<HeldDemand>();
  const counts = Array.from({ length: 10_000 }, (_, i) => (i < 5000 ? 5000 - i : i - 5000));
  for (const [i, count] of counts.entries()) {
    held = look(held, i * 0.9, streams(count, 2000)).held;
    kept.add(held);
  }
  expect(kept.size).toBeLessThanOrEqual(2);
});

test("what is held changes at most once in ten seconds, and is never long behind", () => {
  const walks = fc.array(fc.tuple(anyStreams, fc.nat(8000)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(walks, anyCapacity, (walk, anyOrder) => {
      let held: HeldDemand = neverHeld;
      let now = 0;
      const changes: number[] = [];
      for (const [counted, pause] of walk) {
        now += pause;
        const next = steady({ held, demand: clients(counted), capacity: anyOrder, rule, now });
        if (next.held !== held) changes.push(now);
        const end = steady({
          held: next.held,
          demand: clients(counted),
          capacity: anyOrder,
          rule,
          now: next.waitUntil ?? now,
        });
        expect(end.waitUntil).toBeUndefined();
        held = next.held;
      }
      const gaps = changes.slice(1).map((time, i) => time - (changes[i] ?? 0));
      expect(Math.min(10_000, ...gaps)).toBe(10_000);
    }),
    { numRuns: 2_000 },
  );
});
