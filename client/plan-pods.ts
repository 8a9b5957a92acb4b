import type { Assignment, Locality, PodAddress } from "./parse/assignment.ts";
import { type Chooser, subset, subsetSizes } from "./pick/subset.ts";

/** A locality and those of its pods that this client connects to. */
export interface PlannedZone {
  readonly locality: Locality;
  readonly addresses: readonly PodAddress[];
}

function sizesOf(localities: readonly Locality[], maxConnections: number): readonly number[] {
  const counts = localities.map(({ weight, pods }) => ({ weight, pods: pods.length }));
  const all = counts.reduce((sum, { pods }) => sum + pods, 0);
  return all <= maxConnections ? counts.map(({ pods }) => pods) : subsetSizes(counts, maxConnections);
}

function planned(locality: Locality, size: number, chooser: Chooser): PlannedZone {
  const keys = locality.pods.map(({ key }) => key);
  const chosen = subset(keys, size, chooser);
  return { locality, addresses: locality.pods.filter(({ key }) => chosen.has(key)) };
}

/** Which pods to connect to, for every priority by itself; of those that are too many, a subset. */
export const planPods = (
  { priorities }: Assignment,
  { maxConnections }: { readonly maxConnections: number },
  chooser: Chooser,
): readonly (readonly PlannedZone[])[] =>
  priorities.map((localities) => {
    const sizes = sizesOf(localities, maxConnections);
    return localities.map((locality, i) => planned(locality, sizes[i] ?? 0, chooser));
  });
