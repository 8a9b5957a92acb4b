import { expect, test } from "vitest";
import { pictureOf } from "./picture.ts";

const ROWS = [
  { scenario: "even", by: "one", ms: 5 },
  { scenario: "even", by: "other", ms: 40 },
  { scenario: "uneven", by: "other", ms: Number.NaN },
];

const svg = pictureOf(ROWS, {
  title: "P99 < 10",
  colours: { one: "#111", other: "#222" },
  longest: 10,
  nameOf: ({ by }) => by,
  measured: ({ ms }) => ms,
});

const lengths = (colour: string): readonly number[] =>
  [...svg.matchAll(new RegExp(`x="160" y="\\d+" width="(\\d+)" height="11" fill="${colour}"`, "g"))].map(([, width]) =>
    Number(width),
  );

test("a bar is as long as its value; beyond the longest it is cut, and without a value it is not there, and the text says so", () => {
  expect(lengths("#111")).toEqual([200]);
  expect(lengths("#222")).toEqual([400, 0]);
  expect(svg).toContain(">40.0<");
  expect(svg).toContain(">none<");
});

test("bars do not lie on each other, and the picture is as tall as they need", () => {
  const [, height = 0] = /viewBox="0 0 640 (\d+)"/.exec(svg) ?? [];
  const tops = [...svg.matchAll(/<rect x="160" y="(\d+)"/g)].map(([, top]) => Number(top));
  const steps = tops.slice(1).map((top, i) => top - (tops[i] ?? 0));
  expect(tops).toHaveLength(ROWS.length);
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(11);
  expect(Number(height)).toBeGreaterThanOrEqual(Math.max(...tops) + 11);
});

test("each scenario has its bars under one title, and text is not taken for markup", () => {
  expect(svg.match(/text-anchor="end"/g)).toHaveLength(2);
  expect(svg).toContain("P99 &lt; 10");
});
