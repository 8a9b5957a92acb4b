/** Unchanged means identical: how a value that was made again gives way to the one that was there. */
import { compareEndpoints, endpointKey } from "./endpoints.ts";
import type { Endpoint } from "./model.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Whether two values of plain data, objects and arrays, hold the same. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

/** The previous value if it holds the same. */
export const keep = <T>(previous: T | undefined, next: T): T =>
  previous !== undefined && same(previous, next) ? previous : next;

const sameHints = (a: Endpoint, b: Endpoint): boolean =>
  same(a.hintedZones, b.hintedZones) && same(a.hintedNodes, b.hintedNodes);

const sameEndpoint = (a: Endpoint, b: Endpoint): boolean =>
  a === b || (compareEndpoints(a, b) === 0 && a.health === b.health && a.node === b.node && sameHints(a, b));

/** The endpoints that were there, wherever they are equal; the whole list if all are. Both lists in order. */
export function keepEndpoints(previous: readonly Endpoint[], next: readonly Endpoint[]): readonly Endpoint[] {
  let at = 0;
  const kept = next.map((endpoint) => {
    let old = previous[at];
    while (old !== undefined && old !== endpoint && compareEndpoints(old, endpoint) < 0) {
      at += 1;
      old = previous[at];
    }
    return old !== undefined && sameEndpoint(old, endpoint) ? old : endpoint;
  });
  return kept.length === previous.length && kept.every((one, i) => one === previous[i]) ? previous : kept;
}

/** Two lists without what both begin with and end with, by identity: as one slice changes, that is most of them. */
export function differingParts<T>(a: readonly T[], b: readonly T[]): readonly [readonly T[], readonly T[]] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

/** What is in the one list and, by identity, not in the other. */
function without(endpoints: readonly Endpoint[], others: readonly Endpoint[]): readonly Endpoint[] {
  const known = new Set(others);
  return endpoints.filter((endpoint) => !known.has(endpoint));
}

/** Whether an endpoint is gone, or no longer healthy: clients must learn that without delay (E16, H11). */
export function hasLost(previous: readonly Endpoint[], next: readonly Endpoint[]): boolean {
  if (previous === next || previous.length === 0) return false;
  const [before, after] = differingParts(previous, next);
  const gone = without(before, after);
  if (gone.length === 0) return false;
  const come = without(after, before);
  const health = new Map(come.map((endpoint) => [endpointKey(endpoint), endpoint.health]));
  return gone.some((old) => {
    const now = health.get(endpointKey(old));
    return now === undefined || (old.health === "healthy" && now === "draining");
  });
}
