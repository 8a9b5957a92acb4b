import { capacityParts, type ZoneCapacity } from "./capacity.ts";
import { demandFromStreams } from "./demand.ts";
import type { Flow } from "./flow.ts";
import { spill } from "./spill.ts";
import { type ZoneKey, zoneKey } from "./zone.ts";

/** With 0 every endpoint of a Service gets the same load. */
const TOLERANCE = 0;

function flowOf(capacity: readonly ZoneCapacity[], streams: ReadonlyMap<ZoneKey, number>): Flow {
  const parts = capacityParts(capacity);
  return spill(demandFromStreams(streams, parts), parts, TOLERANCE);
}

const NO_STREAMS: ReadonlyMap<ZoneKey, number> = new Map();
const MOST_REMEMBERED = 4096;
const unasked = new Map<string, Flow>();

/** Without streams the flow is that of the capacity alone, which many workloads have alike: they share it. */
function unaskedFlow(capacity: readonly ZoneCapacity[]): Flow {
  const key = capacity.map(({ zone, count }) => `${zoneKey(zone)}\0${count}`).join("\0");
  const flow = unasked.get(key) ?? flowOf(capacity, NO_STREAMS);
  if (unasked.size >= MOST_REMEMBERED) unasked.clear();
  unasked.set(key, flow);
  return flow;
}

/** The flow for subscribed streams by zone over what can serve them. */
export const balance = (capacity: readonly ZoneCapacity[], streams: ReadonlyMap<ZoneKey, number>): Flow =>
  streams.size === 0 ? unaskedFlow(capacity) : flowOf(capacity, streams);
