import type { Printable } from "@bufbuild/protoplugin";
import type { Operand } from "../rules.ts";
import { type Check, choice, type Kind, type NamedCheck, type Rule, type Site } from "./kind.ts";

/** How generated code compares a value with an operand. */
type Operator = "<" | "<=" | ">" | ">=" | "===";

/** Values with an order, and how to write it. */
export interface Order<O extends Operand> {
  /** An expression that compares the value. */
  against(site: Site, operator: Operator, operand: O): Printable;
  /** Less than zero if `a` comes first. */
  compare(a: O, b: O): number;
  text(operand: O): string;
}

interface Bound {
  readonly rule: string;
  readonly operator: Operator;
  readonly words: string;
}

const LOWER: readonly Bound[] = [
  { rule: "gt", operator: ">", words: "more than" },
  { rule: "gte", operator: ">=", words: "at least" },
];
const UPPER: readonly Bound[] = [
  { rule: "lt", operator: "<", words: "less than" },
  { rule: "lte", operator: "<=", words: "at most" },
];

interface Given<O> extends NamedCheck {
  readonly operand: O;
}

function given<O extends Operand>(order: Order<O>, site: Site, bounds: readonly Bound[]): readonly Given<O>[] {
  const both = bounds.flatMap(({ rule, operator, words }) => {
    const operand = site.operands.get(rule) as O | undefined;
    if (operand === undefined) return [];
    const allowed = `must be ${words} ${order.text(operand)}`;
    return [{ rule, operand, kept: order.against(site, operator, operand), allowed }];
  });
  if (both.length > 1) throw new Error(`${bounds.map(({ rule }) => rule).join(" and ")} cannot both be given`);
  return both;
}

/** A lower bound above the upper one means the values outside of the two. */
function boundChecks<O extends Operand>(order: Order<O>, site: Site): readonly NamedCheck[] {
  const [lower] = given(order, site, LOWER);
  const [upper] = given(order, site, UPPER);
  if (lower === undefined || upper === undefined) return [lower, upper].filter((bound) => bound !== undefined);
  const side = order.compare(lower.operand, upper.operand);
  if (side === 0) throw new Error(`${lower.rule} and ${upper.rule} are the same; that is what const is for`);
  if (side < 0) return [lower, upper];
  const allowed = `${upper.allowed} or ${lower.allowed.slice("must be ".length)}`;
  return [{ rule: lower.rule, kept: [upper.kept, " || ", lower.kept], allowed }];
}

const anyOf = (conditions: readonly Printable[]): Printable[] =>
  conditions.flatMap((condition, i) => (i === 0 ? [condition] : [" || ", condition]));

/** The rules that every order has. */
export function ordered<O extends Operand>(order: Order<O>): Required<Pick<Kind, "rules" | "joint">> {
  const isOneOf = (site: Site, operands: readonly O[]): Printable[] =>
    anyOf(operands.map((operand) => order.against(site, "===", operand)));
  const texts = (operands: readonly O[]): string => choice(operands.map(order.text));
  const isConst = (operand: O, site: Site): Check => ({
    kept: order.against(site, "===", operand),
    allowed: `must be ${order.text(operand)}`,
  });
  const isIn = (operands: readonly O[], site: Site): Check => ({
    kept: isOneOf(site, operands),
    allowed: `must be ${texts(operands)}`,
  });
  const isNotIn = (operands: readonly O[], site: Site): Check => ({
    kept: ["!(", ...isOneOf(site, operands), ")"],
    allowed: `must not be ${texts(operands)}`,
  });
  return {
    rules: { const: isConst as Rule, in: isIn as Rule, not_in: isNotIn as Rule },
    joint: {
      names: [...LOWER, ...UPPER].map(({ rule }) => rule),
      checks: (site) => boundChecks(order, site),
    },
  };
}
