import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HeaderMatcher } from "../../gen/envoy/config/route/v3/route_components.ts";
import { parseHeader } from "./header.ts";

type Specifier = NonNullable<HeaderMatcher["headerMatchSpecifier"]>;
type Matching = NonNullable<Extract<Specifier, { $case: "stringMatch" }>["value"]["matchPattern"]>;

const parsed = (headerMatchSpecifier: Specifier | undefined, invertMatch = false) =>
  parseHeader(HeaderMatcher.fromPartial({ name: "h", headerMatchSpecifier, invertMatch }));

function holds(value: string | undefined, specifier: Specifier | undefined, invertMatch = false): boolean {
  const rule = parsed(specifier, invertMatch);
  if (rule.kind === "bad") throw new Error(rule.problems.join("; "));
  return rule.value.holds(value);
}

const text = (matchPattern: Matching, ignoreCase = false): Specifier => ({
  $case: "stringMatch",
  value: { matchPattern, ignoreCase },
});
const regex = (pattern: string): Matching => ({ $case: "safeRegex", value: { regex: pattern } as never });
const range = (start: number, end: number): Specifier => ({ $case: "rangeMatch", value: { start, end } });
const present = (value: boolean): Specifier => ({ $case: "presentMatch", value });

describe("a header", () => {
  test.each<readonly [string, string, Specifier, boolean]>([
    ["that is the text matches", "abc", text({ $case: "exact", value: "abc" }), true],
    ["that is more than the text does not", "abcd", text({ $case: "exact", value: "abc" }), false],
    ["that begins so matches", "abc", text({ $case: "prefix", value: "ab" }), true],
    ["that ends so matches", "abc", text({ $case: "suffix", value: "bc" }), true],
    ["that has it inside matches", "abc", text({ $case: "contains", value: "b" }), true],
    ["in other letters does not match", "ABC", text({ $case: "exact", value: "abc" }), false],
    ["in other letters matches where that is said", "ABC", text({ $case: "exact", value: "aBc" }, true), true],
    ["that a pattern takes as a whole matches", "abc", text(regex("a|abc")), true],
    ["that a pattern takes in part does not", "abcd", text(regex("abc")), false],
    ["is compared by the older fields too: exact", "abc", { $case: "exactMatch", value: "abc" }, true],
    ["is compared by the older fields too: prefix", "abc", { $case: "prefixMatch", value: "b" }, false],
    ["is compared by the older fields too: suffix", "abc", { $case: "suffixMatch", value: "c" }, true],
    ["is compared by the older fields too: contains", "abc", { $case: "containsMatch", value: "x" }, false],
    ["in the range matches from its start", "10", range(10, 20), true],
    ["at the end of the range does not", "20", range(10, 20), false],
    ["below zero is a number too", "-5", range(-10, 0), true],
    ["that is no whole number is in no range", "10.5", range(10, 20), false],
    ["that is empty is in no range", "", range(-1, 1), false],
  ])("%s", (_, value, specifier, fits) => {
    expect(holds(value, specifier)).toBe(fits);
    expect(holds(value, specifier, true)).toBe(!fits);
  });

  test.each<readonly [string, string | undefined, boolean, boolean]>([
    ["that is there is present", "x", true, true],
    ["that is empty is present", "", true, true],
    ["that is not there is not", undefined, true, false],
    ["that is not there is absent", undefined, false, true],
    ["that is there is not absent", "x", false, false],
  ])("%s", (_, value, wanted, fits) => {
    expect(holds(value, present(wanted))).toBe(fits);
    expect(holds(value, present(wanted), true)).toBe(!fits);
  });

  test("without a rule has only to be there", () => {
    expect([holds("x", undefined), holds(undefined, undefined)]).toEqual([true, false]);
  });

  test("that is absent matches no rule about its value, not even one turned round", () => {
    const rule = fc.constantFrom<Specifier>(
      text({ $case: "exact", value: "" }),
      text({ $case: "prefix", value: "" }),
      text(regex(".*")),
      range(0, 1),
    );
    fc.assert(
      fc.property(rule, fc.boolean(), (specifier, invert) => {
        expect(holds(undefined, specifier, invert)).toBe(false);
      }),
    );
  });

  test("that is a whole number is in a range exactly when it is", () => {
    const number = fc.integer({ min: -100, max: 100 });
    fc.assert(
      fc.property(number, number, number, (value, start, end) => {
        expect(holds(String(value), range(start, end))).toBe(value >= start && value < end);
      }),
    );
  });

  test("whose rule cannot be read is a problem that names it", () => {
    expect(parsed(text(regex("(")))).toEqual({
      kind: "bad",
      problems: ['header "h": "(" is not a regular expression'],
    });
  });
});
