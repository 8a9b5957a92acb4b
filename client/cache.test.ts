import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cache, emptyCache, limitedTo, withAbsent, withNews } from "./cache.ts";
import { type News, NOTHING_WANTED } from "./exchange.ts";
import { ASSIGNMENT, LISTENER } from "./type-url.ts";

const NAME = "shop.default:80";
const accepting = (text: string, version: string) => ({
  accepted: new Map([[NAME, { content: { text }, bytes: Buffer.from(text) }]]),
  version,
});
const refusing = (problem: string) => ({ refused: new Map([[NAME, problem]]), version: "bad" });
const lacking = { lacking: [NAME], version: "gone" };

const news = (some: Partial<News>): News => ({
  typeUrl: LISTENER,
  version: "",
  accepted: new Map(),
  refused: new Map(),
  lacking: [],
  ...some,
});
const after = (row: readonly Partial<News>[], keepDeleted = false): Cache =>
  row.reduce<Cache>((cache, some) => withNews(cache, news(some), keepDeleted), emptyCache);
const entry = (cache: Cache) => cache[LISTENER].get(NAME);
const usedBy = (cache: Cache): unknown => {
  const found = entry(cache);
  return found?.kind === "here" ? found.value : undefined;
};

describe("the cache", () => {
  test("keeps the very value, and its version, while the bytes stay the same", () => {
    const first = after([accepting("one", "1")]);
    const second = withNews(first, news(accepting("one", "2")), false);
    expect(usedBy(second)).toBe(usedBy(first));
    expect(entry(second)).toMatchObject({ version: "1" });
    expect(entry(withNews(second, news(accepting("two", "3")), false))).toMatchObject({
      value: { text: "two" },
      version: "3",
    });
  });

  test("keeps what is good when its successor is bad, says why, and forgets why with the next good one", () => {
    const before = after([accepting("one", "1"), refusing("no port")]);
    expect(entry(before)).toMatchObject({ kind: "here", value: { text: "one" }, version: "1", refused: "no port" });
    expect(entry(withNews(before, news(accepting("one", "3")), false))).not.toHaveProperty("refused");
  });

  test("has nothing but the problem when the first is bad", () => {
    expect(entry(after([refusing("no port")]))).toEqual({ kind: "refused", problem: "no port" });
    expect(entry(after([refusing("no port"), accepting("one", "2")]))).toMatchObject({ kind: "here" });
  });

  test("drops what the server no longer lists, unless deletions are to be ignored", () => {
    expect(entry(after([accepting("one", "1"), lacking]))).toEqual({ kind: "absent" });
    expect(entry(after([accepting("one", "1"), lacking], true))).toMatchObject({ kind: "here", version: "1" });
  });

  test("does not take a name that was never told of for absent, since the response may be older than the question", () => {
    expect(entry(after([lacking]))).toBeUndefined();
  });

  test("gives up on a name of which nothing was heard, and on no other", () => {
    expect(entry(withAbsent(emptyCache, LISTENER, NAME))).toEqual({ kind: "absent" });
    const known = after([accepting("one", "1")]);
    expect(withAbsent(known, LISTENER, NAME)).toBe(known);
  });

  test("holds only what is wanted, and stays identical when that is all it has", () => {
    const known = after([accepting("one", "1")]);
    expect(limitedTo(known, { ...NOTHING_WANTED, [LISTENER]: [NAME] })[LISTENER]).toBe(known[LISTENER]);
    expect(limitedTo(known, NOTHING_WANTED)[LISTENER].size).toBe(0);
  });

  test("has in use the last good one after any news, and never touches what it was, nor other types", () => {
    const one = fc.oneof(
      fc.constantFrom("one", "two").map((text) => ({ text, ...accepting(text, "v") })),
      fc.constant({ text: undefined, ...refusing("bad") }),
    );
    fc.assert(
      fc.property(fc.array(one, { minLength: 1 }), (row) => {
        const cache = after(row);
        const last = row.findLast(({ text }) => text !== undefined);
        expect(usedBy(cache)).toEqual(last && { text: last.text });
        const before = new Map(cache[LISTENER]);
        const later = withNews(cache, news(lacking), false);
        expect(cache[LISTENER]).toEqual(before);
        expect(later[ASSIGNMENT]).toBe(cache[ASSIGNMENT]);
      }),
    );
  });
});
