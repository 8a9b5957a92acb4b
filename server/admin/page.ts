import { compare } from "../../snapshots/order.ts";
import { optional } from "./shown.ts";

export interface PageQuery {
  readonly limit: number;
  /** Show what comes after this key. */
  readonly after?: string;
}

export interface Page<T> {
  readonly total: number;
  readonly items: readonly T[];
  readonly next?: string;
}

/** The part of a list that was asked for, in order of key. Pages stay right while the list changes between them. */
export function pageOf<T>(all: readonly T[], keyOf: (item: T) => string, { limit, after }: PageQuery): Page<T> {
  const keyed = all.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => compare(a.key, b.key));
  const rest = after === undefined ? keyed : keyed.filter(({ key }) => compare(key, after) > 0);
  const shown = rest.slice(0, limit);
  return {
    total: all.length,
    items: shown.map(({ item }) => item),
    ...optional("next", rest.length > limit ? shown.at(-1)?.key : undefined),
  };
}
