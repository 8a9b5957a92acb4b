import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { block, type Line } from "./code.ts";
import { elementOf, keyElement } from "./element.ts";
import { camelCase } from "./names.ts";
import { naming } from "./naming.ts";
import { NO_RULES, type Rules } from "./rules.ts";
import type { Scope } from "./scope.ts";
import { collectionLines, type Value, valueLines } from "./value.ts";

type MapField = DescField & { readonly fieldKind: "map" };

/** Code that checks one field of `message`; throws, with the field's name, where its rules cannot be understood. */
export function fieldLines(scope: Scope, field: DescField): readonly Line[] {
  const rules = scope.options.rules(field);
  const lines = field.oneof === undefined ? plainLines : caseLines;
  return naming(field, () => lines(scope, field, rules));
}

const isWrapped = ({ message }: DescField): boolean => message !== undefined && isWrapperDesc(message);

function fieldValue(field: DescField, code: string): Value {
  const explicit = field.presence === FeatureSet_FieldPresence.EXPLICIT;
  return { field, code, path: JSON.stringify(field.name), under: "", optional: explicit && field.oneof === undefined };
}

/** In a oneof: its rules hold while it is the one that is set. */
function caseLines(scope: Scope, field: DescField, rules: Rules): readonly Line[] {
  const oneof = `message.${camelCase(field.oneof?.name ?? "")}`;
  const value = { ...fieldValue(field, `${oneof}.value`), optional: isWrapped(field) };
  const head = `if (${oneof}?.$case === ${JSON.stringify(camelCase(field.name))})`;
  return block([head], valueLines(scope, value, elementOf(field), rules));
}

function plainLines(scope: Scope, field: DescField, rules: Rules): readonly Line[] {
  const value = fieldValue(field, `message.${camelCase(field.name)}`);
  switch (field.fieldKind) {
    case "list":
      return [...collectionLines(scope, value, "repeated", rules), ...itemLines(scope, value, rules)];
    case "map":
      return [...collectionLines(scope, value, "map", rules), ...pairLines(scope, { ...value, field }, rules)];
    case "scalar":
    case "enum":
    case "message":
      return valueLines(scope, value, elementOf(field), rules);
  }
}

const inner = (rules: Rules, name: string): Rules => rules.inner.get(name) ?? NO_RULES;

function itemLines(scope: Scope, list: Value, rules: Rules): readonly Line[] {
  const item = {
    ...list,
    code: "item",
    path: `\`${list.field.name}[\${i}]\``,
    under: "repeated.items.",
    optional: isWrapped(list.field),
  };
  const body = valueLines(scope, item, elementOf(list.field), inner(rules, "items"));
  if (body.length === 0) return [];
  return block([`for (let i = 0; i < ${list.code}.length; i++)`], [[`const item = ${list.code}[i]!;`], ...body]);
}

function pairLines(scope: Scope, map: Value & { readonly field: MapField }, rules: Rules): readonly Line[] {
  const { field, code } = map;
  const entry = { ...map, path: [scope.runtime("entry"), `(${JSON.stringify(field.name)}, key)`] };
  const key = { ...entry, code: keyCode(field), under: "map.keys.", optional: false };
  const value = { ...entry, code: "item", under: "map.values.", optional: isWrapped(field) };
  const keyLines = valueLines(scope, key, keyElement(field), inner(rules, "keys"));
  const itemLines = valueLines(scope, value, elementOf(field), inner(rules, "values"));
  if (keyLines.length + itemLines.length === 0) return [];
  const [keys, get] = isMap(field) ? [`of ${code}.keys()`, `${code}.get(key)!`] : [`in ${code}`, `${code}[key]!`];
  const item: readonly Line[] = itemLines.length === 0 ? [] : [[`const item = ${get};`]];
  return block([`for (const key ${keys})`], [...item, ...keyLines, ...itemLines]);
}

/** Every other map field is an object, whose keys are texts whatever the proto says. */
const isMap = ({ mapKey }: MapField): boolean => mapKey === ScalarType.BOOL;

const keyCode = (field: MapField): string => (isMap(field) || field.mapKey === ScalarType.STRING ? "key" : "+key");
