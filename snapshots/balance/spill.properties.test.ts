import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyCapacity, anyParts, anyStreams, anyTolerance, anyZone, RUNS } from "../../e2e/harness/arbitraries.ts";
import { balance } from "./balance.ts";
import { capacityParts, type ZoneCapacity } from "./capacity.ts";
import type { Flow, Part, Row } from "./flow.ts";
import { rowFor, spill } from "./spill.ts";
import { type Zone, zoneKey, zoneOfKey } from "./zone.ts";

/** Far above rounding, far below what anybody notices. */
const CLOSE = 1e-9;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const partOf = (parts: readonly Part[], zone: Zone): number =>
  sum(parts.filter((part) => zoneKey(part.zone) === zoneKey(zone)).map(({ part }) => part));

interface Move {
  readonly from: Zone;
  readonly to: Zone;
  readonly amount: number;
}

/** f[c][z]: which part of all requests goes from c to z. */
const movesOf = (flow: Flow): readonly Move[] =>
  [...flow.rows].flatMap(([key, row]) => {
    const from = zoneOfKey(key);
    return row.map(({ zone, part }) => ({ from, to: zone, amount: part * partOf(flow.demand, from) }));
  });

const total = (moves: readonly Move[], which: (move: Move) => boolean): number =>
  sum(moves.filter(which).map(({ amount }) => amount));
const received = (flow: Flow, zone: Zone): number => total(movesOf(flow), ({ to }) => zoneKey(to) === zoneKey(zone));

/** The parts of each region together. */
const byRegion = (parts: readonly Part[]): ReadonlyMap<string, number> =>
  new Map(
    [...Map.groupBy(parts, ({ zone }) => zone.region)].map(([region, own]) => [
      region,
      sum(own.map(({ part }) => part)),
    ]),
  );

const check = (property: fc.IProperty<[readonly Part[], readonly Part[], number]>): void => fc.assert(property, RUNS);

test("conservation: the weights of every client zone sum to 1, whether it has demand or not", () => {
  fc.assert(
    fc.property(anyParts, anyParts, anyTolerance, anyZone, (demand, capacity, tolerance, stranger) => {
      const flow = spill(demand, capacity, tolerance);
      const rows = [...flow.rows.values(), rowFor(flow, stranger)];
      for (const row of rows) expect(Math.abs(sum(row.map(({ part }) => part)) - 1)).toBeLessThan(CLOSE);
      expect(flow.rows.size).toBe(demand.filter(({ part }) => part > 0).length);
    }),
    RUNS,
  );
});

test("every weight is a number above 0, and only zones with capacity have one", () => {
  fc.assert(
    fc.property(anyParts, anyParts, anyTolerance, anyZone, (demand, capacity, tolerance, stranger) => {
      const flow = spill(demand, capacity, tolerance);
      const parts = [...flow.rows.values(), rowFor(flow, stranger)].flat();
      expect(parts.filter(({ zone, part }) => !(part > 0 && partOf(capacity, zone) > 0))).toEqual([]);
    }),
    RUNS,
  );
});

test("fairness: no zone is sent more than its capacity allows; without tolerance each is sent exactly its part", () => {
  check(
    fc.property(anyParts, anyParts, anyTolerance, (demand, capacity, tolerance) => {
      const flow = spill(demand, capacity, tolerance);
      const excess = capacity.map(({ zone, part }) => received(flow, zone) - part * (1 + tolerance));
      expect(Math.max(...excess)).toBeLessThan(CLOSE);
      const even = spill(demand, capacity, 0);
      for (const { zone, part } of capacity) expect(Math.abs(received(even, zone) - part)).toBeLessThan(CLOSE);
    }),
  );
});

test("locality: the local share is the largest that fairness allows", () => {
  check(
    fc.property(anyParts, anyParts, anyTolerance, (demand, capacity, tolerance) => {
      const local = total(movesOf(spill(demand, capacity, tolerance)), ({ from, to }) => zoneKey(from) === zoneKey(to));
      const bound = sum(demand.map(({ zone, part }) => Math.min(part, partOf(capacity, zone) * (1 + tolerance))));
      expect(Math.abs(local - bound)).toBeLessThan(CLOSE);
    }),
  );
});

test("locality: no more leaves a region than what the region's whole capacity cannot serve", () => {
  check(
    fc.property(anyParts, anyParts, anyTolerance, (demand, capacity, tolerance) => {
      const abroad = total(movesOf(spill(demand, capacity, tolerance)), ({ from, to }) => from.region !== to.region);
      const open = byRegion(capacity);
      const lacking = [...byRegion(demand)].map(([region, part]) => part - (open.get(region) ?? 0) * (1 + tolerance));
      expect(Math.abs(abroad - sum(lacking.map((part) => Math.max(0, part))))).toBeLessThan(CLOSE);
    }),
  );
});

const distance = (a: readonly Part[], b: readonly Part[]): number => {
  const zones = new Map([...a, ...b].map(({ zone }) => [zoneKey(zone), zone]));
  return sum([...zones.values()].map((zone) => Math.abs(partOf(a, zone) - partOf(b, zone))));
};

const flowDistance = (a: Flow, b: Flow): number => {
  const amounts = new Map<string, number>();
  for (const { from, to, amount } of movesOf(a)) amounts.set(`${zoneKey(from)} ${zoneKey(to)}`, amount);
  for (const { from, to, amount } of movesOf(b)) {
    const key = `${zoneKey(from)} ${zoneKey(to)}`;
    amounts.set(key, (amounts.get(key) ?? 0) - amount);
  }
  return sum([...amounts.values()].map(Math.abs));
};

const mixed = (a: readonly Part[], b: readonly Part[], weight: number): readonly Part[] => {
  const zones = new Map([...a, ...b].map(({ zone }) => [zoneKey(zone), zone]));
  return [...zones.values()].map((zone) => ({
    zone,
    part: partOf(a, zone) * (1 - weight) + partOf(b, zone) * weight,
  }));
};

/**
 * Stage 1 changes by at most the change x of the inputs, and leaves remainders that differ by x. Pouring g over t,
 * g t / max(G, T), changes by at most twice what its sides change: 2 x in stage 2, which leaves 3 x, and 6 x in stage 3.
 */
const STEEPEST = 9;

test("no cliff: a small change of demand or capacity changes the flows by at most nine times as much", () => {
  const small = fc.constantFrom(1e-6, 1e-4, 1e-2, 0.3);
  fc.assert(
    fc.property(
      fc.tuple(anyParts, anyParts),
      fc.tuple(anyParts, anyParts),
      fc.tuple(small, small),
      anyTolerance,
      ([demand, otherDemand], [capacity, otherCapacity], [byDemand, byCapacity], tolerance) => {
        const nextDemand = mixed(demand, otherDemand, byDemand);
        const nextCapacity = mixed(capacity, otherCapacity, byCapacity);
        const change = distance(demand, nextDemand) + distance(capacity, nextCapacity) * (1 + tolerance);
        const moved = flowDistance(spill(demand, capacity, tolerance), spill(nextDemand, nextCapacity, tolerance));
        expect(moved).toBeLessThan(STEEPEST * change + CLOSE);
      },
    ),
    RUNS,
  );
});

test("order: the order of the inputs changes not one bit", () => {
  const pair = fc
    .tuple(anyParts, anyParts)
    .chain(([demand, capacity]) =>
      fc.tuple(
        fc.constant({ demand, capacity }),
        fc.shuffledSubarray([...demand], { minLength: demand.length }),
        fc.shuffledSubarray([...capacity], { minLength: capacity.length }),
      ),
    );
  fc.assert(
    fc.property(pair, anyTolerance, anyZone, ([{ demand, capacity }, otherDemand, otherCapacity], tolerance, zone) => {
      const [a, b] = [spill(demand, capacity, tolerance), spill(otherDemand, otherCapacity, tolerance)];
      expect([...b.rows]).toStrictEqual([...a.rows]);
      expect(rowFor(b, zone)).toStrictEqual(rowFor(a, zone));
    }),
    RUNS,
  );
});

const oneMore = (capacity: readonly ZoneCapacity[], zone: Zone): readonly ZoneCapacity[] => {
  const others = capacity.filter((one) => zoneKey(one.zone) !== zoneKey(zone));
  const count = sum(capacity.filter((one) => zoneKey(one.zone) === zoneKey(zone)).map((one) => one.count));
  return [...others, { zone, count: count + 1 }];
};

test("monotony: one endpoint more in a zone never lowers the share that zone gets", () => {
  fc.assert(
    fc.property(anyParts, anyCapacity, anyTolerance, anyZone, (demand, capacity, tolerance, zone) => {
      const before = spill(demand, capacityParts(capacity), tolerance);
      const after = spill(demand, capacityParts(oneMore(capacity, zone)), tolerance);
      expect(received(after, zone)).toBeGreaterThan(received(before, zone) - CLOSE);
    }),
    RUNS,
  );
});

test("monotony: the same holds where the demand is told from streams and endpoints", () => {
  fc.assert(
    fc.property(anyStreams, anyCapacity, anyZone, (streams, capacity, zone) => {
      const before = balance(capacity, streams);
      const after = balance(oneMore(capacity, zone), streams);
      expect(received(after, zone)).toBeGreaterThan(received(before, zone) - CLOSE);
    }),
    RUNS,
  );
});

describe("a zone without demand gets the limit of the rule", () => {
  const nearly = (a: Row, b: Row): number => distance(a, b);

  test("its row is that of the same zone with very little demand", () => {
    const little = 1e-7;
    fc.assert(
      fc.property(anyCapacity, anyCapacity, anyTolerance, anyZone, (clients, capacity, tolerance, zone) => {
        const demand = capacityParts(clients).filter((part) => zoneKey(part.zone) !== zoneKey(zone));
        const others = mixed(demand, [], little);
        const limit = rowFor(spill(mixed(demand, [], 0), capacityParts(capacity), tolerance), zone);
        const close = rowFor(spill([...others, { zone, part: little }], capacityParts(capacity), tolerance), zone);
        expect(nearly(limit, close)).toBeLessThan(1e-3);
      }),
      RUNS,
    );
  });

  const eu = (zone: string): Zone => ({ region: "eu", zone });
  const us = (zone: string): Zone => ({ region: "us", zone });
  const parts = (...list: [Zone, number][]): readonly Part[] => list.map(([zone, part]) => ({ zone, part }));
  const shown = (row: Row) => row.map(({ zone, part }) => [zone.zone, Math.round(part * 1000) / 1000]);

  test("its own zone, if that has capacity", () => {
    const flow = spill(parts([eu("a"), 1]), parts([eu("a"), 0.5], [eu("b"), 0.5]), 0);
    expect(shown(rowFor(flow, eu("b")))).toEqual([["b", 1]]);
  });
  test("what is left in its region, if anything is", () => {
    const flow = spill(parts([eu("a"), 1]), parts([eu("a"), 0.5], [eu("b"), 0.25], [us("x"), 0.25]), 0);
    expect(shown(rowFor(flow, eu("c")))).toEqual([
      ["b", 0.5],
      ["x", 0.5],
    ]);
  });
  test("what is left in other regions, if its own has none", () => {
    const flow = spill(parts([eu("a"), 1]), parts([eu("a"), 0.5], [us("x"), 0.5]), 0);
    expect(shown(rowFor(flow, eu("c")))).toEqual([["x", 1]]);
    expect(shown(rowFor(flow, { region: "asia", zone: "q" }))).toEqual([["x", 1]]);
  });
  test("every zone by its capacity, if demand and capacity are equal everywhere", () => {
    const same = parts([eu("a"), 0.5], [eu("b"), 0.2], [us("x"), 0.3]);
    expect(shown(rowFor(spill(same, same, 0), eu("c")))).toEqual([
      ["a", 0.5],
      ["b", 0.2],
      ["x", 0.3],
    ]);
  });
  test("what there is, when nothing is known of clients", () => {
    const flow = spill([], parts([eu("a"), 0.5], [us("x"), 0.5]), 0);
    expect(shown(rowFor(flow, eu("c")))).toEqual([["a", 1]]);
    expect(shown(rowFor(flow, us("x")))).toEqual([["x", 1]]);
  });
  test("nothing, when nothing can serve", () => {
    expect(rowFor(spill([], [], 0), eu("c"))).toEqual([]);
    expect(rowFor(spill(parts([eu("a"), 1]), [], 0), eu("a"))).toEqual([]);
  });
});
