import fc from "fast-check";
import { expect, test } from "vitest";
import { createEventQueue } from "./event-queue.ts";

test("events come by time, and those of one time in the order in which they were scheduled", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (times) => {
      const queue = createEventQueue<number>();
      for (const [i, at] of times.entries()) queue.schedule(at, i);
      const taken = times.map(() => queue.next());
      const expected = times.map((at, item) => ({ at, item })).toSorted((a, b) => a.at - b.at);
      expect(taken.map((one) => ({ at: one?.at, item: one?.item }))).toEqual(expected);
      expect(queue.next()).toBeUndefined();
    }),
  );
});

test("what is scheduled while others are taken takes its place among them", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1 }), fc.array(fc.nat(20)), (first, later) => {
      const queue = createEventQueue<string>();
      for (const at of first) queue.schedule(at, "first");
      const now = queue.next()?.at ?? 0;
      for (const after of later) queue.schedule(now + after, "later");
      const rest = Array.from({ length: queue.size }, () => queue.next()?.at ?? Number.NaN);
      expect(rest).toHaveLength(first.length - 1 + later.length);
      expect(rest).toEqual(rest.toSorted((a, b) => a - b));
    }),
  );
});
