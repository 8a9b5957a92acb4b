import type { Zone, ZoneKey } from "./zone.ts";

/** One zone's part of a whole. */
export interface Part {
  readonly zone: Zone;
  readonly part: number;
}

/** One client zone's split: which part of its requests each endpoint zone serves. Parts sum to 1; zones in order. */
export type Row = readonly Part[];

/** From every client zone to every endpoint zone, with what it was made of. */
export interface Flow {
  /** Each client zone's part of the requests; sums to 1, or empty when nothing is known of clients. Zones in order. */
  readonly demand: readonly Part[];
  /** Each endpoint zone's part of what can serve; sums to 1, or empty when nothing can. Zones in order. */
  readonly capacity: readonly Part[];
  /** How far above its fair share an endpoint may be loaded in exchange for locality. */
  readonly tolerance: number;
  /** Zones with too few endpoints to serve their own clients first: they share in what their region serves. */
  readonly tooSmall: ReadonlySet<ZoneKey>;
  /** By client zone with demand. `rowFor` answers for any other. */
  readonly rows: ReadonlyMap<ZoneKey, Row>;
}

export const emptyFlow: Flow = { demand: [], capacity: [], tolerance: 0, tooSmall: new Set(), rows: new Map() };
