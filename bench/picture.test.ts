import { expect, test } from "vitest";
import { picture } from "./picture.ts";

const svg = picture({
  title: "P99 < 10",
  colours: { one: "#111", other: "#222" },
  longest: 10,
  groups: [
    {
      title: "even",
      bars: [
        { name: "one", value: 5, text: "5 ms" },
        { name: "other", value: 40, text: "40 ms" },
      ],
    },
    { title: "uneven", bars: [{ name: "other", value: 0, text: "none" }] },
  ],
});

const drawn = (colour: string): readonly number[] =>
  [...svg.matchAll(new RegExp(`x="140" y="\\d+" width="(\\d+)" height="11" fill="${colour}"`, "g"))].map(([, width]) =>
    Number(width),
  );

test("a bar is as long as its value, and one beyond the longest is cut there and still says its value", () => {
  expect(drawn("#111")).toEqual([210]);
  expect(drawn("#222")).toEqual([420, 0]);
  expect(svg).toContain("40 ms");
});

test("bars do not lie on each other, and the picture is as tall as they need", () => {
  const [, height = 0] = /viewBox="0 0 640 (\d+)"/.exec(svg) ?? [];
  const tops = [...svg.matchAll(/x="140" y="(\d+)"/g)].map(([, top]) => Number(top));
  const steps = tops.slice(1).map((top, i) => top - (tops[i] ?? 0));
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(11);
  expect(Number(height)).toBeGreaterThanOrEqual(Math.max(...tops) + 11);
});

test("text is not taken for markup", () => {
  expect(svg).toContain("P99 &lt; 10");
});
