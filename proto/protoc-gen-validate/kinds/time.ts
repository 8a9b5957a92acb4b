import type { Moment } from "../rules.ts";
import type { Check, Kind, Rule, Site } from "./kind.ts";
import { ordered } from "./ordered.ts";

const compare = (a: Moment, b: Moment): number => a.seconds - b.seconds || a.nanos - b.nanos;

const seconds = (moment: Moment): string => `${moment.seconds + moment.nanos / 1e9}s`;

const milliseconds = (moment: Moment): number => moment.seconds * 1e3 + moment.nanos / 1e6;

const durations = ordered<Moment>({
  against: ({ value, runtime }, operator, operand) => [
    runtime("compareDuration"),
    `(${value}, ${operand.seconds}, ${operand.nanos}) ${operator} 0`,
  ],
  compare,
  text: seconds,
});

/** `google.protobuf.Duration`, which is always checked to be one. */
export const DURATION: Kind = {
  ...durations,
  joint: {
    ...durations.joint,
    checks: (site) => [
      { rule: "", kept: [site.runtime("isDuration"), `(${site.value})`], allowed: "must be a duration" },
      ...durations.joint.checks(site),
    ],
  },
};

const within: Rule<Moment> = (operand, { value }) => ({
  kept: `globalThis.Math.abs(${value}.getTime() - now.getTime()) <= ${milliseconds(operand)}`,
  allowed: `must be within ${seconds(operand)} of now`,
});

const againstNow =
  (operator: "<" | ">", words: string) =>
  (_operand: true, { value }: Site): Check => ({
    kept: `${value}.getTime() ${operator} now.getTime()`,
    allowed: `must be ${words}`,
  });

/** The rules that need to be told what time it is. */
const RELATIVE = {
  lt_now: againstNow("<", "in the past"),
  gt_now: againstNow(">", "in the future"),
  within,
} as const satisfies Record<string, Rule<never>>;

export const isRelative = (rule: string): boolean => Object.hasOwn(RELATIVE, rule);

const times = ordered<Moment>({
  against: ({ value }, operator, operand) => `${value}.getTime() ${operator} ${milliseconds(operand)}`,
  compare,
  text: (moment) => new Date(milliseconds(moment)).toISOString(),
});

/** `google.protobuf.Timestamp`, which ts-proto makes a `Date`. */
export const TIMESTAMP: Kind = { ...times, rules: { ...times.rules, ...RELATIVE } };
