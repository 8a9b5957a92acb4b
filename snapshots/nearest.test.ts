import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["zonemode", "zone-mode"],
  ["lp", "lb"],
  ["enable", "enabled"],
  ["zone-tolerance", "zone-mode"],
])("of the known keys, %s is nearest to %s", (word, known) => {
  expect(nearest(word, ["enabled", "lb", "zone-mode"])).toBe(known);
});

test("nothing is nearest to a word when nothing is known", () => {
  expect(nearest("a", [])).toBeUndefined();
});
