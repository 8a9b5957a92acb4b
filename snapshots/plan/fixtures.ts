/** Workloads and plans in few words, for tests. */
import { type ZoneClass, zoneKey } from "../balance/zone.ts";
import { derive } from "../derive/derive.ts";
import { everything, input, node, objectsOf, ready, service, slice } from "../derive/fixtures.ts";
import { emptyModel, type Model, type Workload } from "../derive/model.ts";
import type { Service, SliceEndpoint } from "../objects.ts";
import type { Plan } from "../plan.ts";

/** Zones a and b in eu, c in us; a node each, and a second one in a. */
export const nodes = [node("n-a", "a", "eu"), node("n-a2", "a", "eu"), node("n-b", "b", "eu"), node("n-c", "c", "us")];

/** An endpoint on the node of a zone, or without either. */
export const at = (zone: string, number: number, make = ready, more: Partial<SliceEndpoint> = {}): SliceEndpoint =>
  make(`10.0.${["", "a", "b", "c"].indexOf(zone)}.${number}`, {
    ...(zone === "" ? {} : { zone, nodeName: `n-${zone}` }),
    ...more,
  });

/** What its slice lists from a time on, in milliseconds. */
type Moment = readonly [now: number, entries: readonly SliceEndpoint[]];

/** What became of a Service by the last moment. */
export function workloadOver(
  moments: readonly Moment[],
  more: Partial<Service> = {},
  streams: Record<string, number> = {},
): Workload {
  const counts = new Map(
    Object.entries(streams).map(([zone, count]) => [zoneKey({ region: zone === "c" ? "us" : "eu", zone }), count]),
  );
  const model = moments.reduce((before: Model, [now, entries]) => {
    const objects = objectsOf(service(more), slice(entries), ...nodes);
    return derive(input(objects, { touched: everything, demand: () => counts, now }), before).model;
  }, emptyModel);
  const workload = model.workloads.get("greeter.default:8080");
  if (workload === undefined) throw new Error("the Service has a workload");
  return workload;
}

export const workloadOf = (
  entries: readonly SliceEndpoint[],
  more: Partial<Service> = {},
  streams: Record<string, number> = {},
): Workload => workloadOver([[0, entries]], more, streams);

export const annotated = (annotations: Readonly<Record<string, string>>): Partial<Service> => ({ annotations });
export const inMode = (mode: string): Partial<Service> => annotated({ "evenkeel.dev/zone-mode": mode });
export const spread = inMode("spread");
export const hints = annotated({ "service.kubernetes.io/topology-mode": "Auto" });
export const local: Partial<Service> = { internalTrafficPolicy: "Local" };

export const inZone = (zone: string, region = "eu", name?: string): ZoneClass => ({
  kind: "known",
  zone: { region, zone },
  ...(name !== undefined && { node: name }),
});

/** `zone:weight`, or `zone/sub-zone:weight`, tier by tier. */
export const shown = ({ tiers }: Plan) =>
  tiers.map((tier) =>
    tier
      .map(({ zone, subZone, weight }) => `${zone.zone}${subZone === undefined ? "" : `/${subZone}`}:${weight}`)
      .join(" "),
  );
export const reasons = ({ tiers }: Plan) => [...new Set(tiers.flat().map(({ reason }) => reason))];
export const addresses = ({ tiers }: Plan) =>
  tiers.flat().flatMap(({ endpoints }) => endpoints.map(({ address }) => address));

/** Two endpoints in each zone. */
export const even = [at("a", 1), at("a", 2), at("b", 1), at("b", 2), at("c", 1), at("c", 2)];
