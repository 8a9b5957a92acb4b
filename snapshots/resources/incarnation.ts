import { digest } from "./version.ts";

/**
 * Tells a Service from an earlier one of the same name. Node clients stay broken when a Listener or Cluster that was
 * deleted comes back identical, and a counter would differ between replicas, so the difference is a hash (B20).
 */
export const incarnation = (identity: string): number => Number.parseInt(digest(identity).slice(0, 8), 16);
