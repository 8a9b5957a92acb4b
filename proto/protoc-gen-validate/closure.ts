import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isRelative } from "./kinds/time.ts";
import type { Options } from "./options.ts";
import type { Rules } from "./rules.ts";

/** Of a message: what it and the messages in it ask for. */
export interface Closure {
  /** Whether it can break a rule at all. */
  hasRules(message: DescMessage): boolean;
  /** Whether one of the rules compares with the present time. */
  needsNow(message: DescMessage): boolean;
}

const deep = (rules: Rules): readonly Rules[] => [rules, ...[...rules.inner.values()].flatMap(deep)];

const asksForAnything = ({ operands, message }: Rules): boolean => operands.size > 0 || message.has("required");

const isTimed = ({ kind, operands }: Rules): boolean => kind === "timestamp" && [...operands.keys()].some(isRelative);

/** The rules for the messages that a field holds: its own, or those of a list's items or a map's values. */
function messageRules(field: DescField, rules: Rules): ReadonlySet<string> {
  const inner = field.fieldKind === "list" ? "items" : field.fieldKind === "map" ? "values" : undefined;
  return inner === undefined ? rules.message : (rules.inner.get(inner)?.message ?? new Set());
}

/** Looks through fields into other messages, each once, so that recursive types end. */
export function closureOf(options: Options): Closure {
  const isEntered = (field: DescField): boolean => !messageRules(field, options.rules(field)).has("skip");
  const entered = ({ fields }: DescMessage): readonly DescMessage[] =>
    fields.filter(isEntered).flatMap(({ message }) => message ?? []);
  const isValidated = (message: DescMessage): boolean => !options.isDisabled(message) && !options.isIgnored(message);
  const reaches = (message: DescMessage, holds: (message: DescMessage) => boolean): boolean => {
    const reached = new Set([message].filter(isValidated));
    for (const each of reached) {
      if (holds(each)) return true;
      for (const next of entered(each).filter(isValidated)) reached.add(next);
    }
    return false;
  };
  const anyRules = ({ fields }: DescMessage, holds: (rules: Rules) => boolean): boolean =>
    fields.some((field) => deep(options.rules(field)).some(holds));
  return {
    hasRules: (message) =>
      reaches(message, (each) => each.oneofs.some(options.isRequired) || anyRules(each, asksForAnything)),
    needsNow: (message) => reaches(message, (each) => anyRules(each, isTimed)),
  };
}
