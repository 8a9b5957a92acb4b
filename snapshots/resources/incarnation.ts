import { digest } from "./version.ts";

let last: { readonly identity?: string; readonly number: number } = { number: 0 };

/**
 * Tells a Service from an earlier one of the same name. Node clients stay broken when a Listener or Cluster that was
 * deleted comes back identical, and a counter would differ between replicas, so the difference is a hash (B20).
 */
export function incarnation(identity: string): number {
  // The resources of a Service are made one after the other.
  if (identity !== last.identity) last = { identity, number: Number.parseInt(digest(identity).slice(0, 8), 16) };
  return last.number;
}
