/** Which Services are looked at, and no more of the cluster than they need. */
import { perZone, type ZoneKey, zoneKey } from "../balance/zone.ts";
import { type DeriveInput, servicesToDerive } from "../derive/derive.ts";
import { emptyModel, type Model, type Workload } from "../derive/model.ts";
import { nearest } from "../nearest.ts";
import { type ObjectKey, type Objects, objectKey } from "../objects.ts";
import { compare } from "../order.ts";
import { type Table, tableOf } from "../table.ts";
import { type Fault, type Imagined, LIMITS, type WhatIf } from "./what-if.ts";

/** The keys of Services, in order. */
export interface Scope {
  readonly services: readonly ObjectKey[];
  /** How many others are touched. */
  readonly passedOver: number;
}

/** Where the question names a Service, and which. */
function namesIn({ services = [], scale, objects }: WhatIf): readonly (readonly [where: string, key: ObjectKey])[] {
  const owners = objects.flatMap((object, i) => {
    if (object.kind !== "EndpointSlice" || object.service === undefined) return [];
    return [[`objects[${i}], of a Service`, objectKey({ ...object, name: object.service })] as const];
  });
  return [
    ...services.map((key, i) => [`services[${i}]`, key] as const),
    ...scale.map(({ service }, i) => [`scale[${i}].service`, service] as const),
    ...owners,
  ];
}

/** The first Service that is named and is not there. */
export function unknownService(whatIf: WhatIf, { services }: Objects): Fault | undefined {
  const [unknown] = namesIn(whatIf).filter(([, key]) => !services.has(key));
  if (unknown === undefined) return undefined;
  const [where, key] = unknown;
  const all = [...services.keys()].toSorted(compare);
  const more = all.length > LIMITS.listed ? `; of ${all.length} the first ${LIMITS.listed} are listed` : "";
  const message = `${where}: there is no Service ${JSON.stringify(key)}${more}`;
  const allowed = all.slice(0, LIMITS.listed);
  return { kind: "fault", code: "unknown-service", message, allowed, nearest: nearest(key, all) };
}

/** The Services with endpoints or clients in one of these zones. */
function servicesIn({ workloads }: Model, zones: ReadonlySet<ZoneKey>): readonly ObjectKey[] {
  if (zones.size === 0) return [];
  const has = perZone((zone) => zones.has(zoneKey(zone)));
  const isThere = ({ endpoints, demand, flow }: Workload): boolean =>
    [...endpoints, ...flow.demand].some(({ zone }) => has(zone)) ||
    [...demand.streams.keys()].some((key) => zones.has(key));
  return [...workloads.values()]
    .filter(isThere)
    .map(({ spec }) => objectKey({ namespace: spec.namespace, name: spec.service }));
}

/** What is touched by the objects, which `input` has, and by the rest, but not by time. Clients alone touch every Service. */
function touchedServices(
  input: DeriveInput,
  model: Model,
  { zonesGone, scale, clients }: Imagined,
): ReadonlySet<ObjectKey> {
  const touched = new Set([
    ...servicesToDerive({ ...input, now: Number.NEGATIVE_INFINITY }, model),
    ...servicesIn(model, zonesGone),
    ...scale.map(({ service }) => service),
  ]);
  return touched.size === 0 && clients !== undefined ? new Set(input.objects.services.keys()) : touched;
}

/** Work grows by this for each Service. */
const workOf = (key: ObjectKey, { services, slicesByService }: Objects, zones: number): number => {
  const endpoints = (slicesByService.get(key) ?? []).reduce((sum, slice) => sum + slice.endpoints.length, zones);
  return (services.get(key)?.ports.length ?? 0) * Math.max(1, zones) * endpoints;
};

function tooMuch(services: readonly ObjectKey[], objects: Objects, zones: number): Fault | undefined {
  const work = services.reduce((sum, key) => sum + workOf(key, objects, zones), 0);
  if (services.length <= LIMITS.services && work <= LIMITS.work) return undefined;
  const what =
    services.length > LIMITS.services
      ? `${services.length} Services are touched, and at most ${LIMITS.services} are looked at in one go`
      : `${services.length} Services with all their endpoints and zones are too much for one go`;
  return { kind: "fault", code: "too-much", message: `${what}: name some of them in services` };
}

/** What is to be looked at, if that is not too much. `zones`: how many there are. */
export function scopeOf(
  whatIf: WhatIf,
  imagined: Imagined,
  { input, model, zones }: { readonly input: DeriveInput; readonly model: Model; readonly zones: number },
): Scope | Fault {
  const touched = touchedServices(input, model, imagined);
  const scaled = imagined.scale.map(({ service }) => service);
  const chosen = whatIf.services === undefined ? touched : new Set([...whatIf.services, ...scaled]);
  const services = [...chosen].toSorted(compare);
  return tooMuch(services, input.objects, zones) ?? { services, passedOver: touched.difference(chosen).size };
}

/** Demand acts at once: what is asked is what comes of it, not when. */
const acting = (workload: Workload): Workload => ({
  ...workload,
  demand: { ...workload.demand, since: Number.NEGATIVE_INFINITY },
});

/** The part of a model that these Services are. */
export function modelWithin({ workloads, services, topology }: Model, keys: readonly ObjectKey[]): Model {
  const entries = keys.flatMap((key) => services.get(key) ?? []);
  const own = entries.flatMap(({ ports }) => ports.flatMap(({ cluster }) => workloads.get(cluster) ?? []));
  return {
    ...emptyModel,
    topology,
    workloads: tableOf(own.map((workload) => [workload.spec.cluster, acting(workload)])),
    services: within(services, keys),
  };
}

const within = <V>(table: Table<V>, keys: readonly ObjectKey[]): Table<V> =>
  tableOf(
    keys.flatMap((key): (readonly [ObjectKey, V])[] => {
      const value = table.get(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );

/** The part of the objects that these Services are, and all Nodes and Namespaces. */
export const objectsWithin = (objects: Objects, keys: readonly ObjectKey[]): Objects => ({
  ...objects,
  services: within(objects.services, keys),
  slicesByService: within(objects.slicesByService, keys),
});
