import type { ObjectKind } from "../../snapshots/objects.ts";
import { at, complain, type Field, names, record, required, text } from "./fields.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_RULE = "at most 63 lower-case letters, digits and '-'";
const isLabel = (value: string): boolean => LABEL.test(value);

const SUBDOMAIN = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;
const SUBDOMAIN_RULE = "at most 253 lower-case letters, digits, '-' and '.'";
const isSubdomain = (value: string): boolean => SUBDOMAIN.test(value);

const metadata = (object: Field): Field => record(at(object, "metadata"));

/** Names of Services may start with a digit (KEP-5311). */
export function name(object: Field, kind: ObjectKind): string {
  const field = at(metadata(object), "name");
  switch (kind) {
    case "Service":
    case "Namespace":
      return required(field, LABEL_RULE, isLabel);
    case "EndpointSlice":
    case "Node":
      return required(field, SUBDOMAIN_RULE, isSubdomain);
  }
}

/** `default` where none is written, as kubectl has it. */
export function namespace(object: Field): string {
  const field = at(metadata(object), "namespace");
  return text(field) === undefined ? "default" : required(field, LABEL_RULE, isLabel);
}

export const uid = (object: Field): string | undefined => text(at(metadata(object), "uid"));

export const label = (object: Field, key: string): string | undefined =>
  text(at(record(at(metadata(object), "labels")), key));

/** An annotation of when something was, in milliseconds since the epoch. It is only measured by, so a bad one is none. */
export function moment(object: Field, key: string): number | undefined {
  const { value } = at(at(metadata(object), "annotations"), key);
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * The annotations whose names begin with one of the prefixes. One that is no string is left out and complained of in a list
 * of its own, since a bad annotation never costs the object.
 */
export function annotations(
  object: Field,
  prefixes: readonly string[],
  complaints: Set<string>,
): Readonly<Record<string, string>> {
  const all: Field = { ...at(metadata(object), "annotations"), complaints };
  const found: Record<string, string> = {};
  for (const key of names(record(all)).filter((one) => prefixes.some((prefix) => one.startsWith(prefix)))) {
    const field = at(all, key);
    if (typeof field.value === "string") found[key] = field.value;
    else complain(field, "a string");
  }
  return found;
}
