import type { Zone, ZoneKey } from "./zone.ts";

/** One client zone's split: which part of its requests each endpoint zone serves. Parts sum to 1; zones in order. */
export type Row = readonly { readonly zone: Zone; readonly part: number }[];

/** From every client zone to every endpoint zone. */
export interface Flow {
  readonly rows: ReadonlyMap<ZoneKey, Row>;
}
