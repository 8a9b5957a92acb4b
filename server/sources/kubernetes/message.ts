/** Texts of the API server → what they say. Pure; never throws. */
import { type Failure, failureOf } from "./failure.ts";
import { member } from "./member.ts";

export interface Unreadable {
  readonly kind: "unreadable";
  readonly message: string;
}

/** One line of a watch. */
export type Message =
  | { readonly kind: "changed"; readonly gone: boolean; readonly raw: unknown; readonly version: string }
  | { readonly kind: "bookmark"; readonly version: string; readonly complete: boolean }
  | Failure
  | Unreadable;

/** One page of a list. */
export type Page =
  | { readonly kind: "page"; readonly items: readonly unknown[]; readonly version: string; readonly next?: string }
  | Unreadable;

const INITIAL_END = "k8s.io/initial-events-end";

const isInitialEnd = (metadata: unknown): boolean => member(member(metadata, "annotations"), INITIAL_END) === "true";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const unreadable = (message: string): Unreadable => ({ kind: "unreadable", message });

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Reads a line of a watch. */
export function readLine(line: string): Message {
  const value = parsed(line);
  const [type, raw] = [member(value, "type"), member(value, "object")];
  const metadata = member(raw, "metadata");
  const version = text(member(metadata, "resourceVersion"));
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { kind: "changed", gone: type === "DELETED", raw, version };
    case "BOOKMARK":
      return { kind: "bookmark", version, complete: version !== "" && isInitialEnd(metadata) };
    case "ERROR":
      return failureOf(raw);
    default:
      return unreadable("a line of the watch is no event");
  }
}

/** Reads the answer to a list. Go writes null for an empty list. */
export function readPage(body: string): Page {
  const value = parsed(body);
  const [metadata, items] = [member(value, "metadata"), member(value, "items") ?? []];
  const [version, next] = [text(member(metadata, "resourceVersion")), text(member(metadata, "continue"))];
  if (version === "" || !Array.isArray(items)) return unreadable("the answer is no list");
  return { kind: "page", items, version, ...(next !== "" && { next }) };
}
