import type { PodView } from "./strategy.ts";

/** The place of the less busy of two; of two alike, of the one whose turn is nearer. */
export function lessBusy(pods: readonly PodView[], a: number, b: number): number {
  const one = pods[a];
  const other = pods[b];
  if (one === undefined || other === undefined) return one === undefined ? b : a;
  if (one.busy !== other.busy) return one.busy < other.busy ? a : b;
  return one.turns <= other.turns ? a : b;
}
