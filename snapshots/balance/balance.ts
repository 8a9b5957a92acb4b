import { capacityParts, type ZoneCapacity } from "./capacity.ts";
import { type Demand, demandParts } from "./demand.ts";
import type { Flow } from "./flow.ts";
import { spill } from "./spill.ts";
import { zoneKey } from "./zone.ts";

/** What the owner of a workload may say of its flow. */
export interface Rule {
  /** How far above its fair share an endpoint may be loaded for locality; with 0 every endpoint gets the same load. */
  readonly tolerance: number;
  /** A zone with fewer endpoints does not serve its own clients before others of its region. */
  readonly minZoneEndpoints: number;
}

function flowOf(capacity: readonly ZoneCapacity[], demand: Demand, { tolerance, minZoneEndpoints }: Rule): Flow {
  const parts = capacityParts(capacity);
  const small = capacity.filter(({ count }) => count < minZoneEndpoints);
  return spill(demandParts(demand, parts), parts, tolerance, new Set(small.map(({ zone }) => zoneKey(zone))));
}

const NOBODY: Demand = { kind: "clients", streams: new Map() };
const MOST_REMEMBERED = 4096;
const unasked = new Map<string, Flow>();

/** Without streams the flow is that of the capacity alone, which many workloads have alike: they share it. */
function unaskedFlow(capacity: readonly ZoneCapacity[], rule: Rule): Flow {
  const zones = capacity.map(({ zone, count }) => `${zoneKey(zone)}\0${count}`);
  const key = [rule.tolerance, rule.minZoneEndpoints, ...zones].join("\0");
  const flow = unasked.get(key) ?? flowOf(capacity, NOBODY, rule);
  if (unasked.size >= MOST_REMEMBERED) unasked.clear();
  unasked.set(key, flow);
  return flow;
}

/** The flow of what is demanded over what can serve it. */
export function balance(capacity: readonly ZoneCapacity[], demand: Demand, rule: Rule): Flow {
  const isUnasked = demand.kind === "clients" && demand.streams.size === 0;
  return isUnasked ? unaskedFlow(capacity, rule) : flowOf(capacity, demand, rule);
}
