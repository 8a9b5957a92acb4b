import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SliceEndpoint } from "../objects.ts";
import { derive } from "./derive.ts";
import {
  everything,
  input,
  modelOf,
  namespace,
  next,
  objectsOf,
  ready,
  service,
  slice,
  terminating,
} from "./fixtures.ts";
import { emptyModel, type Model } from "./model.ts";

const CLUSTER = "greeter.default:8080";
/** Rises every second. */
const warm = service({ annotations: { "evenkeel.dev/warm-up": "9s" } });

/** Endpoints of one zone by the last number of their address. */
const listed = (numbers: readonly number[], make = ready): readonly SliceEndpoint[] =>
  numbers.map((number) => make(`10.0.0.${number}`, { zone: "a" }));
const before = modelOf(warm, slice(listed([1, 2, 3, 4])));

/** The next model when the slice lists these at a time in milliseconds. */
const then = (model: Model, now: number, entries: readonly SliceEndpoint[], owner = warm) =>
  next(model, [owner, slice(entries)], { now }).model;
/** The next model when only time went by. */
const later = (model: Model, now: number) => derive(input(objectsOf(warm), { now }), model);

/** What each that warms up has of its share, in tenths, by the last number of its address. */
const tenths = (model: Model): Readonly<Record<string, number>> =>
  Object.fromEntries(
    (model.workloads.get(CLUSTER)?.warmUp?.cohorts ?? []).flatMap((cohort) =>
      cohort.members.map((key) => [/\.(\d+) /.exec(key)?.[1] ?? key, cohort.tenths]),
    ),
  );

describe("all endpoints are old", () => {
  test("when they are first seen, by a Service that is new or a process that was restarted", () => {
    expect(before.workloads.get(CLUSTER)?.warmUp).toBeUndefined();
    expect(before.wakeAt).toBe(Number.POSITIVE_INFINITY);
  });
  test("when a Service asks for no warm-up, or begins to", () => {
    const cold = then(modelOf(service(), slice(listed([1, 2, 3]))), 100, listed([1, 2, 3, 4]), service());
    expect(cold.workloads.get(CLUSTER)?.warmUp).toBeUndefined();
    expect(tenths(then(cold, 200, listed([1, 2, 3, 4, 5])))).toEqual({ 5: 1 });
  });
  test("when none that is ready was there before", () => {
    const leaving = modelOf(warm, slice(listed([1, 2], terminating)));
    expect(tenths(then(leaving, 100, [...listed([1, 2], terminating), ...listed([3, 4])]))).toEqual({});
  });
});

test("the default of a Namespace counts, and a Service may say none", () => {
  const defaults = namespace({ "evenkeel.dev/warm-up": "9s" });
  const grown = (owner: typeof warm) => {
    const start = modelOf(owner, slice(listed([1, 2])), defaults);
    return tenths(next(start, [owner, slice(listed([1, 2, 3])), defaults], { now: 5000 }).model);
  };
  expect(grown(service())).toEqual({ 3: 1 });
  expect(grown(service({ annotations: { "evenkeel.dev/warm-up": "none" } }))).toEqual({});
});

test("one that is new rises by a tenth at each moment of the grid; time alone is enough", () => {
  let model = then(before, 10_300, listed([1, 2, 3, 4, 5]));
  expect([tenths(model), model.wakeAt]).toEqual([{ 5: 1 }, 12_000]);
  for (let i = 1; i < 9; i += 1) {
    const output = later(model, model.wakeAt);
    expect(output.changed.workloads).toEqual(new Set([CLUSTER]));
    expect(output.removal).toBe(false);
    model = output.model;
    expect([tenths(model), model.wakeAt]).toEqual([{ 5: i + 1 }, 12_000 + i * 1000]);
  }
  const end = later(model, model.wakeAt);
  expect([end.model.workloads.get(CLUSTER)?.warmUp, end.wakeAt]).toEqual([undefined, undefined]);
});

test("between two moments of the grid nothing changes, whoever looks", () => {
  const model = then(before, 10_300, listed([1, 2, 3, 4, 5]));
  expect(then(model, 11_999, listed([1, 2, 3, 4, 5]))).toBe(model);
});

test("those that come between the same two moments rise together, others on the same grid", () => {
  const one = then(before, 10_300, listed([1, 2, 3, 4, 5]));
  const two = then(one, 10_900, listed([1, 2, 3, 4, 5, 6]));
  expect(two.workloads.get(CLUSTER)?.warmUp?.cohorts).toHaveLength(1);
  const three = then(later(two, 12_000).model, 12_100, listed([1, 2, 3, 4, 5, 6, 7]));
  expect([tenths(three), three.wakeAt]).toEqual([{ 5: 2, 6: 2, 7: 1 }, 13_000]);
});

describe("when most of a zone is new", () => {
  const most = then(before, 10_000, listed([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  test("all that are new there have their share at once", () => {
    expect([tenths(most), most.wakeAt]).toEqual([{}, Number.POSITIVE_INFINITY]);
  });
  test("they keep it when most is no longer new, and count as new for those that follow", () => {
    const fewer = then(most, 11_000, listed([1, 2, 3, 4, 5]));
    expect(tenths(fewer)).toEqual({});
    expect(tenths(then(fewer, 12_000, listed([1, 2, 3, 4, 5, 10])))).toEqual({ 10: 1 });
    expect(tenths(then(most, 12_000, listed([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])))).toEqual({});
  });
  test("other zones are ramped all the same", () => {
    const entries = [...listed([1, 2, 3, 4, 5]), ready("10.0.1.6", { zone: "b" })];
    expect(tenths(then(before, 10_000, entries))).toEqual({ 5: 1 });
  });
});

describe("one whose readiness flaps", () => {
  test("goes on where its age is", () => {
    const came = then(before, 10_000, listed([1, 2, 3, 4, 5]));
    const left = then(came, 12_000, listed([1, 2, 3, 4]));
    expect([tenths(left), left.wakeAt]).toEqual([{}, Number.POSITIVE_INFINITY]);
    expect(tenths(then(left, 14_000, listed([1, 2, 3, 4, 5])))).toEqual({ 5: 5 });
  });
  test("is old if it was", () => {
    const left = then(before, 10_000, listed([1, 2, 3]));
    expect(tenths(then(left, 39_999, listed([1, 2, 3, 4])))).toEqual({});
  });
  test("is new after half a minute", () => {
    const left = then(before, 10_000, listed([1, 2, 3]));
    expect(tenths(then(left, 40_000, listed([1, 2, 3, 4])))).toEqual({ 4: 1 });
  });
});

test("one that terminates leaves its ramp at once, and its address is new to whoever has it next", () => {
  const came = then(before, 10_000, listed([1, 2, 3, 4, 5]));
  const leaving = then(came, 12_000, [...listed([1, 2, 3, 4]), ...listed([5], terminating)]);
  expect(tenths(leaving)).toEqual({});
  const gone = then(leaving, 13_000, listed([1, 2, 3, 4]));
  expect(tenths(then(gone, 14_000, listed([1, 2, 3, 4, 5])))).toEqual({ 5: 1 });
});

/** Endpoints that come or go, some milliseconds after the one before. */
const walks = fc.array(
  fc.record({ pause: fc.nat(6000), number: fc.integer({ min: 1, max: 30 }), comes: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);

interface Look {
  readonly now: number;
  readonly model: Model;
  readonly isTimeAlone: boolean;
}

/** All that is derived on the way, woken whenever that is asked for, until nothing waits. */
function looks(walk: readonly { pause: number; number: number; comes: boolean }[]): readonly Look[] {
  const found: Look[] = [];
  let [model, now] = [modelOf(warm, slice(listed([101, 102, 103, 104, 105, 106]))), 0];
  let there: readonly number[] = [101, 102, 103, 104, 105, 106];
  const sleepUntil = (end: number) => {
    while (model.wakeAt <= end && found.length < 10_000) {
      const woken = { now: model.wakeAt, model: later(model, model.wakeAt).model, isTimeAlone: true };
      found.push(woken);
      model = woken.model;
    }
  };
  for (const { pause, number, comes } of walk) {
    sleepUntil(now + pause);
    now += pause;
    there = [...there.filter((one) => one !== number), ...(comes ? [number] : [])];
    model = then(model, now, listed(there));
    found.push({ now, model, isTimeAlone: false });
  }
  sleepUntil(Number.MAX_VALUE);
  return found;
}

test("whoever comes and goes, time alone changes something at moments of the grid only: nine times in nine seconds", () => {
  fc.assert(
    fc.property(walks, (walk) => {
      const all = looks(walk);
      const moments = all.filter(({ isTimeAlone }) => isTimeAlone).map(({ now }) => now);
      expect(moments.filter((now) => now % 1000 !== 0)).toEqual([]);
      expect(new Set(moments).size).toBe(moments.length);
      expect(all.filter(({ model }, i) => all[i]?.isTimeAlone && model === all[i - 1]?.model)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("any number that come between two moments of the grid change nine times by time alone", () => {
  const batch = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 6 })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(batch, (comings) => {
      const sorted = comings.toSorted(([a], [b]) => a - b);
      const walk = sorted.map(([at, number], i) => ({ pause: at - (sorted[i - 1]?.[0] ?? 0), number, comes: true }));
      expect(looks(walk).filter(({ isTimeAlone }) => isTimeAlone).length).toBe(9);
    }),
    { numRuns: 300 },
  );
});

test("whoever stays never has less of its share than before, and all have all of it in the end", () => {
  fc.assert(
    fc.property(walks, (walk) => {
      const all = looks(walk);
      const there = ({ model }: Look) =>
        new Set((model.workloads.get(CLUSTER)?.endpoints ?? []).map(({ address }) => address.slice(7)));
      for (const [i, look] of all.entries()) {
        const previous = all[i - 1];
        const stayed = previous === undefined ? new Set<string>() : there(previous).intersection(there(look));
        const [had, has] = [previous === undefined ? {} : tenths(previous.model), tenths(look.model)];
        const fallen = [...stayed].filter((number) => (has[number] ?? 10) < (had[number] ?? 10));
        expect(fallen).toEqual([]);
      }
      expect(all.at(-1)?.model.wakeAt).toBe(Number.POSITIVE_INFINITY);
      expect(tenths(all.at(-1)?.model ?? emptyModel)).toEqual({});
    }),
    { numRuns: 300 },
  );
});

test("a model that is derived again is the same, whatever warms up", () => {
  fc.assert(
    fc.property(walks, (walk) => {
      for (const { now, model } of looks(walk)) {
        const entries = (model.workloads.get(CLUSTER)?.endpoints ?? []).map(({ address }) =>
          ready(address, { zone: "a" }),
        );
        const objects = objectsOf(warm, slice(entries));
        expect(derive(input(objects, { touched: everything, now }), model).model).toBe(model);
      }
    }),
    { numRuns: 100 },
  );
});
