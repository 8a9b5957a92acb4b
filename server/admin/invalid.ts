import type { TObject } from "typebox";
import { type Failure, failure } from "./route.ts";

/** What the check against a schema says of the first thing that is wrong. */
export interface SchemaError {
  readonly keyword: string;
  /** `/limit` */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value);

/** What was wrong with a query, and what would have been right. */
export function invalidQuery(query: TObject, error: SchemaError, asked: unknown): Failure {
  const { keyword, instancePath, params, message = "is not right" } = error;
  const { additionalProperty, allowedValues } = params;
  if (keyword === "additionalProperties") {
    const unknown = JSON.stringify(additionalProperty);
    const allowed = Object.keys(query.properties);
    return failure(400, "unknown-parameter", `there is no query parameter ${unknown} here`, { allowed });
  }
  const name = instancePath.slice(1);
  const value = JSON.stringify((asked as Readonly<Record<string, unknown>>)[name]);
  if (keyword === "enum" && isTexts(allowedValues)) {
    return failure(400, "bad-value", `${name} is ${value}, which is none of what is allowed`, {
      allowed: allowedValues,
    });
  }
  return failure(400, "bad-value", `${name} ${message}, and is ${value}`);
}
