import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anyCapacity,
  anyDemand,
  anyParts,
  anyRule,
  anyTolerance,
  anyTooSmall,
  anyZone,
  RUNS,
} from "../../e2e/harness/arbitraries.ts";
import { balance } from "./balance.ts";
import { capacityParts, type ZoneCapacity } from "./capacity.ts";
import type { Flow, Part, Row } from "./flow.ts";
import { rowFor, spill } from "./spill.ts";
import { type Zone, zoneKey } from "./zone.ts";

/** Far above rounding, far below what anybody notices. */
const CLOSE = 1e-9;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const partOf = (parts: readonly Part[], own: Zone): number =>
  sum(parts.filter(({ zone }) => zone.zone === own.zone && zone.region === own.region).map(({ part }) => part));

interface Move {
  readonly from: Zone;
  readonly to: Zone;
  readonly amount: number;
}

/** f[c][z]: which part of all requests goes from c to z. */
const movesOf = (flow: Flow): readonly Move[] =>
  flow.demand.flatMap(({ zone: from, part: demanded }) =>
    (flow.rows.get(zoneKey(from)) ?? []).map(({ zone, part }) => ({ from, to: zone, amount: part * demanded })),
  );

const isSame = (a: Zone, b: Zone): boolean => a.zone === b.zone && a.region === b.region;
const isNear = (a: Zone, b: Zone): boolean => a.region === b.region;

const total = (moves: readonly Move[], which: (move: Move) => boolean): number =>
  sum(moves.filter(which).map(({ amount }) => amount));
const received = (flow: Flow, zone: Zone): number => total(movesOf(flow), ({ to }) => isSame(to, zone));

/** Tries a property of the flow over any demand, capacity, tolerance and zones that are too small. */
const check = (holds: (flow: Flow, stranger: Zone) => void): void =>
  fc.assert(
    fc.property(
      anyParts,
      anyParts,
      anyTolerance,
      anyTooSmall,
      anyZone,
      (demand, capacity, tolerance, tooSmall, stranger) =>
        holds(spill(demand, capacity, tolerance, tooSmall), stranger),
    ),
    RUNS,
  );

test("conservation: the weights of every client zone sum to 1, whether it has demand or not", () => {
  check((flow, stranger) => {
    const rows = [...flow.rows.values(), rowFor(flow, stranger)];
    const sums = rows.map((row) => sum(row.map(({ part }) => part)));
    expect(sums.filter((whole) => Math.abs(whole - 1) > CLOSE)).toEqual([]);
    expect(flow.rows.size).toBe(flow.demand.length);
  });
});

test("every weight is a number above 0, and only zones with capacity have one", () => {
  check((flow, stranger) => {
    const parts = [...flow.rows.values(), rowFor(flow, stranger)].flat();
    expect(parts.filter(({ zone, part }) => !(part > 0 && partOf(flow.capacity, zone) > 0))).toEqual([]);
  });
});

test("fairness: no zone is sent more than its capacity allows; without tolerance each is sent exactly its part", () => {
  check((flow) => {
    const { demand, capacity, tolerance, tooSmall } = flow;
    const even = spill(demand, capacity, 0, tooSmall);
    const tooMuch = capacity.filter(({ zone, part }) => received(flow, zone) > part * (1 + tolerance) + CLOSE);
    const uneven = capacity.filter(({ zone, part }) => Math.abs(received(even, zone) - part) > CLOSE);
    expect([tooMuch, uneven]).toEqual([[], []]);
  });
});

interface Side {
  readonly zone: Zone;
  readonly edges: { readonly to: Side; open: number }[];
}

const LEAST = 1e-13;

/** Moves at most `amount` along open edges from one side to the sink; gives what it moved. */
function augment(from: Side, { sink, seen, amount }: { sink: Side; seen: Set<Side>; amount: number }): number {
  if (from === sink) return amount;
  seen.add(from);
  for (const edge of from.edges) {
    const least = Math.min(amount, edge.open);
    const moved = least < LEAST || seen.has(edge.to) ? 0 : augment(edge.to, { sink, seen, amount: least });
    if (moved === 0) continue;
    edge.open -= moved;
    const back = edge.to.edges.find(({ to }) => to === from);
    if (back === undefined) edge.to.edges.push({ to: from, open: moved });
    else back.open += moved;
    return moved;
  }
  return 0;
}

/** The maximum flow from demand to capacity where only some moves are allowed: knows nothing of stages and proportions. */
function mostThatCanMove(flow: Flow, mayMove: (from: Zone, to: Zone) => boolean): number {
  const nowhere = { region: "", zone: "" };
  const sink: Side = { zone: nowhere, edges: [] };
  const taking = flow.capacity.map(
    ({ zone, part }): Side => ({ zone, edges: [{ to: sink, open: part * (1 + flow.tolerance) }] }),
  );
  const giving = flow.demand.map(({ zone, part }) => {
    const edges = taking.filter((taker) => mayMove(zone, taker.zone)).map((to) => ({ to, open: Number.MAX_VALUE }));
    return { to: { zone, edges }, open: part };
  });
  const source: Side = { zone: nowhere, edges: giving };
  let most = 0;
  for (let moved = 1; moved > 0; most += moved)
    moved = augment(source, { sink, seen: new Set(), amount: Number.MAX_VALUE });
  return most;
}

test("locality: the local share is the largest that fairness allows, of zones that are not too small", () => {
  check((flow) => {
    const local = total(movesOf(flow), ({ from, to }) => isSame(from, to));
    const isLarge = (from: Zone, to: Zone): boolean => isSame(from, to) && !flow.tooSmall.has(zoneKey(to));
    expect(local).toBeGreaterThan(mostThatCanMove(flow, isLarge) - CLOSE);
    expect(local).toBeLessThan(mostThatCanMove(flow, isSame) + CLOSE);
  });
});

test("locality: the cross-region share is the smallest that any flow within fairness can have", () => {
  check((flow) => {
    const near = total(movesOf(flow), ({ from, to }) => isNear(from, to));
    expect(Math.abs(near - mostThatCanMove(flow, isNear))).toBeLessThan(CLOSE);
  });
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
  const shuffled = (parts: readonly Part[]) => fc.shuffledSubarray([...parts], { minLength: parts.length });
  const sides = fc
    .tuple(anyParts, anyParts)
    .chain(([demand, capacity]) =>
      fc.tuple(fc.constant([demand, capacity] as const), fc.tuple(shuffled(demand), shuffled(capacity))),
    );
  fc.assert(
    fc.property(sides, anyTolerance, anyTooSmall, anyZone, ([one, other], tolerance, tooSmall, zone) => {
      const [a, b] = [one, other].map(([demand, capacity]) => spill(demand, capacity, tolerance, tooSmall));
      expect([...(b?.rows ?? [])]).toStrictEqual([...(a?.rows ?? [])]);
      expect(b && rowFor(b, zone)).toStrictEqual(a && rowFor(a, zone));
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

test("monotony: the same holds where the demand is told from streams, and where the zone grows large enough", () => {
  fc.assert(
    fc.property(anyDemand, anyCapacity, anyRule, anyZone, (demand, capacity, rule, zone) => {
      const before = balance(capacity, demand, rule);
      const after = balance(oneMore(capacity, zone), demand, rule);
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
