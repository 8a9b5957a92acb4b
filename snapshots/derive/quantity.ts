/** What an annotation may say where it is no word: numbers, durations, lists. */
import type { Annotation } from "./annotations.ts";

type Form<T> = Pick<Annotation<T>, "allowed" | "parse">;

export const MAX_UINT32 = 0xffffffff;

const within = (value: number, from: number, to: number): number | undefined =>
  value >= from && value <= to ? value : undefined;

/** A whole number from `from` to `to`, both included. */
export const wholeNumber = (from: number, to: number): Form<number> => ({
  allowed: `a whole number from ${from} to ${to}`,
  parse: (text) => (/^\d{1,10}$/.test(text) ? within(Number(text), from, to) : undefined),
});

/** A percentage from 1 to 100, with or without its sign. */
export const percentage: Form<number> = {
  allowed: "a whole percentage from 1% to 100%",
  parse: (text) => (/^\d{1,3}%?$/.test(text) ? within(Number.parseInt(text, 10), 1, 100) : undefined),
};

const UNIT_MS = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);
const LONGEST_MS = 24 * 3_600_000;

function msIn(text: string): number {
  const [, number = "", unit = ""] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  return Number(number) * (UNIT_MS.get(unit) ?? 0);
}

/** In milliseconds. */
export const duration: Form<number> = {
  allowed: "a whole number with ms, s, m or h, such as 250ms or 5s, from 1ms to 24h",
  parse: (text) => within(msIn(text), 1, LONGEST_MS),
};

/** In milliseconds; long enough to be a time in which something changes by steps. */
export const period: Form<number> = {
  allowed: "a whole number with ms, s, m or h, such as 30s or 5m, from 1s to 1h",
  parse: (text) => within(msIn(text), 1_000, 3_600_000),
};

/** A Service may say `none` where its Namespace, or the server, has a default that it does not want. */
export const orNone = <T>({ allowed, parse }: Form<T>): Form<T | "none"> => ({
  allowed: `none, or ${allowed}`,
  parse: (text) => (text === "none" ? text : parse(text)),
});

/** The parts of a list; blanks beside the commas do not count. */
export const listed = (text: string): readonly string[] => text.split(",").map((part) => part.trim());
