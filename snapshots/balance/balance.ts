import { capacityParts, type ZoneCapacity } from "./capacity.ts";
import { demandFromStreams } from "./demand.ts";
import type { Flow } from "./flow.ts";
import { spill } from "./spill.ts";
import type { ZoneKey } from "./zone.ts";

/** With 0 every endpoint of a Service gets the same load. */
const TOLERANCE = 0;

/** The flow for subscribed streams by zone over what can serve them. */
export function balance(capacity: readonly ZoneCapacity[], streams: ReadonlyMap<ZoneKey, number>): Flow {
  const parts = capacityParts(capacity);
  return spill(demandFromStreams(streams, parts), parts, TOLERANCE);
}
