import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyCapacity, anyStreams, RUNS } from "../../e2e/harness/arbitraries.ts";
import { capacityOf, capacityParts } from "./capacity.ts";
import { type Demand, demandParts } from "./demand.ts";
import { zoneKey } from "./zone.ts";

const zone = (name: string) => ({ region: "eu", zone: name });
const capacity = [
  { zone: zone("a"), part: 0.75 },
  { zone: zone("b"), part: 0.25 },
];
const streams = (...counts: readonly [string, number][]) =>
  new Map(counts.map(([name, count]) => [zoneKey(zone(name)), count]));
const shown = (demand: Demand, serving = capacity) =>
  demandParts(demand, serving).map(({ zone: own, part }) => [own.zone, Math.round(part * 1000) / 1000]);
const parts = (counted: ReadonlyMap<string, number>, serving = capacity) =>
  shown({ kind: "clients", streams: counted }, serving);

test("capacity counts the healthy endpoints of each zone, in order of zone", () => {
  const at = (name: string, health: "healthy" | "draining") => ({ zone: zone(name), health });
  expect(
    capacityOf([at("b", "healthy"), at("a", "healthy"), at("b", "healthy"), at("a", "draining"), at("c", "draining")]),
  ).toEqual([
    { zone: zone("a"), count: 1 },
    { zone: zone("b"), count: 2 },
  ]);
});

describe("the demand of", () => {
  test("nobody is spread as the endpoints are", () => {
    expect(parts(new Map(), capacity)).toEqual([
      ["a", 0.75],
      ["b", 0.25],
    ]);
  });
  test("a first stream counts one beside ten that are spread as the endpoints are", () => {
    expect(parts(streams(["b", 1]), capacity)).toEqual([
      ["a", 0.682],
      ["b", 0.318],
    ]);
  });
  test("many streams is nearly theirs alone", () => {
    expect(parts(streams(["b", 99_990]), capacity)).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
  });
  test("streams in a zone without endpoints counts there", () => {
    expect(parts(streams(["c", 10]), capacity)).toEqual([
      ["a", 0.375],
      ["b", 0.125],
      ["c", 0.5],
    ]);
  });
});

test("H15: no demand is expected in a zone without name, and none is counted there", () => {
  const nameless = [
    { zone: zone(""), part: 0.5 },
    { zone: zone("b"), part: 0.5 },
  ];
  expect(parts(streams(["", 5]), nameless)).toEqual([["b", 1]]);
  expect(parts(new Map(), nameless.slice(0, 1))).toEqual([]);
});

test("the parts of demand are above 0, sum to 1 and stand in order, whatever the order of what was counted", () => {
  fc.assert(
    fc.property(anyStreams, anyCapacity, (counted, anyOrder) => {
      const found = demandParts({ kind: "clients", streams: counted }, capacityParts(anyOrder));
      const turned = demandParts(
        { kind: "clients", streams: new Map([...counted].toReversed()) },
        capacityParts(anyOrder),
      );
      expect(Math.abs(found.reduce((sum, { part }) => sum + part, 0) - 1)).toBeLessThan(1e-9);
      expect(found.filter(({ part }) => !(part > 0))).toEqual([]);
      expect(turned).toStrictEqual(found);
      expect(found.map((part) => zoneKey(part.zone))).toEqual(found.map((part) => zoneKey(part.zone)).toSorted());
    }),
    RUNS,
  );
});

describe("static demand", () => {
  const said = (...list: readonly [string, number][]): Demand => ({
    kind: "static",
    parts: list.map(([name, part]) => ({ zone: zone(name), part })),
  });
  test("is on any scale, and takes nothing from what is counted or can serve", () => {
    expect(shown(said(["b", 30], ["a", 10]))).toEqual([
      ["a", 0.25],
      ["b", 0.75],
    ]);
  });
  test("counts in zones that nobody else knows", () => {
    expect(shown(said(["a", 1], ["nowhere", 1]))).toEqual([
      ["a", 0.5],
      ["nowhere", 0.5],
    ]);
  });
  test("adds up what is said twice, and leaves out what is 0 or no number", () => {
    expect(shown(said(["a", 1], ["b", 0], ["a", 2], ["c", Number.NaN], ["d", 1]))).toEqual([
      ["a", 0.75],
      ["d", 0.25],
    ]);
  });
  test("of 0 in all is as if nothing were known of clients", () => {
    expect(shown(said(["a", 0]))).toEqual([]);
  });
});
