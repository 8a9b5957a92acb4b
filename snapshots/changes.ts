import { canonicalListener } from "./listeners.ts";
import { listenerNames } from "./names.ts";
import { objectKey } from "./objects.ts";
import type { Changed, Snapshot } from "./snapshot.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, type TypeUrl } from "./type-url.ts";

/** Names whose resources may differ between two snapshots, for at least one zone class or client kind. */
export type Changes = ReadonlyMap<TypeUrl, readonly string[]>;

interface Pair {
  readonly previous: Snapshot;
  readonly next: Snapshot;
}

/** Whether one thing that a name leads to is another object in the next snapshot. */
const differs = ({ previous, next }: Pair, read: (snapshot: Snapshot) => unknown): boolean =>
  read(previous) !== read(next);

const clusterDiffers = (pair: Pair, name: string): boolean =>
  differs(pair, ({ published }) => published.get(name)?.cluster.grpc) ||
  differs(pair, ({ published }) => published.get(name)?.cluster.envoy);

/** The assignment also when only its cluster changed: Envoy is sent it again (B5). */
const assignmentDiffers = (pair: Pair, name: string): boolean =>
  clusterDiffers(pair, name) ||
  differs(pair, ({ workloads }) => workloads.get(name)) ||
  differs(pair, ({ retired }) => retired.get(name));

const listenerDiffers = (pair: Pair, name: string): boolean =>
  differs(pair, (snapshot) => canonicalListener(snapshot, name));

/** All names under which the listeners of a Service are, or were, to be found. */
function namesOfService(pair: Pair, service: string): readonly string[] {
  return [pair.previous, pair.next].flatMap(({ model, clusterDomain }) => {
    const entry = model.services.get(service);
    return entry === undefined ? [] : listenerNames(entry, clusterDomain);
  });
}

/** Services whose names may now lead elsewhere: those that changed, and the owners of listeners that did. */
function servicesOf(pair: Pair, { workloads, services }: Changed): ReadonlySet<string> {
  const owners = [...workloads]
    .filter((name) => listenerDiffers(pair, name))
    .flatMap((name) => pair.next.workloads.get(name) ?? pair.previous.workloads.get(name) ?? [])
    .map(({ spec }) => objectKey({ namespace: spec.namespace, name: spec.service }));
  return new Set([...services, ...owners]);
}

/**
 * Names whose resources may differ, by type, given what was touched between the two snapshots. The work is in proportion
 * to that. Nothing differs from no snapshot: nobody was served before the first.
 */
export function changesBetween(previous: Snapshot | undefined, next: Snapshot, changed: Changed): Changes {
  if (previous === undefined) return new Map();
  const pair: Pair = { previous, next };
  const workloads = [...changed.workloads];
  const dialled = [...servicesOf(pair, changed)].flatMap((service) => namesOfService(pair, service));
  const listeners = new Set([...workloads, ...dialled]);
  const changes: readonly (readonly [TypeUrl, readonly string[]])[] = [
    [CLUSTER, workloads.filter((name) => clusterDiffers(pair, name))],
    [ASSIGNMENT, workloads.filter((name) => assignmentDiffers(pair, name))],
    [LISTENER, [...listeners].filter((name) => listenerDiffers(pair, name))],
    [ROUTE, workloads.filter((name) => differs(pair, ({ published }) => published.get(name)?.route))],
  ];
  return new Map(changes.filter(([, names]) => names.length > 0));
}
