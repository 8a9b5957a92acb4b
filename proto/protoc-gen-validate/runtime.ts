/** What generated validators call. The plugin copies this file beside its output, so that the output needs no package. */

/** A rule that a message breaks. */
export interface Violation {
  /** The field, in the names of its `.proto` file: `endpoints[0].lb_endpoints[2].metadata`. */
  path: string;
  /** The option that sets the rule, such as `repeated.items.string.min_len`. */
  rule: string;
  /** What is allowed, and what was found. */
  message: string;
}

const MAX_SHOWN = 60;

function shown(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid date" : value.toISOString();
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const text = typeof value === "number" ? String(value) : `${JSON.stringify(value)}`;
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** The path of a map's entry. */
export const entry = (field: string, key: unknown): string => `${field}[${JSON.stringify(key)}]`;

/** Adds a violation to those found. */
export function broken(found: Violation[], path: string, rule: string, allowed: string, value: unknown): void {
  found.push({ path, rule, message: `${allowed}, not ${shown(value)}` });
}

/** Adds the violation that something is not set. */
export function missing(found: Violation[], path: string, rule: string): void {
  found.push({ path, rule, message: "must be set" });
}

/** Puts the path of a message before the violations found in it, which are those after the first `before`. */
export function within(found: Violation[], before: number, path: string): void {
  for (const violation of found.slice(before)) violation.path = `${path}.${violation.path}`;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

const isPairAt = (text: string, at: number): boolean =>
  isHighSurrogate(text.charCodeAt(at)) && isLowSurrogate(text.charCodeAt(at + 1));

/** Code points, which is how protobuf counts characters. */
export function characters(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at++) if (isPairAt(text, at)) count--;
  return count;
}

/** The length of a text in UTF-8. */
export function utf8Length(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) count++;
    if (unit > 0x7ff && !isPairAt(text, at) && !(at > 0 && isPairAt(text, at - 1))) count++;
  }
  return count;
}

const SMALL = 16;

/** Whether no item is there twice. */
export function isUnique(items: readonly unknown[]): boolean {
  if (items.length > SMALL) return new Set(items).size === items.length;
  for (let at = 1; at < items.length; at++) if (items.indexOf(items[at]) < at) return false;
  return true;
}

/** Whether no byte string is there twice. */
export const areBytesUnique = (items: readonly Uint8Array[]): boolean => isUnique(items.map(String));

/** How many entries a map field has; ts-proto makes a Map of it only where the keys are booleans. */
export function pairs(map: object): number {
  if (map instanceof Map) return map.size;
  let count = 0;
  for (const _ in map) count++;
  return count;
}

/** Whether every key of a map field has a value. */
export const isDense = (map: object): boolean =>
  [...(map instanceof Map ? map.values() : Object.values(map))].every((value) => value !== undefined);

/** Whether `part` stands in `bytes` at this place. */
export function bytesAt(bytes: Uint8Array, part: readonly number[], at: number): boolean {
  if (at < 0 || at + part.length > bytes.length) return false;
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

/** Whether the two hold the same bytes. */
export const sameBytes = (bytes: Uint8Array, other: readonly number[]): boolean =>
  bytes.length === other.length && bytesAt(bytes, other, 0);

/** Whether `part` stands somewhere in `bytes`. */
export function bytesContain(bytes: Uint8Array, part: readonly number[]): boolean {
  for (let at = 0; at + part.length <= bytes.length; at++) if (bytesAt(bytes, part, at)) return true;
  return false;
}

const utf8 = new TextDecoder();

/** Bytes as the text that a pattern is matched with. */
export const textOf = (bytes: Uint8Array): string => utf8.decode(bytes);

interface Duration {
  readonly seconds: number;
  readonly nanos: number;
}

/** Less than zero if the duration is shorter, more if it is longer, zero if it is as long. */
export const compareDuration = (duration: Duration, seconds: number, nanos: number): number =>
  duration.seconds - seconds || duration.nanos - nanos;

const MAX_SECONDS = 315_576_000_000;

/** Whether it is within protobuf's range, with both parts of one sign. */
export const isDuration = ({ seconds, nanos }: Duration): boolean =>
  Math.abs(seconds) <= MAX_SECONDS && Math.abs(nanos) < 1e9 && seconds * nanos >= 0;
