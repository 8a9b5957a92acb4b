import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyParts, RUNS } from "../../e2e/harness/arbitraries.ts";
import { sharesOf, WHOLE } from "./shares.ts";

const rowOf = (...parts: readonly number[]) => parts.map((part, i) => ({ zone: { region: "", zone: `z${i}` }, part }));
const shared = (...parts: readonly number[]) => sharesOf(rowOf(...parts)).map(({ share }) => share);

const rows = anyParts.map((parts) => parts.filter(({ part }) => part > 0));

test("shares are whole numbers of at least 1 that sum to exactly 10,000, one for each zone in its order", () => {
  fc.assert(
    fc.property(rows, (row) => {
      const shares = sharesOf(row);
      expect(shares.map(({ zone }) => zone)).toEqual(row.map(({ zone }) => zone));
      expect(shares.filter(({ share }) => !Number.isInteger(share) || share < 1)).toEqual([]);
      expect(shares.reduce((sum, { share }) => sum + share, 0)).toBe(WHOLE);
    }),
    RUNS,
  );
});

test("a share differs from its part by less than one for each zone that is lifted to 1, and one for rounding", () => {
  fc.assert(
    fc.property(rows, (row) => {
      const lifted = row.filter(({ part }) => part * WHOLE < 1).length;
      const off = sharesOf(row).map(({ share }, i) => Math.abs(share - (row[i]?.part ?? 0) * WHOLE));
      expect(Math.max(...off)).toBeLessThan(1 + lifted + 1e-6);
    }),
    RUNS,
  );
});

test("a larger part never has the smaller share", () => {
  fc.assert(
    fc.property(rows, (row) => {
      const shares = sharesOf(row).map(({ share }, i) => ({ share, part: row[i]?.part ?? 0 }));
      const byPart = shares.toSorted((a, b) => a.part - b.part || a.share - b.share).map(({ share }) => share);
      expect(byPart).toEqual(byPart.toSorted((a, b) => a - b));
    }),
    RUNS,
  );
});

describe("a row", () => {
  test.each([
    ["of one zone", [1], [10_000]],
    ["of thirds gives the rest to the first", [1 / 3, 1 / 3, 1 / 3], [3334, 3333, 3333]],
    ["that rounds exactly stays exact", [0.75, 0.25], [7500, 2500]],
    ["that is a hair below stays exact", [0.3 / 0.4, 0.1 / 0.4], [7500, 2500]],
    ["with a very small part lifts it to 1", [0.999_999, 0.000_001], [9999, 1]],
    [
      "with several very small parts takes from those that lose least",
      [0.6, 0.4 - 3e-6, 1e-6, 1e-6, 1e-6],
      [5999, 3998, 1, 1, 1],
    ],
    ["without zones has no shares", [], []],
  ])("%s", (_, parts, shares) => {
    expect(shared(...parts)).toEqual(shares);
  });
});
