import type { DescField } from "@bufbuild/protobuf";
import type { Printable } from "@bufbuild/protoplugin";
import { checksOf } from "./checks.ts";
import { block, type Line } from "./code.ts";
import type { Element } from "./element.ts";
import { kindOf } from "./kinds/kinds.ts";
import type { Rules } from "./rules.ts";
import type { Scope } from "./scope.ts";

/** One value in generated code. */
export interface Value {
  readonly field: DescField;
  /** The expression for it. */
  readonly code: string;
  /** The expression for its path in the message. */
  readonly path: Printable;
  /** What stands before the name of its rules: `repeated.items.`, say. */
  readonly under: string;
  /** Whether the expression may be undefined. */
  readonly optional: boolean;
}

/** Code that checks a value: that it is there, its own rules, then those of the message that it is. */
export function valueLines(scope: Scope, value: Value, element: Element, rules: Rules): readonly Line[] {
  if (!element.isMessage) refuseMessageRules(rules, String(element.kind));
  const body = [...checkLines(scope, value, element.kind, rules), ...messageLines(scope, value, element, rules)];
  const guarded = value.optional ? block([`if (${value.code} !== undefined)`], body) : body;
  return [...requiredLines(scope, value, rules), ...guarded];
}

function refuseMessageRules({ message }: Rules, kind: string): void {
  if (message.size > 0) throw new Error(`message rules do not fit ${kind}`);
}

/** Code that checks a list or a map as a whole. */
export function collectionLines(scope: Scope, value: Value, kind: string, rules: Rules): readonly Line[] {
  refuseMessageRules(rules, kind);
  return checkLines(scope, value, kind, rules);
}

function requiredLines(scope: Scope, { code, path, under }: Value, rules: Rules): readonly Line[] {
  const kind = rules.message.has("required") ? "message" : rules.operands.has("required") ? rules.kind : undefined;
  if (kind === undefined) return [];
  const rule = JSON.stringify(`${under}${kind}.required`);
  return [[`if (${code} === undefined) `, scope.runtime("missing"), "(found, ", path, `, ${rule});`]];
}

/** Envoy writes `any: {required: true}` on messages that are no `Any`, and PGV takes it as what it says. */
const isOnlyRequired = ({ kind, operands }: Rules, actual: string | undefined): boolean =>
  kind === "any" && actual === undefined && operands.size === 1 && operands.has("required");

/** Code for the rules of one kind, which must be the kind of the value. */
function checkLines(scope: Scope, value: Value, kind: string | undefined, rules: Rules): readonly Line[] {
  if (rules.kind === undefined || isOnlyRequired(rules, kind)) return [];
  if (rules.kind !== kind) throw new Error(`${rules.kind} rules do not fit ${kind ?? "a message"}`);
  const { runtime, format, hoisted } = scope;
  const site = { value: value.code, operands: rules.operands, field: value.field, runtime, format, hoisted };
  const lines = checksOf(rules, site).map(({ rule, kept, allowed, shown = value.code }): Line => {
    const texts = [`${value.under}${rule}`, allowed].map((text) => JSON.stringify(text)).join(", ");
    return ["if (!(", kept, ")) ", runtime("broken"), "(found, ", value.path, `, ${texts}, `, shown, ");"];
  });
  const condition = rules.operands.has("ignore_empty") ? kindOf(rules.kind).nonEmpty?.(site) : undefined;
  return condition === undefined ? lines : block(["if (", condition, ")"], lines);
}

function messageLines(scope: Scope, value: Value, { message }: Element, rules: Rules): readonly Line[] {
  if (message === undefined || rules.message.has("skip") || !scope.closure.hasRules(message)) return [];
  const now = scope.closure.needsNow(message) ? ", now" : "";
  return [
    ["const before = found.length;"],
    [scope.validator(message), `(${value.code}${now}, found);`],
    ["if (found.length > before) ", scope.runtime("within"), "(found, before, ", value.path, ");"],
  ];
}
