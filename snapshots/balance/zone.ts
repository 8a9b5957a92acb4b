import { compare } from "../order.ts";

/** Where endpoints are. "" for what is not known; an endpoint without zone is nobody's own zone (H15). */
export interface Zone {
  readonly region: string;
  readonly zone: string;
}

/** Identifies a zone in maps. NUL cannot occur in a label value. */
export type ZoneKey = string;
export const zoneKey = ({ region, zone }: Zone): ZoneKey => `${region}\0${zone}`;
export const compareZones = (a: Zone, b: Zone): number => compare(a.region, b.region) || compare(a.zone, b.zone);
export const isSameZone = (a: Zone, b: Zone): boolean => a === b || (a.zone === b.zone && a.region === b.region);

export function zoneOfKey(key: ZoneKey): Zone {
  const at = key.indexOf("\0");
  return { region: key.slice(0, at), zone: key.slice(at + 1) };
}

/** One value for each zone, made when first asked for. Cheapest where the same zone is asked for again and again. */
export function perZone<V>(make: (zone: Zone) => V): (zone: Zone) => V {
  const values = new Map<ZoneKey, V>();
  let last: { readonly zone: Zone; readonly value: V } | undefined;
  return (zone) => {
    if (last !== undefined && isSameZone(last.zone, zone)) return last.value;
    const key = zoneKey(zone);
    const value = values.get(key) ?? make(zone);
    values.set(key, value);
    last = { zone, value };
    return value;
  };
}

/** The clients that are given the same assignments. A node only matters for Services with node affinity. */
export type ZoneClass =
  | { readonly kind: "unknown"; readonly node?: string }
  | { readonly kind: "known"; readonly zone: Zone; readonly node?: string };

export const UNKNOWN: ZoneClass = { kind: "unknown" };
