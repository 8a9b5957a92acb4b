import type { ZoneCapacity } from "./capacity.ts";
import type { Share } from "./shares.ts";
import { type Zone, zoneKey } from "./zone.ts";

/** A zone in a tier, with its weight there. */
export interface Weighted {
  readonly zone: Zone;
  readonly weight: number;
  /** Why it stands there, in words for people. */
  readonly reason: string;
}

/** Shares used together before the next tier; becomes a priority. Never empty. */
export type Tier = readonly Weighted[];

/** Where a zone lies, seen from the client's. */
function place(own: Zone, zone: Zone): string {
  if (zone.zone === "") return "no known zone";
  return zone.region === own.region ? "own region" : "another region";
}

const reasonOfShare = (own: Zone, zone: Zone): string =>
  zoneKey(own) === zoneKey(zone) ? "own zone" : `${place(own, zone)}, for what nearer zones cannot serve`;

/**
 * The zones with a share first; then what is left of the client's own region and at last all others, each zone weighing
 * its endpoints, so that a zone that dies before Kubernetes notices is survived. No tier is empty, each zone stands once.
 */
export function tiersOf(own: Zone, shares: readonly Share[], capacity: readonly ZoneCapacity[]): readonly Tier[] {
  const used = new Set(shares.map(({ zone }) => zoneKey(zone)));
  const rest = capacity.filter(({ zone, count }) => count > 0 && !used.has(zoneKey(zone)));
  const near = rest.filter(({ zone }) => zone.region === own.region);
  const far = rest.filter(({ zone }) => zone.region !== own.region);
  const failover = ({ zone, count }: ZoneCapacity): Weighted => ({
    zone,
    weight: count,
    reason: `failover to ${place(own, zone)}`,
  });
  const tiers: readonly Tier[] = [
    shares.map(({ zone, share }) => ({ zone, weight: share, reason: reasonOfShare(own, zone) })),
    near.map(failover),
    far.map(failover),
  ];
  return tiers.filter((tier) => tier.length > 0);
}
