import { assignmentFor } from "./assignments.ts";
import type { ZoneClass } from "./balance/zone.ts";
import { listenerOf } from "./listeners.ts";
import { compare } from "./order.ts";
import { clusterIn, type Published, routeIn, type SpecOf } from "./published.ts";
import { type AssignmentForm, type ClientKind, type ClusterForm, kindOf } from "./resources/client-kind.ts";
import type { Resource } from "./resources/resource.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Table } from "./table.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, type TypeUrl } from "./type-url.ts";

/** A snapshot as one zone class and client kind sees it. All that a stream needs to know. */
export interface View {
  /** The resource of that name, or undefined when there is none (yet). The name is answered exactly as asked. */
  get(typeUrl: TypeUrl, name: string): Resource | undefined;
  /** What a wildcard subscription gets, in order of name: canonical clusters; no API listeners (S14). */
  all(typeUrl: TypeUrl): readonly Resource[];
}

function assignmentOf(
  snapshot: Snapshot,
  name: string,
  zoneClass: ZoneClass,
  form: AssignmentForm,
): Resource | undefined {
  const workload = snapshot.workloads.get(name);
  const published = snapshot.published.get(name);
  if (workload === undefined || published === undefined) return snapshot.retired.get(name);
  return assignmentFor({ workload, cluster: published.cluster }, zoneClass, form);
}

/** By the table and not by the snapshot, since most changes are of endpoints and leave it as it is. */
const sortedClusters = new WeakMap<Table<Published>, Map<ClusterForm, readonly Resource[]>>();

type InForm<Form> = (form: Form, published: Published, specOf: SpecOf) => Resource | undefined;

/** A resource that depends on the spec of its workload alone. */
function specific<Form>({ published, workloads }: Snapshot, name: string, read: InForm<Form>, form: Form) {
  const found = published.get(name);
  return found && read(form, found, () => workloads.get(name)?.spec);
}

function allClusters(snapshot: Snapshot, form: ClusterForm): readonly Resource[] {
  const { published } = snapshot;
  const byForm = sortedClusters.get(published) ?? new Map<ClusterForm, readonly Resource[]>();
  sortedClusters.set(published, byForm);
  const known = byForm.get(form);
  if (known !== undefined) return known;
  const sorted = [...published.keys()]
    .flatMap((name) => specific(snapshot, name, clusterIn, form) ?? [])
    .sort((a, b) => compare(a.name, b.name));
  byForm.set(form, sorted);
  return sorted;
}

/** The view of one kind of client in one zone class. Cheap: nothing is made before it is asked for. */
export function viewOf(snapshot: Snapshot, zoneClass: ZoneClass, kind: ClientKind): View {
  const { route, cluster, assignment } = kindOf(kind);
  return {
    get: (typeUrl, name) => {
      switch (typeUrl) {
        case LISTENER:
          return listenerOf(snapshot, name);
        case ROUTE:
          return specific(snapshot, name, routeIn, route);
        case CLUSTER:
          return specific(snapshot, name, clusterIn, cluster);
        case ASSIGNMENT:
          return assignmentOf(snapshot, name, zoneClass, assignment);
      }
    },
    all: (typeUrl) => (typeUrl === CLUSTER ? allClusters(snapshot, cluster) : []),
  };
}
