import { isIPv6 } from "node:net";
import type { Address } from "./address.ts";
import type { FlagKind } from "./flags.ts";

/** What a setting's text means, or what would have been allowed. */
export type Parsed<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "wrong"; readonly allowed: string };

export interface Setting<T> {
  /** `--name`, and `EVENKEEL_NAME` in the environment. */
  readonly name: string;
  /** Stands for the value in the help; a switch has none. */
  readonly placeholder?: string;
  /** What its flag takes; one value unless told otherwise. Several values are the same as one with commas between them. */
  readonly takes?: FlagKind;
  /** Text, as a user would write it; absent: it may be left out, and then means nothing. */
  readonly fallback?: string;
  readonly help: string;
  parse(text: string): Parsed<T>;
}

const right = <T>(value: T): Parsed<T> => ({ kind: "value", value });
const wrong = (allowed: string): Parsed<never> => ({ kind: "wrong", allowed });

export const path = (text: string): Parsed<string> => (text === "" ? wrong("a file or a folder") : right(text));

export function address(text: string): Parsed<Address> {
  const allowed = wrong("HOST:PORT, such as 127.0.0.1:18000, [::1]:18000 or 0.0.0.0:0 (port 0 takes a free one)");
  const [, bracketed, plain, digits = ""] = /^(?:\[([^\]]*)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || (bracketed !== undefined && !isIPv6(bracketed))) return allowed;
  return Number(digits) <= 65_535 ? right({ host, port: Number(digits) }) : allowed;
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** `30s`, `1m30s`, `500ms`, or a bare 0 → milliseconds. */
function milliseconds(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[hms]))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(ms|[hms])/g)];
  return parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
}

export const duration =
  (least: string, most: string) =>
  (text: string): Parsed<number> => {
    const ms = milliseconds(text);
    const [min = 0, max = 0] = [least, most].map(milliseconds);
    if (ms !== undefined && ms >= min && ms <= max) return right(ms);
    return wrong(`a duration from ${least} to ${most}, such as 500ms, 30s or 1m30s`);
  };

export const integer =
  (min: number, max: number) =>
  (text: string): Parsed<number> => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return right(value);
    return wrong(`an integer from ${min} to ${max}`);
  };

export const oneOf =
  <const W extends string>(known: readonly W[]) =>
  (text: string): Parsed<W> => {
    const word = known.find((one) => one === text);
    return word === undefined ? wrong(`one of ${known.join(", ")}`) : right(word);
  };

const DOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
export const domain = (text: string): Parsed<string> =>
  DOMAIN.test(text) ? right(text) : wrong("a domain such as cluster.local, in lower case");

export const truth = (text: string): Parsed<boolean> => {
  if (text === "true") return right(true);
  return text === "false" ? right(false) : wrong("true or false");
};

export const name = (text: string): Parsed<string> => (text.trim() === "" ? wrong("a name") : right(text));

const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Each once. */
export function namespaces(text: string): Parsed<readonly string[]> {
  const all = text.split(",").map((one) => one.trim());
  if (all.every((one) => NAMESPACE.test(one))) return right([...new Set(all)]);
  return wrong("namespaces, separated by commas: each at most 63 lower-case letters, digits and '-'");
}

const KEY = String.raw`(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?`;
const VALUE = "(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?";
const VALUES = String.raw`\(\s*${VALUE}(?:\s*,\s*${VALUE})*\s*\)`;
const REQUIREMENT = `(?:!\\s*${KEY}|${KEY}(?:\\s*(?:==?|!=)\\s*${VALUE}|\\s+(?:in|notin)\\s*${VALUES})?)`;
const SELECTOR = new RegExp(`^\\s*${REQUIREMENT}\\s*(?:,\\s*${REQUIREMENT}\\s*)*$`);

/** A label selector in Kubernetes' own syntax, as kubectl takes it. */
export const selector = (text: string): Parsed<string> =>
  SELECTOR.test(text)
    ? right(text.trim())
    : wrong("a label selector such as app=cart,tier!=test, 'env in (a, b)', 'env notin (c)', team or !team");

export const words = (text: string): Parsed<readonly string[]> =>
  right(
    text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  );
