import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_BYTES, portion, TARGET_BYTES } from "./split.ts";

const sizes = fc.array(fc.integer({ min: 1, max: MAX_BYTES + 1000 }), { maxLength: 20 });

test("S23 D15: portions cover every name that fits, once, in order, and each is below the limit", () => {
  fc.assert(
    fc.property(sizes, (bytes) => {
      let names: readonly string[] = bytes.map(String);
      const portions: string[][] = [];
      const oversized: string[] = [];
      do {
        const taken = portion(names, (name) => name, Number);
        portions.push([...taken.items]);
        oversized.push(...taken.oversized);
        names = taken.rest;
      } while (names.length > 0);
      const total = (items: readonly string[]) => items.reduce((sum, item) => sum + Number(item), 0);
      expect(portions.every((items) => total(items) <= TARGET_BYTES || items.length === 1)).toBe(true);
      expect(portions.every((items) => total(items) <= MAX_BYTES)).toBe(true);
      expect(new Set([...portions.flat(), ...oversized])).toEqual(new Set(bytes.map(String)));
      expect(oversized.every((name) => Number(name) > MAX_BYTES)).toBe(true);
    }),
  );
});
