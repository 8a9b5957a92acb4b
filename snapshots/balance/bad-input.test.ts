/** Input that nobody means, and what comes of it. */
import { describe, expect, test } from "vitest";
import { balance, type Rule } from "./balance.ts";
import type { ZoneCapacity } from "./capacity.ts";
import type { Demand } from "./demand.ts";
import type { Row } from "./flow.ts";
import { sharesOf, WHOLE } from "./shares.ts";
import { rowFor } from "./spill.ts";
import { tiersOf } from "./tiers.ts";
import { zoneKey } from "./zone.ts";

const zone = (name: string, region = "eu") => ({ region, zone: name });
const serving = (...counts: readonly (readonly [string, number])[]): readonly ZoneCapacity[] =>
  counts.map(([name, count]) => ({ zone: zone(name), count }));
const clients = (...counts: readonly (readonly [string, number])[]): Demand => ({
  kind: "clients",
  streams: new Map(counts.map(([name, count]) => [zoneKey(zone(name)), count])),
});
const said = (...parts: readonly (readonly [string, number])[]): Demand => ({
  kind: "static",
  parts: parts.map(([name, part]) => ({ zone: zone(name), part })),
});
const rule: Rule = { tolerance: 0, minZoneEndpoints: 1 };
const shown = (row: Row) => row.map((one) => [one.zone.zone, Math.round(one.part * 1000) / 1000]);

describe("zero demand", () => {
  test.each([
    ["nobody is there", clients()],
    ["all that is said is 0", said(["a", 0])],
    ["streams are counted as 0", clients(["b", 0])],
  ])("%s: every zone serves itself first", (_, demand) => {
    const flow = balance(serving(["a", 1], ["b", 3]), demand, rule);
    expect(shown(rowFor(flow, zone("a")))).toEqual([["a", 1]]);
    expect(shown(rowFor(flow, zone("b")))).toEqual([["b", 1]]);
  });
});

test("zero capacity: nobody is sent anywhere, and nothing is divided by zero", () => {
  const flow = balance([], clients(["a", 5]), rule);
  expect([flow.capacity, rowFor(flow, zone("a")), rowFor(flow, zone("b"))]).toEqual([[], [], []]);
  expect(sharesOf([])).toEqual([]);
  expect(tiersOf(zone("a"), [], [])).toEqual([]);
});

test("one zone: it serves everybody, wherever they are, whatever the rule", () => {
  for (const rules of [rule, { tolerance: 10, minZoneEndpoints: 1 }, { tolerance: 0, minZoneEndpoints: 1000 }]) {
    const flow = balance(serving(["a", 2]), clients(["a", 1], ["b", 100]), rules);
    expect(["a", "b", "c"].map((name) => shown(rowFor(flow, zone(name))))).toEqual(Array(3).fill([["a", 1]]));
  }
});

describe("1,000 zones", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `z${i}`);
  const capacity = serving(...names.map((name, i) => [name, 1 + (i % 3)] as const));
  const flow = balance(capacity, clients(...names.map((name, i) => [name, (i * 7) % 11] as const)), rule);
  test.each(["z0", "z500", "z999", "nowhere"])("clients in %s have whole shares of at least 1", (name) => {
    const shares = sharesOf(rowFor(flow, zone(name))).map(({ share }) => share);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(WHOLE);
  });
  test("each stands once in the tiers of each client", () => {
    const tiers = tiersOf(zone("z1"), sharesOf(rowFor(flow, zone("z1"))), capacity);
    expect(new Set(tiers.flat().map((one) => zoneKey(one.zone))).size).toBe(1000);
  });
});

test("zones that are only in clients are sent where there is capacity, in their region first", () => {
  const capacity = [...serving(["a", 1]), { zone: zone("x", "us"), count: 1 }];
  const flow = balance(capacity, clients(["only-clients", 1_000_000]), rule);
  expect(shown(rowFor(flow, zone("only-clients")))).toEqual([
    ["a", 0.5],
    ["x", 0.5],
  ]);
});

test("an empty zone name is nobody's own: no demand is counted there, and its endpoints are used like any others", () => {
  const flow = balance(serving(["", 1], ["a", 1]), clients(["", 50], ["a", 5]), rule);
  expect(flow.demand.map((one) => one.zone.zone)).toEqual(["a"]);
  expect(shown(rowFor(flow, zone("a")))).toEqual([
    ["", 0.5],
    ["a", 0.5],
  ]);
});

test("static demand that names zones that do not exist counts as clients without endpoints of their own", () => {
  const flow = balance(serving(["a", 1], ["b", 1]), said(["a", 1], ["nowhere", 1]), rule);
  expect(shown(rowFor(flow, zone("a")))).toEqual([["a", 1]]);
  expect(shown(rowFor(flow, zone("nowhere")))).toEqual([["b", 1]]);
});

test("a rule that no zone fulfils leaves no zone to itself, and every endpoint its fair share", () => {
  const flow = balance(serving(["a", 1], ["b", 3]), clients(["a", 10]), { tolerance: 0, minZoneEndpoints: 1000 });
  for (const name of ["a", "b", "c"]) {
    expect(shown(rowFor(flow, zone(name)))).toEqual([
      ["a", 0.25],
      ["b", 0.75],
    ]);
  }
});
