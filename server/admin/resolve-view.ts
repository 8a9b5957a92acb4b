import { planIn } from "../../snapshots/assignments.ts";
import type { Part } from "../../snapshots/balance/flow.ts";
import { isSameZone, type Zone, type ZoneClass, zoneKey, zoneOfKey } from "../../snapshots/balance/zone.ts";
import type { Endpoint, ServiceEntry, Workload } from "../../snapshots/derive/model.ts";
import { zoneClassOf } from "../../snapshots/derive/topology.ts";
import { parseListenerName, resolvePort } from "../../snapshots/names.ts";
import { objectKey } from "../../snapshots/objects.ts";
import { compare } from "../../snapshots/order.ts";
import { type Placed, placed } from "../../snapshots/resources/assignment.ts";
import { type AssignmentForm, kindOf } from "../../snapshots/resources/client-kind.ts";
import { LISTENER } from "../../snapshots/type-url.ts";
import type { Published } from "../current.ts";
import type { ResolveAnswer, ResolveQuery } from "./api-resolve.ts";
import { directoryOf, hintFor } from "./hint.ts";
import { type Failure, failure, found, type Outcome } from "./route.ts";
import { DRAINS, leftOutOf } from "./service-view.ts";
import { optional, percent } from "./shown.ts";
import { regionAlone, seenBy } from "./viewer.ts";

const sumOf = (localities: readonly Placed[]): number => localities.reduce((sum, { weight }) => sum + weight, 0);

const localitiesOf = (localities: readonly Placed[]): ResolveAnswer["localities"] =>
  localities.map(({ zone, subZone, priority, weight, reason, endpoints }) => ({
    priority,
    ...zone,
    ...optional("subZone", subZone),
    weight,
    percent: percent(weight / sumOf(localities.filter((one) => one.priority === priority))),
    reason,
    endpoints: endpoints.map(({ address, port, health }) => ({ address, port, health })),
  }));

/** The part of the first priority that is in the zone of the clients. */
function localPercent(localities: readonly Placed[], zoneClass: ZoneClass): number | undefined {
  const first = localities.filter(({ priority }) => priority === 0);
  if (zoneClass.kind === "unknown" || first.length === 0) return undefined;
  const own = first.filter(({ zone }) => isSameZone(zone, zoneClass.zone));
  return percent(sumOf(own) / sumOf(first));
}

/** Every zone that asks or serves, in order. */
function zonesOf({ demand, capacity }: Workload["flow"]): ResolveAnswer["zones"] {
  const partIn = (parts: readonly Part[], zone: Zone): number =>
    percent(parts.find((one) => isSameZone(one.zone, zone))?.part ?? 0);
  const keys = new Set([...demand, ...capacity].map(({ zone }) => zoneKey(zone)));
  return [...keys].toSorted(compare).map((key) => {
    const zone = zoneOfKey(key);
    return {
      ...zone,
      ...optional("demandPercent", demand.length === 0 ? undefined : partIn(demand, zone)),
      capacityPercent: partIn(capacity, zone),
    };
  });
}

/** Why an endpoint that serves others is not sent to these clients. */
function whyUnsent({ health }: Endpoint, mode: Workload["spec"]["policy"]["mode"], form: AssignmentForm): string {
  if (health === "draining") {
    return form === "envoy" ? "it terminates, and no ready endpoint beside it serves these clients" : DRAINS;
  }
  if (mode === "local") return "it is not on the node of these clients, which alone serves them";
  if (mode === "filter") return "it is not in the zone of these clients, which alone serves them";
  return "these clients know neither weights nor priorities: without it, zones get the part that they are to have";
}

const socketOf = ({ address, port }: Endpoint): string => `${address} ${port}`;

function unsent(
  { spec, endpoints }: Workload,
  localities: readonly Placed[],
  form: AssignmentForm,
): ResolveAnswer["leftOut"] {
  const sent = new Set(localities.flatMap((locality) => locality.endpoints.map(socketOf)));
  return endpoints
    .filter((endpoint) => !sent.has(socketOf(endpoint)))
    .map((one) => ({ address: one.address, port: one.port, why: whyUnsent(one, spec.policy.mode, form) }));
}

function answerFor(workload: Workload, query: ResolveQuery, published: Published): ResolveAnswer {
  const { spec, flow } = workload;
  const zoneClass = zoneClassOf(query, published.snapshot.model.topology);
  const form = kindOf(query.kind).assignment;
  const plan = planIn(form, workload, zoneClass);
  const localities = placed(plan, form);
  const neverIn = leftOutOf(spec, published).map(({ address, port, why }) => ({
    address,
    ...optional("port", port),
    why,
  }));
  return {
    resourceName: spec.cluster,
    seenBy: seenBy(query.kind, zoneClass),
    mode: spec.policy.mode,
    modeFrom: spec.policy.modeFrom,
    ...optional("problem", plan.problem),
    ...optional("localPercent", localPercent(localities, zoneClass)),
    localities: localitiesOf(localities),
    zones: zonesOf(flow),
    leftOut: [...unsent(workload, localities, form), ...neverIn],
  };
}

/** What a query may say as its port. */
const portsOf = ({ ports }: ServiceEntry): readonly string[] =>
  ports.flatMap(({ port, portName }) => (portName === "" ? [String(port)] : [String(port), portName]));

function unresolved(wanted: string, entry: ServiceEntry | undefined, published: Published): Failure {
  const { code, message, nearest } = hintFor(LISTENER, wanted, directoryOf(published));
  const isPortWrong = code === "unknown-port" || code === "no-default-port";
  const allowed = entry !== undefined && isPortWrong ? portsOf(entry) : undefined;
  const status = code === "no-default-port" ? 400 : 404;
  return failure(status, code, message, { nearest, ...optional("allowed", allowed) });
}

/** Who serves clients of that kind and place, with what weights and why. Nothing but what was published goes in. */
export function resolution(
  published: Published,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  query: ResolveQuery,
): Outcome<ResolveAnswer> {
  const misplaced = regionAlone(query);
  if (misplaced !== undefined) return misplaced;
  const { model, workloads, clusterDomain } = published.snapshot;
  const wanted = `${name}.${namespace}${query.port === undefined ? "" : `:${query.port}`}`;
  const parsed = parseListenerName(wanted, clusterDomain);
  const entry = model.services.get(objectKey({ namespace, name }));
  const spec = parsed?.kind === "client" && entry !== undefined ? resolvePort(entry, parsed.port) : undefined;
  const workload = spec && workloads.get(spec.cluster);
  return workload === undefined ? unresolved(wanted, entry, published) : found(answerFor(workload, query, published));
}
