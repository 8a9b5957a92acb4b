import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PathRule, Route } from "./parse/route.ts";
import { clusterOf, routeFor, virtualHostFor } from "./route-match.ts";

const hostWith = (...domains: readonly string[]) => ({ domains, routes: [] });
const domainFor = (authority: string, ...domains: readonly string[]): string | undefined =>
  virtualHostFor(
    domains.map((domain) => hostWith(domain)),
    authority,
  )?.domains[0];

describe("the virtual host", () => {
  test.each([
    ["an exact domain wins over any pattern", "a.b.c", ["*", "a.*", "*.b.c", "a.b.c"], "a.b.c"],
    ["a suffix wins over a prefix, however long", "a.b.c", ["a.b.*", "*.c"], "*.c"],
    ["the longer of two suffixes wins", "a.b.c", ["*.c", "*.b.c"], "*.b.c"],
    ["the longer of two prefixes wins", "a.b.c", ["a.*", "a.b.*"], "a.b.*"],
    ["letters count alike, small or capital", "Shop.Default", ["*", "sHOP.dEFAULT"], "sHOP.dEFAULT"],
    ["a star does not stand for nothing at the start", ".b.c", ["*.b.c"], undefined],
    ["a star does not stand for nothing at the end", "a.b.", ["a.b.*"], undefined],
    ["what fits nowhere has no host", "x", ["y", "*.x", "x.*"], undefined],
  ])("%s", (_, authority, domains, chosen) => {
    expect(domainFor(authority, ...domains)).toBe(chosen);
  });

  test("does not depend on the order of hosts", () => {
    const domain = fc.constantFrom("*", "a.*", "a.b.*", "*.c", "*.b.c", "a.b.c", "x");
    fc.assert(
      fc.property(fc.uniqueArray(domain), (domains) => {
        expect(domainFor("a.b.c", ...domains.toReversed())).toBe(domainFor("a.b.c", ...domains));
      }),
    );
  });
});

const taking = (path: PathRule, more: Partial<Route> = {}): Route => ({
  path,
  headers: [],
  part: 1,
  clusters: [{ name: "one", weight: 1 }],
  maxStreamMs: undefined,
  retries: undefined,
  ...more,
});
const asking = (path: string, headers: Readonly<Record<string, string>> = {}) => ({
  path,
  header: (name: string): string | undefined => headers[name],
});
const never = (): number => {
  throw new Error("no dice are needed");
};
const exactly = (text: string): PathRule => ({ kind: "path", text, ignoreCase: false });
const from = (text: string): PathRule => ({ kind: "prefix", text, ignoreCase: false });

describe("the route", () => {
  test.each<readonly [string, PathRule, string, boolean]>([
    ["a path is that path", exactly("/s/M"), "/s/M", true],
    ["a path is no prefix", exactly("/s/M"), "/s/MM", false],
    ["a prefix is where it begins", from("/s/"), "/s/M", true],
    ["a prefix elsewhere is none", from("/M"), "/s/M", false],
    ["the empty prefix is every path", from(""), "/s/M", true],
    ["letters differ", from("/S/"), "/s/M", false],
    ["letters do not differ where the rule says so", { kind: "path", text: "/S/m", ignoreCase: true }, "/s/M", true],
    ["a pattern is the whole path", { kind: "regex", pattern: /^(?:\/s\/.)$/u }, "/s/M", true],
  ])("%s", (_, rule, path, fits) => {
    const found = routeFor({ domains: ["*"], routes: [taking(rule)] }, asking(path), never);
    expect(found !== undefined).toBe(fits);
  });

  test("is the first that takes path and headers, not the closest", () => {
    const canary = taking(from("/s/"), { headers: [{ name: "canary", holds: (value) => value === "yes" }] });
    const [first, second] = [taking(from("")), taking(exactly("/s/M"))];
    const host = { domains: ["*"], routes: [canary, first, second] };
    expect(routeFor(host, asking("/s/M"), never)).toBe(first);
    expect(routeFor(host, asking("/s/M", { canary: "yes" }), never)).toBe(canary);
  });

  test("that takes a part leaves the rest to the next", () => {
    const [some, rest] = [taking(from(""), { part: 0.25 }), taking(from(""))];
    const host = { domains: ["*"], routes: [some, rest] };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (thrown) => {
        expect(routeFor(host, asking("/s/M"), () => thrown)).toBe(thrown < 0.25 ? some : rest);
      }),
    );
  });
});

test("of even throws each cluster gets its weight's part, to within one", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const clusters = weights.map((weight, i) => ({ name: String(i), weight }));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      const names = Array.from({ length: sum }, (_, i) => clusterOf(clusters, () => (i + 0.5) / sum));
      const counts = weights.map((_, i) => names.filter((name) => name === String(i)).length);
      expect(counts).toEqual(weights);
    }),
  );
});
