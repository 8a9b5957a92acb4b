import { clusterName, isLabel } from "../names.ts";
import { objectKey, type Service, type ServicePort } from "../objects.ts";
import type { Problem } from "../problem.ts";
import { isPort } from "./address.ts";
import type { Annotations } from "./annotations.ts";
import type { NamedMode, Policy, PortSpec } from "./model.ts";
import { wishOf } from "./policy.ts";
import { serviceProblem } from "./service-problem.ts";

/** A port of a Service that is served. */
export interface ServedPort {
  readonly port: ServicePort;
  readonly spec: PortSpec;
}

/** What of a Service is served, endpoints apart. */
export interface Offer {
  /** By port number. */
  readonly ports: readonly ServedPort[];
  /** Why it has no ports. */
  readonly notServed?: string;
  readonly problems: readonly Problem[];
}

const specOf = (service: Service, { name, port, appProtocol }: ServicePort, policy: Policy): PortSpec => ({
  cluster: clusterName(service.name, service.namespace, port),
  namespace: service.namespace,
  service: service.name,
  identity: service.uid ?? objectKey(service),
  port,
  portName: name,
  ...(appProtocol === undefined ? {} : { appProtocol }),
  policy,
});

/** Why a TCP port cannot be served, given those that are. */
function faultOf({ port }: ServicePort, accepted: readonly ServicePort[]): string | undefined {
  if (!isPort(port)) return `port ${port} is not between 1 and 65535 and is left out`;
  return accepted.some((other) => other.port === port) ? `port ${port} stands twice; the first counts` : undefined;
}

function tcpPorts(service: Service): { readonly ports: readonly ServicePort[]; readonly problems: readonly Problem[] } {
  const ports: ServicePort[] = [];
  const problems: Problem[] = [];
  for (const port of service.ports.filter(({ protocol }) => protocol === "TCP")) {
    const fault = faultOf(port, ports);
    if (fault === undefined) ports.push(port);
    else problems.push(serviceProblem(service, "bad-port", fault));
  }
  return { ports: ports.toSorted((a, b) => a.port - b.port), problems };
}

function nameProblems(service: Service): readonly Problem[] {
  const { namespace, name } = service;
  const bad = [namespace, name].filter((text) => !isLabel(text));
  return bad.map((text) => serviceProblem(service, "bad-name", `${JSON.stringify(text)} is not a DNS label`));
}

const none = (notServed: string, problems: readonly Problem[] = []): Offer => ({ ports: [], notServed, problems });

/** What a Service and the annotations of its Namespace offer to clients. Ports come from here, never from slices (H1). */
export function offerOf(service: Service, namespaceAnnotations: Annotations, defaultMode: NamedMode): Offer {
  if (service.type === "ExternalName") return none("it is of type ExternalName: dial its external name with dns:///");
  const badNames = nameProblems(service);
  if (badNames.length > 0) return none("its name is not valid", badNames);
  const { value: wish, problems } = wishOf(service, namespaceAnnotations, defaultMode);
  if (!wish.enabled) return none("its annotation evenkeel.dev/enabled is false", problems);
  const tcp = tcpPorts(service);
  const all = [...problems, ...tcp.problems];
  if (tcp.ports.length === 0) return none("it has no TCP port", all);
  return { ports: tcp.ports.map((port) => ({ port, spec: specOf(service, port, wish.policy) })), problems: all };
}
