import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyTable, type Table, tableOf } from "./table.ts";

const changes = fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.option(fc.integer(), { nil: undefined })), {
  maxLength: 80,
});

test("a table walked through any changes holds what a map would", () => {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 8 }), (bursts) => {
      const expected = new Map<string, number>();
      let table: Table<number> = emptyTable();
      for (const burst of bursts) {
        const before = table;
        const frozen = [...before.entries()].toSorted();
        table = table.with(burst);
        for (const [key, value] of burst) value === undefined ? expected.delete(key) : expected.set(key, value);
        expect([...before.entries()].toSorted()).toEqual(frozen);
      }
      expect([...table.entries()].toSorted()).toEqual([...expected].toSorted());
      expect(table.size).toBe(expected.size);
    }),
  );
});

test("many changes that change nothing give the same small table", () => {
  const table = tableOf([["a", 1]]);
  expect(table.with(Array.from({ length: 20 }, (_, i) => [`b${i}`, undefined]))).toBe(table);
});

test("changes that change nothing give the same table", () => {
  const table = tableOf([["a", 1]]);
  expect(
    table.with([
      ["a", 1],
      ["b", undefined],
    ]),
  ).toBe(table);
});

test("the changes since another table are the keys whose values differ", () => {
  fc.assert(
    fc.property(changes, changes, changes, (common, one, other) => {
      const start = tableOf(common);
      const [before, after] = [start.with(one), start.with(other)];
      const keys = new Set([...before.keys(), ...after.keys()]);
      const expected = [...keys].filter((key) => before.get(key) !== after.get(key));
      expect([...after.changesSince(before)].toSorted()).toEqual(expected.toSorted());
    }),
  );
});

test("a table of 20,000 finds every key", () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `key-${i}`);
  const table = tableOf(keys.map((key, i) => [key, i] as const));
  expect(keys.every((key, i) => table.get(key) === i)).toBe(true);
});
