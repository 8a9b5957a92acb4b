import { typeName } from "../names.ts";
import { BYTES } from "./bytes.ts";
import { MAP, REPEATED } from "./collection.ts";
import { equals, isIn, isNotIn, type Kind, type Rule } from "./kind.ts";
import { FLOAT, NUMBER } from "./number.ts";
import { STRING } from "./text.ts";
import { DURATION, TIMESTAMP } from "./time.ts";

const definedOnly: Rule<true> = (_operand, site) => {
  const desc = site.field.enum;
  if (desc === undefined) throw new Error("defined_only is for enums");
  const defined = isIn()(
    desc.values.map(({ number }) => number),
    site,
  );
  return { ...defined, allowed: `must be a value of ${typeName(desc)}` };
};

const BOOL: Kind = { rules: { const: equals } };

/** By a set as well: TypeScript refuses `===` between an enum and a number that it does not define. */
const enumConst: Rule<number> = (operand, site) => isIn()([operand], site);

const ENUM: Kind = {
  rules: { const: enumConst, defined_only: definedOnly, in: isIn(), not_in: isNotIn() },
};

const typeUrl = (value: string): string => `${value}.typeUrl`;

const ANY: Kind = { rules: { in: isIn(typeUrl), not_in: isNotIn(typeUrl) } };

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["float", FLOAT],
  ["double", NUMBER],
  ["int32", NUMBER],
  ["int64", NUMBER],
  ["uint32", NUMBER],
  ["uint64", NUMBER],
  ["sint32", NUMBER],
  ["sint64", NUMBER],
  ["fixed32", NUMBER],
  ["fixed64", NUMBER],
  ["sfixed32", NUMBER],
  ["sfixed64", NUMBER],
  ["bool", BOOL],
  ["string", STRING],
  ["bytes", BYTES],
  ["enum", ENUM],
  ["repeated", REPEATED],
  ["map", MAP],
  ["any", ANY],
  ["duration", DURATION],
  ["timestamp", TIMESTAMP],
]);

/** The rules of a kind, by the name it has in `validate.FieldRules`. */
export function kindOf(name: string): Kind {
  const kind = KINDS.get(name);
  if (kind === undefined) throw new Error(`rules of kind ${name} are not known`);
  return kind;
}
