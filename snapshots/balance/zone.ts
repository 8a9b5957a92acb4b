import { compareAll } from "../order.ts";

/** Where endpoints are. "" for what is not known; an endpoint without zone is nobody's own zone (H15). */
export interface Zone {
  readonly region: string;
  readonly zone: string;
}

/** Identifies a zone in maps. NUL cannot occur in a label value. */
export type ZoneKey = string;
export const zoneKey = ({ region, zone }: Zone): ZoneKey => `${region}\0${zone}`;
export const compareZones = (a: Zone, b: Zone): number => compareAll([a.region, a.zone], [b.region, b.zone]);

export function zoneOfKey(key: ZoneKey): Zone {
  const at = key.indexOf("\0");
  return { region: key.slice(0, at), zone: key.slice(at + 1) };
}

/** The clients that are given the same assignments. A node only matters for Services with node affinity. */
export type ZoneClass =
  | { readonly kind: "unknown"; readonly node?: string }
  | { readonly kind: "known"; readonly zone: Zone; readonly node?: string };

export const UNKNOWN: ZoneClass = { kind: "unknown" };
