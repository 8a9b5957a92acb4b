import { compareZones, isSameZone, perZone, type Zone, type ZoneKey, zoneKey, zoneOfKey } from "../balance/zone.ts";
import type { Model, Topology } from "../derive/model.ts";
import { zoneOf } from "../derive/topology.ts";
import { nearest } from "../nearest.ts";
import type { KubernetesObject, Objects } from "../objects.ts";
import { type Fault, type Imagined, isFault, LIMITS, type WhatIf } from "./what-if.ts";

/** `region/zone`, as everywhere where people read and write it. */
const zoneText = ({ region, zone }: Zone): string => (region === "" ? zone : `${region}/${zone}`);

function* everyZone({ workloads }: Model, topology: Topology, added: readonly KubernetesObject[]): Iterable<Zone> {
  yield* topology.zoneOfNode.values();
  for (const { endpoints, flow } of workloads.values()) {
    for (const { zone } of endpoints) yield zone;
    for (const { zone } of flow.demand) yield zone;
  }
  const slices = added.filter((object) => object.kind === "EndpointSlice");
  for (const { endpoints } of slices) for (const entry of endpoints) yield zoneOf(topology, entry);
}

/** Every zone with a name that a Node, an endpoint or a client is in, in order. `added` is not in the model yet. */
export function zonesIn(model: Model, topology: Topology, added: readonly KubernetesObject[]): readonly Zone[] {
  const keys = new Set<ZoneKey>();
  const note = perZone((zone) => keys.add(zoneKey(zone)));
  for (const zone of everyZone(model, topology, added)) note(zone);
  return [...keys]
    .map(zoneOfKey)
    .filter(({ zone }) => zone !== "")
    .toSorted(compareZones);
}

/** Where names of zones are looked up. */
interface Place {
  readonly zones: readonly Zone[];
  readonly objects: Objects;
  readonly topology: Topology;
}

/** The zone of that name. `where` is the place in the question. */
function named(text: string, where: string, zones: readonly Zone[]): Zone | Fault {
  const exact = zones.filter((zone) => zoneText(zone) === text);
  const found = exact.length > 0 ? exact : zones.filter(({ zone }) => zone === text);
  const [zone] = found;
  if (zone === undefined) {
    const all = zones.map(zoneText);
    const message = `${where}: no Node, endpoint or client is in a zone ${JSON.stringify(text)}`;
    const allowed = all.slice(0, LIMITS.listed);
    return { kind: "fault", code: "unknown-zone", message, allowed, nearest: nearest(text, all) };
  }
  if (found.length === 1) return zone;
  const message = `${where}: several regions have a zone ${JSON.stringify(text)}, so say which: region/zone`;
  return { kind: "fault", code: "ambiguous-zone", message, allowed: found.map(zoneText) };
}

/** What the scaling of a Service without a word on zones is about: the one zone that its slices name, if any. */
function onlyZone(service: string, where: string, { objects, topology }: Place): Zone | Fault {
  const entries = (objects.slicesByService.get(service) ?? []).flatMap(({ endpoints }) => endpoints);
  const zones = new Map(entries.map((entry) => zoneOf(topology, entry)).map((zone) => [zoneKey(zone), zone]));
  if (zones.size < 2) return [...zones.values()][0] ?? { region: "", zone: "" };
  const message = `${where}.zone must be given, since ${service} stands in several zones`;
  return { kind: "fault", code: "ambiguous-zone", message, allowed: [...zones.values()].map(zoneText) };
}

/** The zone if it is not gone. */
function standing(zone: Zone | Fault, where: string, gone: readonly (Zone | Fault)[]): Zone | Fault {
  if (isFault(zone) || !gone.some((one) => !isFault(one) && isSameZone(one, zone))) return zone;
  return { kind: "fault", code: "contradiction", message: `${where}: zone ${zoneText(zone)} is to be gone` };
}

/** What is asked for, with the zones that its names mean; or the first of them that means none, or several. */
export function resolveZones(whatIf: WhatIf, place: Place): Imagined | Fault {
  const { zones } = place;
  const gone = whatIf.zonesGone.map((text, i) => named(text, `zonesGone[${i}]`, zones));
  const scale = whatIf.scale.map(({ service, zone: text, to }, i) => {
    const where = `scale[${i}]`;
    const zone = text === undefined ? onlyZone(service, where, place) : named(text, `${where}.zone`, zones);
    return { service, to, zone: standing(zone, where, gone) };
  });
  const clients = Object.entries(whatIf.clients ?? {}).map(([text, streams]) => ({
    streams,
    zone: standing(named(text, "clients", zones), "clients", gone),
  }));
  const fault = [...gone, ...[...scale, ...clients].map(({ zone }) => zone)].find(isFault);
  if (fault !== undefined) return fault;
  return {
    zonesGone: new Set(gone.flatMap((zone) => (isFault(zone) ? [] : [zoneKey(zone)]))),
    scale: scale.flatMap(({ zone, ...more }) => (isFault(zone) ? [] : [{ ...more, zone }])),
    ...(whatIf.clients !== undefined && {
      clients: new Map(clients.flatMap(({ zone, streams }) => (isFault(zone) ? [] : [[zoneKey(zone), streams]]))),
    }),
  };
}
