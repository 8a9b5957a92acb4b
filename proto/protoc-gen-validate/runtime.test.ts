import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  areBytesUnique,
  broken,
  bytesContain,
  characters,
  compareDuration,
  isDuration,
  isUnique,
  missing,
  utf8Length,
  type Violation,
  within,
} from "./runtime.ts";

const texts = fc.string({ unit: "binary" });
const halves = fc.array(fc.integer({ min: 0xd7fe, max: 0xe001 })).map((units) => String.fromCharCode(...units));

describe("lengths", () => {
  test("characters are code points", () => {
    fc.assert(fc.property(fc.oneof(texts, halves), (text) => characters(text) === [...text].length));
  });

  test("the length in UTF-8 is that of the encoded text, half characters included", () => {
    fc.assert(fc.property(fc.oneof(texts, halves), (text) => utf8Length(text) === Buffer.byteLength(text)));
  });
});

describe("uniqueness", () => {
  test("items are unique if a set of them is as large", () => {
    const lists = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.string({ maxLength: 1 })), { maxLength: 40 });
    fc.assert(fc.property(lists, (items) => isUnique(items) === (new Set(items).size === items.length)));
  });

  test("byte strings are compared by what they hold", () => {
    expect(areBytesUnique([new Uint8Array([1, 2]), new Uint8Array([12])])).toBe(true);
    expect(areBytesUnique([new Uint8Array([1]), new Uint8Array([1])])).toBe(false);
  });
});

test("bytes are searched as a buffer searches", () => {
  const few = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 8 });
  fc.assert(
    fc.property(few, few, (bytes, part) => {
      return bytesContain(new Uint8Array(bytes), part) === Buffer.from(bytes).includes(Buffer.from(part));
    }),
  );
});

describe("durations", () => {
  const moments = fc.record({
    seconds: fc.integer({ min: 0, max: 315_576_000_000 }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
  });
  const durations = fc.tuple(moments, fc.constantFrom(1, -1)).map(([{ seconds, nanos }, sign]) => ({
    seconds: seconds * sign,
    nanos: nanos * sign,
  }));
  const total = ({ seconds, nanos }: { seconds: number; nanos: number }): bigint =>
    BigInt(seconds) * 1_000_000_000n + BigInt(nanos);

  test("they are in the order of their nanoseconds", () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const difference = total(a) - total(b);
        return Math.sign(compareDuration(a, b.seconds, b.nanos)) === (difference > 0 ? 1 : difference < 0 ? -1 : 0);
      }),
    );
  });

  test("every duration of protobuf's range is one", () => {
    fc.assert(fc.property(durations, isDuration));
  });

  test.each([
    { seconds: 1, nanos: -1 },
    { seconds: -1, nanos: 1 },
    { seconds: 0, nanos: 1e9 },
    { seconds: 315_576_000_001, nanos: 0 },
    { seconds: Number.NaN, nanos: 0 },
  ])("$seconds seconds and $nanos nanoseconds are none", (duration) => {
    expect(isDuration(duration)).toBe(false);
  });
});

describe("violations", () => {
  test.each([
    ["", '""'],
    [7, "7"],
    [Number.NaN, "NaN"],
    [new Uint8Array(3), "3 bytes"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new Date(Number.NaN), "an invalid date"],
    ["a".repeat(100), `"${"a".repeat(59)}…`],
    [{ seconds: 0, nanos: 1 }, '{"seconds":0,"nanos":1}'],
    [undefined, "undefined"],
  ])("%j is shown as %s", (value, shown) => {
    const found: Violation[] = [];
    broken(found, "a", "b", "must be c", value);
    expect(found).toEqual([{ path: "a", rule: "b", message: `must be c, not ${shown}` }]);
  });

  test("a path is put before the violations that were found in it, and before no others", () => {
    const found: Violation[] = [];
    missing(found, "first", "message.required");
    missing(found, "inner", "message.required");
    within(found, 1, "outer[0]");
    expect(found.map(({ path }) => path)).toEqual(["first", "outer[0].inner"]);
  });
});
