/** A body against its schema. Other than of a query, nothing of it is read as what it is not. */
import type { TSchema } from "typebox";
import { type Failure, failure } from "./route.ts";

/** What a check says of one thing that is wrong. */
export interface BodyError {
  readonly keyword: string;
  /** `#/properties/scale/items` */
  readonly schemaPath: string;
  /** `/scale/0/to` */
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

const member = (value: unknown, step: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;

const lookUp = (whole: unknown, pointer: string): unknown => stepsOf(pointer).reduce(member, whole);

/** `scale[0].to`, `clients["eu/a"]` */
const shownPath = (pointer: string): string =>
  stepsOf(pointer).reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    if (!/^\w+$/.test(step)) return `${path}[${JSON.stringify(step)}]`;
    return path === "" ? step : `${path}.${step}`;
  }, "");

const MOST_CHARACTERS = 60;

function shownValue(value: unknown): string {
  const json = JSON.stringify(value) ?? "absent";
  return json.length > MOST_CHARACTERS ? `${json.slice(0, MOST_CHARACTERS)}…` : json;
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** In words for who wrote it, of the first thing that is wrong. */
export function invalidBody(schema: TSchema, errors: readonly BodyError[], body: unknown): Failure {
  // An unknown member is told twice: that there should be none, and by the object that has it.
  const [error] = errors.filter(({ keyword }) => keyword !== "boolean");
  if (error === undefined) return failure(400, "bad-body", "the body is not right");
  const { keyword, schemaPath, instancePath, params, message } = error;
  const where = shownPath(instancePath) || "the body";
  const rule = lookUp(schema, schemaPath);
  if (keyword === "additionalProperties") {
    const [unknown] = texts(member(params, "additionalProperties"));
    const allowed = Object.keys(member(rule, "properties") ?? {});
    return failure(400, "unknown-field", `${where} has no field ${JSON.stringify(unknown)}`, { allowed });
  }
  if (keyword === "required") {
    return failure(400, "bad-value", `${where} lacks ${texts(member(params, "requiredProperties")).join(", ")}`);
  }
  const must = keyword === "pattern" ? `must be ${String(member(rule, "description"))}` : message;
  return failure(400, "bad-value", `${where} ${must}, and is ${shownValue(lookUp(body, instancePath))}`);
}
