import type { DescField } from "@bufbuild/protobuf";
import type { ReflectList, ReflectMessage } from "@bufbuild/protobuf/reflect";

/** A duration, or a time since 1970. */
export interface Moment {
  readonly seconds: number;
  readonly nanos: number;
}

/** What a rule is given. 64-bit integers are numbers here, as in ts-proto's messages. */
export type Operand = boolean | number | string | Uint8Array | Moment | readonly Operand[];

/** What `validate.rules` says of one value. */
export interface Rules {
  /** `string`, `repeated`, `any` …: which rules these are. */
  readonly kind: string | undefined;
  /** By rule name. A flag that is false asks for nothing and is not here. */
  readonly operands: ReadonlyMap<string, Operand>;
  /** `skip` and `required` of the message rules, which may stand beside any kind. */
  readonly message: ReadonlySet<string>;
  /** Rules for what is inside: `items` of a list, `keys` and `values` of a map. */
  readonly inner: ReadonlyMap<string, Rules>;
}

export const NO_RULES: Rules = { kind: undefined, operands: new Map(), message: new Set(), inner: new Map() };

/** Flags that mean something when they are false. */
const MEANT_WHEN_FALSE: ReadonlySet<string> = new Set(["const", "strict"]);

/** Reads one `validate.FieldRules`; throws where it has a rule that `validate/validate.proto` does not know. */
export function rulesOf(options: ReflectMessage): Rules {
  const set = fieldsSetIn(options);
  const kind = set.find((field) => field.name !== "message");
  const message = set.find((field) => field.name === "message");
  const ofKind = kind === undefined ? [] : entriesOf(options.get(kind) as ReflectMessage);
  const ofMessage = message === undefined ? [] : entriesOf(options.get(message) as ReflectMessage);
  return {
    kind: kind?.name,
    operands: new Map(ofKind.flatMap(([name, value]) => (isRules(value) ? [] : [[name, operandOf(value)]]))),
    message: new Set(ofMessage.map(([name]) => name)),
    inner: new Map(ofKind.flatMap(([name, value]) => (isRules(value) ? [[name, rulesOf(value)]] : []))),
  };
}

function fieldsSetIn(options: ReflectMessage): DescField[] {
  const [unknown] = options.getUnknown() ?? [];
  if (unknown !== undefined) throw new Error(`rule number ${unknown.no} of ${options.desc.typeName} is not known`);
  return options.fields.filter((field) => options.isSet(field));
}

const entriesOf = (rules: ReflectMessage): (readonly [name: string, value: unknown])[] =>
  fieldsSetIn(rules)
    .map((field) => [field.name, rules.get(field)] as const)
    .filter(([name, value]) => value !== false || MEANT_WHEN_FALSE.has(name));

const isMessage = (value: unknown): value is ReflectMessage =>
  typeof value === "object" && value !== null && "desc" in value;

const isRules = (value: unknown): value is ReflectMessage =>
  isMessage(value) && value.desc.typeName === "validate.FieldRules";

/**
 * A bound beyond the integers that a double holds is rounded. It still stands on the same side of every value that a
 * message can hold, because ts-proto refuses integers beyond them.
 */
function operandOf(value: unknown): Operand {
  if (typeof value === "bigint") return Number(value);
  if (isMessage(value)) return momentOf(value);
  if (typeof value === "object" && !(value instanceof Uint8Array)) return [...(value as ReflectList)].map(operandOf);
  return value as Operand;
}

function momentOf(moment: ReflectMessage): Moment {
  const [seconds, nanos] = ["seconds", "nanos"].map((name) => Number(moment.get(moment.desc.field[name] as DescField)));
  return { seconds: seconds ?? 0, nanos: nanos ?? 0 };
}
