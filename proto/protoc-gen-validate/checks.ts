import type { NamedCheck, Site } from "./kinds/kind.ts";
import { kindOf } from "./kinds/kinds.ts";
import type { Operand, Rules } from "./rules.ts";

/** Rules that change what others mean, or are checked before there is a value. */
const NO_CHECK: ReadonlySet<string> = new Set(["required", "ignore_empty", "strict"]);

/** The checks that a value's rules ask for, each named as its option is written: `string.min_len`. */
export function checksOf({ kind: kindName }: Rules, site: Site): readonly NamedCheck[] {
  if (kindName === undefined) return [];
  const kind = kindOf(kindName);
  const joint = kind.joint?.names ?? [];
  const single = ([rule, operand]: readonly [string, Operand]): NamedCheck[] => {
    if (NO_CHECK.has(rule) || joint.includes(rule)) return [];
    const check = kind.rules[rule];
    if (check === undefined) throw new Error(`the rule ${kindName}.${rule} is not known`);
    return [{ rule, ...check(operand, site) }];
  };
  const checks = [...(kind.joint?.checks(site) ?? []), ...[...site.operands].flatMap(single)];
  return checks.map((check) => ({ ...check, rule: check.rule === "" ? kindName : `${kindName}.${check.rule}` }));
}
