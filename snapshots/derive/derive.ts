import type { ZoneKey } from "../balance/zone.ts";
import { type ObjectKey, type Objects, objectKey } from "../objects.ts";
import { dueNames, emptyDraft, losesEndpoints, modelWith } from "./draft.ts";
import type { Model, NamedMode, PortSpec } from "./model.ts";
import { type Context, deriveService, settle } from "./service.ts";
import { nextTopology, servicesAt, type TopologyChange } from "./topology.ts";

interface Settings {
  readonly removalGraceMs: number;
  /** Of Services that ask for none; `weighted` unless told otherwise. */
  readonly defaultMode?: NamedMode;
}

/** All that the model depends on, and what of it changed since the previous model. */
export interface DeriveInput {
  readonly objects: Objects;
  readonly touched: {
    /** Services that changed, or one of their slices or the annotations of their Namespace did. */
    readonly services: ReadonlySet<ObjectKey>;
    /** Zone or region of some Node changed. */
    readonly topology: boolean;
    /** Everything may have changed: the first derivation. */
    readonly all?: boolean;
  };
  /** Subscribed streams of a cluster, by zone; those of unknown zone are left out. */
  readonly demand: (cluster: string) => ReadonlyMap<ZoneKey, number>;
  /** Clusters whose demand may have changed. */
  readonly demandTouched: ReadonlySet<string>;
  /** Milliseconds that only grow. */
  readonly now: number;
  readonly settings: Settings;
}

export interface DeriveOutput {
  readonly model: Model;
  readonly changed: {
    /** Canonical names whose workload changed, appeared or went. */
    readonly workloads: ReadonlySet<string>;
    readonly services: ReadonlySet<ObjectKey>;
  };
  /** Some endpoint left: this must not be held off. */
  readonly removal: boolean;
  /** When to derive again though nothing was touched. */
  readonly wakeAt?: number;
}

function topologyChange({ objects, touched }: DeriveInput, { topology }: Model): TopologyChange {
  const read = touched.topology || touched.all === true;
  return read ? nextTopology(objects.nodes, topology) : { topology, nodes: new Set(), zones: new Set() };
}

const serviceKey = ({ namespace, service: name }: PortSpec): ObjectKey => objectKey({ namespace, name });

/** The Services of workloads whose grace has ended. */
const servicesOfGone = ({ workloads }: Model, due: readonly string[]): readonly ObjectKey[] =>
  due
    .flatMap((name) => workloads.get(name) ?? [])
    .filter(({ goneSince }) => goneSince !== undefined)
    .map(({ spec }) => serviceKey(spec));

/** When zones change: the Services that speak of zones of clients, wherever their endpoints are. */
function servicesSpeakingOfZones({ workloads }: Model, { zones }: TopologyChange): readonly ObjectKey[] {
  if (zones.size === 0) return [];
  const specs = [...workloads.values()].map(({ spec }) => spec);
  return specs.filter(({ policy: { demandSource } }) => demandSource.kind === "static").map(serviceKey);
}

/** The Services that may come out differently. */
export function servicesToDerive(
  input: DeriveInput,
  previous: Model,
  change: TopologyChange = topologyChange(input, previous),
): ReadonlySet<ObjectKey> {
  const { objects, touched, now } = input;
  if (touched.all === true) return new Set([...objects.services.keys(), ...previous.services.keys()]);
  const gone = servicesOfGone(previous, dueNames(previous, now));
  const speaking = servicesSpeakingOfZones(previous, change);
  return new Set([...touched.services, ...servicesAt(objects, change), ...speaking, ...gone]);
}

/** Looks at the demand of a workload whose Service was not derived. One that is gone stays as it is. */
function refreshDemand(context: Context, cluster: string): void {
  const workload = context.previous.workloads.get(cluster);
  if (context.draft.due.has(cluster) || workload === undefined || workload.goneSince !== undefined) return;
  settle(context, workload);
}

/**
 * The next model. Derives the Services that were touched and no other, so that a change costs the same in a large
 * cluster; what did not change keeps its identity.
 */
export function derive(input: DeriveInput, previous: Model): DeriveOutput {
  const { objects, demand: streams, demandTouched, now, settings } = input;
  const change = topologyChange(input, previous);
  const draft = emptyDraft();
  const { topology } = change;
  const { removalGraceMs, defaultMode = "weighted" } = settings;
  const context: Context = { objects, topology, streams, now, removalGraceMs, defaultMode, previous, draft };
  for (const key of servicesToDerive(input, previous, change)) deriveService(context, key);
  for (const cluster of [...demandTouched, ...dueNames(previous, now)]) refreshDemand(context, cluster);
  const model = modelWith(draft, topology, { previous, now });
  return {
    model,
    changed: { workloads: new Set(draft.workloads.keys()), services: new Set(draft.services.keys()) },
    removal: losesEndpoints(draft, previous),
    ...(Number.isFinite(model.wakeAt) && { wakeAt: model.wakeAt }),
  };
}
