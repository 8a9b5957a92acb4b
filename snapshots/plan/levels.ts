/** Strict preference: who is used before whom, whatever the load. */
import { isSameZone, type Zone } from "../balance/zone.ts";
import type { Endpoint } from "../derive/model.ts";
import { evenTier, type PlannedLocality } from "./locality.ts";

/** Endpoints that are preferred to those of later levels. */
export interface Level {
  /** Set where it may take a part of a zone and leave the rest to a later level: no locality may stand in two (G4). */
  readonly subZone?: string;
  /** In words for people. */
  readonly reason: string;
  has(endpoint: Endpoint): boolean;
}

/** One tier for each level that is not empty. An endpoint is of the first level that has it, or left out. */
export function byLevels(endpoints: readonly Endpoint[], levels: readonly Level[]): readonly PlannedLocality[][] {
  const groups = Map.groupBy(endpoints, (endpoint) => levels.find((level) => level.has(endpoint)));
  return levels.map((level) => evenTier(groups.get(level) ?? [], level)).filter((tier) => tier.length > 0);
}

export const everyone = (reason: string): Level => ({ reason, has: () => true });

export const ownZone = (own: Zone): Level => ({ reason: "own zone", has: ({ zone }) => isSameZone(zone, own) });

const ownRegion = (own: Zone): Level => ({ reason: "own region", has: ({ zone }) => zone.region === own.region });

export const ownNode = (own: string | undefined): Level => ({ reason: "own node", has: ({ node }) => node === own });

/** Own zone, own region, the rest. */
export const nearestFirst = (own: Zone): readonly Level[] => [ownZone(own), ownRegion(own), everyone("elsewhere")];

/** Own node, then the others, among which is what else stands in the zone of that node. */
export const nodeFirst = (node: string, others: readonly Level[]): readonly Level[] => [
  { ...ownNode(node), subZone: "own-node" },
  ...others,
];
