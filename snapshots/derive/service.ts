import type { Demand } from "../balance/demand.ts";
import type { ZoneKey } from "../balance/zone.ts";
import { defaultPort } from "../names.ts";
import type { EndpointSlice, ObjectKey, Objects, Service } from "../objects.ts";
import type { Problem } from "../problem.ts";
import type { Draft } from "./draft.ts";
import { judge } from "./endpoints.ts";
import { keep } from "./keep.ts";
import type { Model, NamedMode, PortSpec, ServiceEntry, Topology } from "./model.ts";
import { offerOf, type ServedPort } from "./ports.ts";
import { namedZone } from "./topology.ts";
import { type Found, workloadOf } from "./workload.ts";

/** What one derivation works with. */
export interface Context {
  readonly objects: Objects;
  readonly topology: Topology;
  /** Subscribed streams of a cluster, by zone. */
  readonly streams: (cluster: string) => ReadonlyMap<ZoneKey, number>;
  readonly now: number;
  readonly defaultMode: NamedMode;
  readonly removalGraceMs: number;
  readonly previous: Model;
  readonly draft: Draft;
}

/** What is known of the demand for a port, from the source that its Service chose. */
export function demandFor(
  { streams, topology }: Pick<Context, "streams" | "topology">,
  { cluster, policy: { demandSource } }: PortSpec,
): Demand {
  switch (demandSource.kind) {
    case "clients":
      return { kind: "clients", streams: streams(cluster) };
    case "static": {
      const { zones } = demandSource;
      const parts = zones.map(({ region = "", zone, part }) => ({ zone: namedZone(region, zone, topology), part }));
      return { kind: "static", parts };
    }
  }
}

/** Looks at a workload that is there, with what was found of it. */
export function settle(context: Context, found: Found): void {
  const { draft, previous, now } = context;
  const { cluster } = found.spec;
  const before = previous.workloads.get(cluster);
  const { workload, waitUntil } = workloadOf({ ...found, demand: demandFor(context, found.spec), now }, before);
  draft.due.set(cluster, waitUntil);
  if (workload !== before) draft.workloads.set(cluster, workload);
}

/** Derives one port; gives what is wrong with its endpoints. */
function derivePort(context: Context, service: Service, slices: readonly EndpointSlice[], served: ServedPort) {
  const { topology, previous } = context;
  const { endpoints, allTerminating, problems } = judge(service, served.port, slices, topology);
  const spec = keep(previous.workloads.get(served.spec.cluster)?.spec, served.spec);
  settle(context, { spec, endpoints, allTerminating });
  return { spec, problems };
}

/** What a Service offers now: its live ports, or why there are none, and all that is wrong. */
interface Now {
  readonly live: readonly PortSpec[];
  readonly notServed?: string;
  readonly problems: readonly Problem[];
}

const GONE: Now = { live: [], notServed: "it is gone", problems: [] };

function derivePorts(context: Context, key: ObjectKey, service: Service | undefined): Now {
  const { objects, defaultMode } = context;
  if (service === undefined) return GONE;
  const inherited = objects.namespaces.get(service.namespace)?.annotations ?? {};
  const { ports, ...offer } = offerOf(service, inherited, defaultMode);
  const slices = objects.slicesByService.get(key) ?? [];
  const derived = ports.map((served) => derivePort(context, service, slices, served));
  const problems = [...offer.problems, ...derived.flatMap((port) => port.problems)];
  return { ...offer, live: derived.map(({ spec }) => spec), problems };
}

/** Keeps the last workload of a port that is gone, until its grace ends (B18). Whether it is still there. */
function remains({ draft, previous, now, removalGraceMs }: Context, { cluster }: PortSpec): boolean {
  const workload = previous.workloads.get(cluster);
  const goneSince = workload?.goneSince ?? now;
  const end = goneSince + removalGraceMs;
  const stays = workload !== undefined && now < end;
  draft.due.set(cluster, stays ? end : undefined);
  if (!stays) draft.workloads.set(cluster, undefined);
  else if (workload.goneSince === undefined) draft.workloads.set(cluster, { ...workload, goneSince });
  return stays;
}

/** Ports share their slices, so each may tell the same. */
const distinct = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values(),
];

/** Without a live port, names without port go on to lead where they led before. */
function entryOf(
  owner: Pick<Service, "namespace" | "name">,
  { live, notServed, problems }: Now,
  { gone, before }: { readonly gone: readonly PortSpec[]; readonly before: ServiceEntry | undefined },
): ServiceEntry {
  const byDefault = live.length > 0 ? defaultPort(live) : gone.find((spec) => spec === before?.defaultPort);
  return {
    namespace: owner.namespace,
    name: owner.name,
    ports: [...live, ...gone],
    ...(byDefault === undefined ? {} : { defaultPort: byDefault }),
    ...(notServed === undefined ? {} : { notServed }),
    problems: distinct(problems),
  };
}

/** Derives one Service, and nothing else. */
export function deriveService(context: Context, key: ObjectKey): void {
  const { objects, previous, draft } = context;
  const before = previous.services.get(key);
  const service = objects.services.get(key);
  const owner = service ?? before;
  if (owner === undefined) return;
  const now = derivePorts(context, key, service);
  const absent = (before?.ports ?? []).filter(({ cluster }) => now.live.every((spec) => spec.cluster !== cluster));
  const gone = absent.filter((spec) => remains(context, spec));
  const isLeft = service !== undefined || gone.length > 0;
  const next = isLeft ? keep(before, entryOf(owner, now, { gone, before })) : undefined;
  if (next !== before) draft.services.set(key, next);
}
