import fc from "fast-check";
import { expect, test } from "vitest";
import { type ConnectionFacts, fateOf } from "./fate.ts";

const LIMITS = {
  maxConnectionAgeGraceMs: 20,
  maxConnectionIdleMs: 300,
  keepaliveTimeMs: 120,
  keepaliveTimeoutMs: 30,
  prefaceTimeoutMs: 10,
};

/** A connection that speaks HTTP/2, has a call open and was just heard of. */
const lively = (now: number): ConnectionFacts => ({
  since: 0,
  leavesAt: 1_000_000,
  leavingSince: undefined,
  idleSince: undefined,
  heardAt: now,
  isAsked: false,
  bytesRead: 100,
});

test.each<[fate: string, facts: Partial<ConnectionFacts>]>([
  ["stays", {}],
  ["silent", { bytesRead: 23 }],
  ["leaves", { leavesAt: 1000 }],
  ["leaves", { idleSince: 700 }],
  ["stays", { idleSince: 701 }],
  ["asked", { heardAt: 880 }],
  ["stays", { heardAt: 880, isAsked: true }],
  ["dead", { heardAt: 850, isAsked: true }],
  ["stays", { leavesAt: 900, leavingSince: 981 }],
  ["overdue", { leavesAt: 900, leavingSince: 980 }],
])("E10 E11: at 1000 ms its fate is %s, if %j", (fate, facts) => {
  expect(fateOf({ ...lively(1000), ...facts }, 1000, LIMITS)).toBe(fate);
});

test("E11: whatever else is true of it, a connection that was asked to go is gone when its grace is over", () => {
  const facts = fc.record({
    since: fc.nat(1000),
    leavesAt: fc.nat(2000),
    leavingSince: fc.integer({ min: 0, max: 980 }),
    idleSince: fc.option(fc.nat(1000), { nil: undefined }),
    heardAt: fc.nat(1000),
    isAsked: fc.boolean(),
    bytesRead: fc.nat(100),
  });
  fc.assert(fc.property(facts, (one) => ["silent", "dead", "overdue"].includes(fateOf(one, 1000, LIMITS))));
});
