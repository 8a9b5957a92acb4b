import fc from "fast-check";
import { expect, test } from "vitest";
import { NOTHING_UNFINISHED, splitLines } from "./json-lines.ts";

const splitAll = (chunks: readonly Buffer[]) => {
  let unfinished = NOTHING_UNFINISHED;
  const lines = chunks.flatMap((chunk) => {
    const split = splitLines(unfinished, chunk);
    unfinished = split.unfinished;
    return split.lines;
  });
  return { lines, bytes: unfinished.bytes };
};

test("however the bytes are cut, the lines are the same", () => {
  const text = fc.array(
    fc.string({ unit: "grapheme" }).map((one) => one.replaceAll("\n", "")),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(""));
      const at = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      expect(splitAll(chunks)).toEqual({ lines: lines.filter((one) => one !== ""), bytes: 0 });
    }),
  );
});

test("a line without its end is counted and not given", () => {
  expect(splitAll([Buffer.from('{"a":1}\n{"b'), Buffer.from('":2')])).toEqual({ lines: ['{"a":1}'], bytes: 6 });
});
