import type { DescField } from "@bufbuild/protobuf";
import type { Printable } from "@bufbuild/protoplugin";
import type { Operand } from "../rules.ts";

/** What one rule asks of a value, in generated code and in words. */
export interface Check {
  /** An expression that is true if the rule is kept. */
  readonly kept: Printable;
  /** What the violation says is allowed: `must be at least 1`. */
  readonly allowed: string;
  /** The expression that the violation shows, where that is not the value itself. */
  readonly shown?: Printable;
}

/** A check and the rule that asks for it. */
export interface NamedCheck extends Check {
  /** Empty where the kind itself asks for it, whatever the rules. */
  readonly rule: string;
}

/** One value in generated code, and what a rule may need to know of it. */
export interface Site {
  /** The expression for the value; it is set where a check stands. */
  readonly value: string;
  /** Every rule of the value, for those that change what another one means. */
  readonly operands: ReadonlyMap<string, Operand>;
  /** The field that the value is, or is in. */
  readonly field: DescField;
  /** Gives a name to an expression that is computed once per module. */
  hoisted(expression: string): string;
  runtime(name: string): Printable;
  format(name: string): Printable;
}

/** Makes the check of a rule. A method's type, so that each rule may name the one kind of operand that its option has. */
export type Rule<O extends Operand = Operand> = { check(operand: O, site: Site): Check }["check"];

/** The rules for values of one kind. */
export interface Kind {
  readonly rules: Readonly<Record<string, Rule>>;
  /** Rules that are read together, and the checks they make. */
  readonly joint?: { readonly names: readonly string[]; checks(site: Site): readonly NamedCheck[] };
  /** An expression that is true unless the value is what `ignore_empty` leaves alone. */
  nonEmpty?(site: Site): Printable;
}

/** A value as a literal, in code and for people. */
export const literal = (value: string | number | boolean): string =>
  typeof value === "string" ? JSON.stringify(value) : String(value);

/** For people: `1, 2 or 3`. */
export const choice = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;

/** For people: `1 item`, `2 items`. */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** `const`, for values that JavaScript compares by `===`. */
export const equals: Rule<string | boolean> = (operand, { value }) => ({
  kept: `${value} === ${literal(operand)}`,
  allowed: `must be ${literal(operand)}`,
});

type Literals = readonly (string | number)[];

const setOf = (operand: Literals): string =>
  `new globalThis.Set<${typeof operand[0]}>([${operand.map(literal).join(", ")}])`;

/** `in`, of whatever the given expression makes of the value. */
export const isIn =
  (read: (value: string) => string = (value) => value): Rule<Literals> =>
  (operand, { value, hoisted }) => ({
    kept: `${hoisted(setOf(operand))}.has(${read(value)})`,
    allowed: `must be ${choice(operand.map(literal))}`,
    shown: read(value),
  });

/** `not_in`, likewise. */
export const isNotIn =
  (read: (value: string) => string = (value) => value): Rule<Literals> =>
  (operand, { value, hoisted }) => ({
    kept: `!${hoisted(setOf(operand))}.has(${read(value)})`,
    allowed: `must not be ${choice(operand.map(literal))}`,
    shown: read(value),
  });
