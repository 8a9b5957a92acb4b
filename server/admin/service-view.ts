import type { Flow } from "../../snapshots/balance/flow.ts";
import { zoneKey } from "../../snapshots/balance/zone.ts";
import { judge, type LeftOut } from "../../snapshots/derive/endpoints.ts";
import type { Cohort, Endpoint, Policy, PortSpec, ServiceEntry, Workload } from "../../snapshots/derive/model.ts";
import { listenerNames, parseListenerName, resolvePort } from "../../snapshots/names.ts";
import { objectKey } from "../../snapshots/objects.ts";
import { cohortReader, warmingReason } from "../../snapshots/plan/warming.ts";
import { ASSIGNMENT } from "../../snapshots/type-url.ts";
import type { Published } from "../current.ts";
import type { Roster } from "../roster.ts";
import type { ServiceAnswer, ServicesAnswer } from "./api-services.ts";
import { directoryOf, likelyServices } from "./hint.ts";
import { type PageQuery, pageOf } from "./page.ts";
import { failure, found, type Outcome, type ServedWorld } from "./route.ts";
import { cut, optional, percent, secondsSince } from "./shown.ts";

type PortAnswer = ServiceAnswer["ports"][number];

/** What is served of a port: the last that passed its checks, else the newest. */
const workloadOf = ({ cluster }: PortSpec, { snapshot }: Published): Workload | undefined =>
  snapshot.workloads.get(cluster) ?? snapshot.model.workloads.get(cluster);

/** What slices list for a port and is not served. Nothing once the Service or the port is gone. */
export function leftOutOf({ namespace, service: name, port }: PortSpec, published: Published): readonly LeftOut[] {
  const { objects, snapshot } = published;
  const key = objectKey({ namespace, name });
  const service = objects.services.get(key);
  const own = service?.ports.find((one) => one.port === port && one.protocol === "TCP");
  if (service === undefined || own === undefined) return [];
  return judge(service, own, objects.slicesByService.get(key) ?? [], snapshot.model.topology).left;
}

const countStreams = (ports: readonly PortSpec[], roster: Roster): number =>
  new Set(ports.flatMap(({ cluster }) => [...roster.subscribers(ASSIGNMENT, cluster)])).size;

function listed(entry: ServiceEntry, { published, roster }: ServedWorld): ServicesAnswer["services"][number] {
  const { namespace, name, notServed, ports } = entry;
  const inCounts = ports.map((spec) => workloadOf(spec, published)?.endpoints.length ?? 0);
  const outCounts = ports.map((spec) => leftOutOf(spec, published).length);
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return {
    namespace,
    name,
    ...optional("notServed", notServed),
    ports: ports.map(({ port, portName }) => ({ port, name: portName })),
    resourceNames: ports.map(({ cluster }) => cluster),
    endpoints: { in: sum(inCounts), out: sum(outCounts) },
    clients: countStreams(ports, roster),
    problems: published.snapshot.problems.get(objectKey(entry))?.length ?? 0,
  };
}

export function serviceList(
  world: ServedWorld,
  query: PageQuery & { readonly namespace?: string },
): Outcome<ServicesAnswer> {
  const { namespace } = query;
  const entries = [...world.published.snapshot.model.services.values()].filter(
    (entry) => namespace === undefined || entry.namespace === namespace,
  );
  const { total, items, next } = pageOf(entries, objectKey, query);
  return found({ total, ...optional("next", next), services: items.map((entry) => listed(entry, world)) });
}

export const DRAINS = "it terminates and still serves: Envoy is told that it drains, gRPC is not sent it";

function whyIn({ health }: Endpoint, allTerminating: boolean, cohort: Cohort | undefined): string {
  if (cohort !== undefined) return `it is ready; ${warmingReason(cohort)}`;
  if (allTerminating) return "it terminates and still serves, and no endpoint is ready";
  return health === "healthy" ? "it is ready" : DRAINS;
}

/** Endpoints come in order of zone, so groups keep it. */
function zonesOf(workload: Workload): PortAnswer["zones"] {
  const { endpoints, allTerminating } = workload;
  const cohortOf = cohortReader(workload);
  return [...Map.groupBy(endpoints, ({ zone }) => zoneKey(zone)).values()].flatMap((group) =>
    group.slice(0, 1).map(({ zone: { region, zone } }) => ({
      region,
      zone,
      endpoints: group.map((endpoint) => ({
        address: endpoint.address,
        port: endpoint.port,
        ...optional("node", endpoint.node),
        health: endpoint.health,
        why: whyIn(endpoint, allTerminating, cohortOf(endpoint)),
      })),
    })),
  );
}

const flowAnswer = ({ demand, rows }: Flow): PortAnswer["flow"] =>
  demand.map(({ zone: { region, zone }, part }) => ({
    from: { region, zone },
    demandPercent: percent(part),
    to: (rows.get(zoneKey({ region, zone })) ?? []).map((to) => ({ ...to.zone, percent: percent(to.part) })),
  }));

const policyAnswer = ({ retry, ...policy }: Policy): PortAnswer["policy"] => ({
  ...policy,
  ...optional("retry", retry && { ...retry, on: [...retry.on] }),
});

function portAnswer(spec: PortSpec, entry: ServiceEntry, { published, roster, steadyNow }: ServedWorld): PortAnswer {
  const workload = workloadOf(spec, published);
  const { clusterDomain } = published.snapshot;
  const leadsHere = (name: string): boolean => {
    const parsed = parseListenerName(name, clusterDomain);
    return parsed?.kind === "client" && resolvePort(entry, parsed.port) === spec;
  };
  return {
    port: spec.port,
    name: spec.portName,
    ...optional("appProtocol", spec.appProtocol),
    resourceName: spec.cluster,
    listenerNames: listenerNames(entry, clusterDomain).filter(leadsHere),
    policy: policyAnswer(spec.policy),
    ...optional(
      "goneSeconds",
      workload?.goneSince === undefined ? undefined : secondsSince(workload.goneSince, steadyNow),
    ),
    allTerminating: workload?.allTerminating ?? false,
    clients: countStreams([spec], roster),
    zones: workload === undefined ? [] : zonesOf(workload),
    leftOut: leftOutOf(spec, published).map(({ address, port, slice, why }) => ({
      address,
      ...optional("port", port),
      slice,
      why,
    })),
    flow: workload === undefined ? [] : flowAnswer(workload.flow),
  };
}

export function oneService(
  world: ServedWorld,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Outcome<ServiceAnswer> {
  const { model, problems } = world.published.snapshot;
  const key = objectKey({ namespace, name });
  const entry = model.services.get(key);
  if (entry === undefined) {
    const likely = likelyServices(`${name}.${namespace}`, directoryOf(world.published));
    return failure(404, "no-such-service", `there is no Service ${cut(key)}`, { nearest: likely.map(objectKey) });
  }
  return found({
    namespace,
    name,
    ...optional("notServed", entry.notServed),
    ports: entry.ports.map((spec) => portAnswer(spec, entry, world)),
    problems: (problems.get(key) ?? []).map(({ object, code, message }) => ({
      object,
      code,
      message,
    })),
  });
}
