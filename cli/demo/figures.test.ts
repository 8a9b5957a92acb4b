import { expect, test } from "vitest";
import {
  type Assigned,
  between,
  broken,
  failures,
  ownZone,
  type Reading,
  shares,
  skew,
  skewAsAssigned,
} from "./figures.ts";

const PODS = new Map([
  ["a1", { zone: "a" }],
  ["a2", { zone: "a" }],
  ["b1", { zone: "b" }],
]);

const reading = (a: Record<string, number>, b: Record<string, number>, failed = 0): Reading =>
  new Map([
    ["a", { failed, pods: a }],
    ["b", { failed: 0, pods: b }],
  ]);

const even = reading({ a1: 100, a2: 100 }, { b1: 100 });
const OWN: Assigned = new Map([
  ["a", new Map([["a", 1]])],
  ["b", new Map([["b", 1]])],
]);

const measured = (steady: Reading) => ({ steady, pods: PODS, assigned: OWN, asAssigned: 1, all: steady });

test("what happened between two readings is their difference, pods that are new included", () => {
  const later = reading({ a1: 110, a2: 100, b1: 5 }, { b1: 107 }, 2);
  expect(between(even, later)).toEqual(reading({ a1: 10, a2: 0, b1: 5 }, { b1: 7 }, 2));
});

test("skew is the busiest pod over the average, and a pod without requests counts", () => {
  expect(skew(even, PODS)).toBe(1);
  expect(skew(reading({ a1: 300 }, {}), PODS)).toBe(3);
});

test("shares and the part of the own zone follow from where the pods are", () => {
  const mixed = reading({ a1: 50, b1: 50 }, { b1: 100 });
  const answers = mixed.get("a");
  expect(answers && shares(answers, PODS)).toEqual(
    new Map([
      ["a", 0.5],
      ["b", 0.5],
    ]),
  );
  expect(ownZone(mixed, PODS)).toBe(0.75);
  expect(failures(reading({}, {}, 3))).toBe(3);
});

test("nothing is broken when no request failed, pods are even and shares are those assigned", () => {
  expect(broken(measured(even))).toEqual([]);
});

test.each([
  ["an uneven pod", reading({ a1: 160, a2: 40 }, { b1: 100 }), "the busiest pod had 1.60 times"],
  ["a share that is off", reading({ a1: 960, a2: 960, b1: 80 }, { b1: 920 }), "a sent 96.0 % to a, and"],
  ["a client without answers", reading({ a1: 100, a2: 100, b1: 100 }, {}), "b sent 0.0 % to b, and"],
])("%s is named", (_, steady, what) => {
  expect(broken(measured(steady)).join("\n")).toContain(what);
});

test("failed requests are named with what one of them said", () => {
  const failing: Reading = new Map([["a", { failed: 2, error: "14 UNAVAILABLE", pods: {} }]]);
  expect(broken({ ...measured(even), all: failing })).toEqual(["2 requests failed, such as: 14 UNAVAILABLE"]);
});

test("with few requests, a share may be off by what chance makes", () => {
  const half: Assigned = new Map([
    [
      "a",
      new Map([
        ["a", 0.5],
        ["b", 0.5],
      ]),
    ],
  ]);
  const off = (n: number): Reading =>
    new Map([["a", { failed: 0, pods: { a1: 0.28 * n, a2: 0.28 * n, b1: 0.44 * n } }]]);
  expect(
    [100, 10_000].map((n) => broken({ ...measured(off(n)), assigned: half }).some((what) => what.startsWith("a sent"))),
  ).toEqual([false, true]);
});

test("skew may be what the assignments themselves make", () => {
  const asAssigned = skewAsAssigned(
    OWN,
    new Map([
      ["a", 100],
      ["b", 100],
    ]),
    PODS,
  );
  expect(asAssigned).toBe(1.5);
  const steady = reading({ a1: 50, a2: 50 }, { b1: 100 });
  expect(broken(measured(steady))).toHaveLength(1);
  expect(broken({ ...measured(steady), asAssigned })).toEqual([]);
});
