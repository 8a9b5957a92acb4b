import type { KubernetesObject } from "../../snapshots/objects.ts";
import { API_VERSIONS, isKind, project } from "./project.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * One object that somebody writes in so many words, or all that is wrong with it. Other than in a cluster or a folder, which
 * are full of other things, nothing is passed over. Never throws.
 */
export function readObject(value: unknown): KubernetesObject | string {
  if (!isObject(value)) return "must be an object";
  const { kind, apiVersion } = value;
  if (!isKind(kind)) {
    return `kind must be one of ${Object.keys(API_VERSIONS).join(", ")}, not ${JSON.stringify(kind) ?? "absent"}`;
  }
  if (apiVersion !== API_VERSIONS[kind]) {
    return `apiVersion of kind ${kind} must be ${API_VERSIONS[kind]}, not ${JSON.stringify(apiVersion) ?? "absent"}`;
  }
  const { object, problems } = project(kind, value);
  if (object !== undefined && problems.length === 0) return object;
  return problems.map(({ object: name, message }) => `${name}: ${message}`).join("; ");
}
