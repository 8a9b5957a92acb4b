import fc from "fast-check";
import { expect, test } from "vitest";
import { pageOf } from "./page.ts";

test("pages hold every item once and in order, whatever their size", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 7 }), (all, limit) => {
      const seen: string[] = [];
      let page = pageOf(all, String, { limit });
      seen.push(...page.items);
      while (page.next !== undefined) {
        page = pageOf(all, String, { limit, after: page.next });
        seen.push(...page.items);
      }
      expect(seen).toEqual(all.toSorted((a, b) => (a < b ? -1 : 1)));
    }),
  );
});

test("a page goes on where the former ended, though that item is gone", () => {
  expect(pageOf(["a", "c"], String, { limit: 1, after: "b" })).toEqual({ total: 2, items: ["c"] });
});
