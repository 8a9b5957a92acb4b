/** Reads JSON that somebody else wrote, field by field, and notes every field that is not as it must be. */

/** A value, where it stands, and where to complain of it. */
export interface Field {
  readonly value: unknown;
  /** The object or list that it is in, and its name or place there; absent for the whole. */
  readonly parent?: Field;
  readonly step: string | number;
  /** Each once, however often the field is read. */
  readonly complaints: Set<string>;
}

/** `complaints` is filled while the value is read. */
export const whole = (value: unknown, complaints: Set<string>): Field => ({ value, step: "", complaints });

/** `spec.ports[0].port`, `metadata.labels["a/b"]`. Written only to complain, as there are many more good fields than bad ones. */
function pathOf({ parent, step }: Field): string {
  if (parent === undefined) return "";
  const before = pathOf(parent);
  if (typeof step === "number") return `${before}[${step}]`;
  if (!/^\w+$/.test(step)) return `${before}["${step}"]`;
  return before === "" ? step : `${before}.${step}`;
}

/** How a bad value is shown: short, on one line, and safe for values that contain themselves. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}

export function complain(field: Field, must: string): void {
  const { value, complaints } = field;
  const found = value === undefined ? `is missing: it must be ${must}` : `must be ${must}, not ${shown(value)}`;
  complaints.add(`${pathOf(field) || "the object"} ${found}`);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Kubernetes writes null for what is absent (H1). */
const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** A member of an object. Of anything else it is absent; `record` complains of that once. */
export function at(parent: Field, step: string): Field {
  const { value, complaints } = parent;
  return { value: isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined, parent, step, complaints };
}

/** The field as an object; an absent one counts as empty. */
export function record(field: Field): Field {
  if (!isAbsent(field.value) && !isRecord(field.value)) complain(field, "an object");
  return field;
}

/** The names of an object's members. */
export const names = ({ value }: Field): readonly string[] => (isRecord(value) ? Object.keys(value) : []);

/** The items of a list; none when absent. */
export function items(parent: Field): readonly Field[] {
  const { value, complaints } = parent;
  if (Array.isArray(value)) return value.map((item, step) => ({ value: item, parent, step, complaints }));
  if (!isAbsent(value)) complain(parent, "a list");
  return [];
}

/** Reads a scalar that may be absent. */
const optional =
  <T>(must: string, check: (value: unknown) => value is T) =>
  (field: Field): T | undefined => {
    if (isAbsent(field.value)) return undefined;
    if (check(field.value)) return field.value;
    complain(field, must);
    return undefined;
  };

const isPort = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535;

export const flag = optional("true or false", (value) => typeof value === "boolean");

const PORT_RULE = "an integer from 1 to 65535";

export const port = optional(PORT_RULE, isPort);

/** A port that must be there; 0 where it is not, so that the rest is read and complained of too. */
export function requiredPort(field: Field): number {
  if (isPort(field.value)) return field.value;
  complain(field, PORT_RULE);
  return 0;
}

export const portOrName = optional(
  `${PORT_RULE} or a name`,
  (value): value is number | string => isPort(value) || (typeof value === "string" && value !== ""),
);

const string = optional("a string", (value) => typeof value === "string");

/** A string; an empty one counts as absent. */
export const text = (field: Field): string | undefined => string(field) || undefined;

/** One of a few words. */
export function word<T extends string>(field: Field, allowed: readonly T[]): T | undefined {
  if (isAbsent(field.value)) return undefined;
  const found = allowed.find((candidate) => candidate === field.value);
  if (found === undefined) complain(field, `one of ${allowed.join(", ")}`);
  return found;
}

/** A string that must be there and pass `check`; "" where it does not, so that the rest is read and complained of too. */
export function required(field: Field, must: string, check: (value: string) => boolean): string {
  if (typeof field.value === "string" && check(field.value)) return field.value;
  complain(field, must);
  return "";
}
