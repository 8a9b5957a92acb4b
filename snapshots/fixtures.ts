/** Small models for tests of what is made of them. */
import { emptyFlow } from "./balance/flow.ts";
import type { Zone } from "./balance/zone.ts";
import {
  type Endpoint,
  emptyModel,
  type Model,
  type Policy,
  type PortSpec,
  type ServiceEntry,
  type Workload,
} from "./derive/model.ts";
import { clusterName } from "./names.ts";
import { objectKey } from "./objects.ts";
import { tableOf } from "./table.ts";

export const zoneA: Zone = { region: "eu", zone: "a" };
export const zoneB: Zone = { region: "eu", zone: "b" };

export const endpoint = (address: string, zone: Zone = zoneA, health: Endpoint["health"] = "healthy"): Endpoint => ({
  address,
  port: 8080,
  zone,
  health,
});

/** Of a Service that asks for an even spread and nothing else. */
export const evenPolicy: Policy = {
  mode: "spread",
  modeFrom: "default",
  rule: { tolerance: 0, minZoneEndpoints: 1 },
  demandSource: { kind: "clients" },
  picker: "two-choices",
};

export const portSpec = (service: string, port = 8080, more: Partial<PortSpec> = {}): PortSpec => ({
  cluster: clusterName(service, "default", port),
  namespace: "default",
  service,
  identity: `uid of ${service}`,
  port,
  portName: `p${port}`,
  policy: evenPolicy,
  ...more,
});

export const workload = (spec: PortSpec, endpoints: readonly Endpoint[] = [endpoint("10.0.0.1")]): Workload => ({
  spec,
  endpoints,
  allTerminating: false,
  demand: { streams: new Map(), since: 0 },
  flow: emptyFlow,
});

function serviceEntry(specs: readonly PortSpec[]): ServiceEntry {
  const [first] = specs;
  const { namespace, service } = first ?? portSpec("none");
  return {
    namespace,
    name: service,
    ports: specs,
    ...(first !== undefined && specs.length === 1 && { defaultPort: first }),
    problems: [],
  };
}

/** A model of these workloads, with the Services that own them. */
export function modelOf(workloads: readonly Workload[]): Model {
  const owners = Map.groupBy(workloads, ({ spec }) => objectKey({ namespace: spec.namespace, name: spec.service }));
  return {
    ...emptyModel,
    workloads: tableOf(workloads.map((one) => [one.spec.cluster, one])),
    services: tableOf([...owners].map(([key, own]) => [key, serviceEntry(own.map(({ spec }) => spec))])),
  };
}
