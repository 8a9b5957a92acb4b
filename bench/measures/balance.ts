import { balance as flowOf } from "../../snapshots/balance/balance.ts";
import { capacityOf } from "../../snapshots/balance/capacity.ts";
import { UNKNOWN, type Zone, type ZoneClass, zoneKey } from "../../snapshots/balance/zone.ts";
import type { Endpoint, Workload } from "../../snapshots/derive/model.ts";
import { endpoint, evenPolicy, portSpec, workload } from "../../snapshots/fixtures.ts";
import { planFor } from "../../snapshots/plan.ts";
import { type Figure, median } from "../figure.ts";
import type { Size } from "../size.ts";

const ENDPOINTS = 1000;
const WARM_UP_ROUNDS = 200;
const AIM_MS = 1;

const ZONES = ["eu/a", "eu/b", "eu/c", "us/x", "us/y", "us/z"].map((place): Zone => {
  const [region = "", zone = ""] = place.split("/");
  return { region, zone };
});

const CLASSES: readonly ZoneClass[] = [UNKNOWN, ...ZONES.map((zone): ZoneClass => ({ kind: "known", zone }))];

/** Most clients are in the first zone, so that every stage of the rule has something to do. */
const STREAMS = new Map(ZONES.map((zone, i) => [zoneKey(zone), i === 0 ? 5000 : 100 * i]));

function endpointsOf(): readonly Endpoint[] {
  const perZone = Math.ceil(ENDPOINTS / ZONES.length);
  const all = ZONES.flatMap((zone, z) => Array.from({ length: perZone }, (_, i) => endpoint(`10.${z}.0.${i}`, zone)));
  return all.slice(0, ENDPOINTS);
}

const WEIGHTED = portSpec("greeter", 8080, { policy: { ...evenPolicy, mode: "weighted" } });

/** Milliseconds from endpoints and streams to what clients of each zone class are given. */
function allClassesMs(endpoints: readonly Endpoint[]): number {
  const start = performance.now();
  const { rule } = WEIGHTED.policy;
  const flow = flowOf(capacityOf(endpoints), { kind: "clients", streams: STREAMS }, rule);
  const balanced: Workload = { ...workload(WEIGHTED, endpoints), flow };
  const plans = CLASSES.map((zoneClass) => planFor(balanced, zoneClass));
  const ms = performance.now() - start;
  if (plans.some(({ tiers }) => tiers.length === 0)) throw new Error("nothing was planned");
  return ms;
}

/** Flow and plans for all zone classes of one Service, without bytes. */
export async function balance({ rounds }: Size): Promise<readonly Figure[]> {
  const times = Array.from({ length: WARM_UP_ROUNDS + rounds }, () => allClassesMs(endpointsOf()));
  const what = `all zone classes of ${ENDPOINTS} endpoints in ${ZONES.length} zones`;
  return [{ what, value: median(times.slice(WARM_UP_ROUNDS)), unit: "ms", aim: AIM_MS }];
}
