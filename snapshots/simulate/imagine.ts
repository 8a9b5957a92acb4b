/** The model of what is imagined: the very same code as serves, on a part of the very same input. */
import type { ZoneKey } from "../balance/zone.ts";
import { type DeriveInput, type DeriveOutput, derive } from "../derive/derive.ts";
import type { NamedMode, Topology } from "../derive/model.ts";
import { nextTopology } from "../derive/topology.ts";
import type { ObjectKey, Objects } from "../objects.ts";
import type { Snapshot } from "../snapshot.ts";
import { withObjects } from "./objects.ts";
import type { Audience } from "./pushes.ts";
import { modelWithin, objectsWithin, type Scope, scopeOf, unknownService } from "./scope.ts";
import { scaled, withoutZones } from "./slices.ts";
import { type Fault, type Imagined, isFault, type WhatIf } from "./what-if.ts";
import { resolveZones, zonesIn } from "./zones.ts";

/** What is served now, with all that it is made of. */
export interface Served {
  readonly objects: Objects;
  readonly snapshot: Snapshot;
  readonly audience: Audience;
  /** Milliseconds of the clock that the snapshot was made by. */
  readonly now: number;
  readonly defaultMode: NamedMode;
}

/** Subscribed streams of a cluster, by zone. */
type Streams = DeriveInput["demand"];

/** Services as they would be. */
export interface Outcome extends Scope {
  readonly imagined: Imagined;
  /** Of these Services alone. */
  readonly output: DeriveOutput;
  readonly streams: { readonly before: Streams; readonly after: Streams };
}

/** Those that are said; else those that there are, without those of zones that are gone. */
const streamsThen =
  (now: Streams, { clients, zonesGone }: Imagined): Streams =>
  (cluster) =>
    clients ?? new Map([...now(cluster)].filter(([zone]: readonly [ZoneKey, number]) => !zonesGone.has(zone)));

/** With what is imagined of the endpoints of these Services. */
function reshaped(objects: Objects, keys: readonly ObjectKey[], imagined: Imagined, topology: Topology): Objects {
  const { zonesGone, scale } = imagined;
  const lists = keys.flatMap((key) => {
    const service = objects.services.get(key);
    if (service === undefined) return [];
    const standing = withoutZones(objects.slicesByService.get(key) ?? [], zonesGone, topology);
    const own = scale.filter((one) => one.service === key);
    const slices = own.reduce((list, { zone, to }) => scaled(list, to, { service, zone, topology }), standing);
    return [[key, slices] as const];
  });
  return { ...objects, slicesByService: objects.slicesByService.with(lists) };
}

/** A Service that is scaled and served to nobody. */
function notServed({ imagined, output }: Outcome): Fault | undefined {
  const whys = imagined.scale.map(({ service }) => output.model.services.get(service)?.notServed);
  const i = whys.findIndex((why) => why !== undefined);
  if (i < 0) return undefined;
  const message = `scale[${i}].service: ${imagined.scale[i]?.service} is not served: ${whys[i]}`;
  return { kind: "fault", code: "not-served", message };
}

/** What comes of a what-if, or why it cannot be imagined. */
export function imagine(served: Served, whatIf: WhatIf): Outcome | Fault {
  const { snapshot, audience, now, defaultMode } = served;
  const { model } = snapshot;
  const { objects, touched } = withObjects(served.objects, whatIf.objects);
  const unknown = unknownService(whatIf, objects);
  if (unknown !== undefined) return unknown;
  const topology = touched.topology ? nextTopology(objects.nodes, model.topology).topology : model.topology;
  const zones = zonesIn(model, topology, whatIf.objects);
  const imagined = resolveZones(whatIf, { zones, objects, topology });
  if (isFault(imagined)) return imagined;
  const before = audience.streams;
  const after = streamsThen(before, imagined);
  const settings = { removalGraceMs: 0, defaultMode };
  const input: DeriveInput = { objects, touched, demand: after, demandTouched: new Set(), now, settings };
  const scope = scopeOf(whatIf, imagined, { input, model, zones: zones.length });
  if (isFault(scope)) return scope;
  const { services } = scope;
  const part = reshaped(objectsWithin(objects, services), services, imagined, topology);
  const output = derive(
    { ...input, objects: part, touched: { ...touched, services: new Set(services) } },
    modelWithin(model, services),
  );
  const outcome: Outcome = { ...scope, imagined, output, streams: { before, after } };
  return notServed(outcome) ?? outcome;
}
