/** The one place that builds and parses resource names. */
import { isAddress, isPort } from "./derive/address.ts";
import type { PortSpec, ServiceEntry } from "./derive/model.ts";

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** A DNS label: what namespaces, Services (a leading digit included) and ports may be called. */
export const isLabel = (text: string): boolean => LABEL.test(text);

/** The canonical resource name, the same for all types: `greeter.default:8080`. */
export const clusterName = (service: string, namespace: string, port: number): string =>
  `${service}.${namespace}:${port}`;

export interface ClusterName {
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
}

/** What stands behind `xds:///`, or what a server asks for to serve at its address. */
export type ListenerName =
  | {
      readonly kind: "client";
      readonly service: string;
      readonly namespace: string;
      /** A number wherever the text can be a port number, else the name of a port. */
      readonly port?: number | string;
    }
  | { readonly kind: "server"; readonly address: string; readonly port: number };

/** A port number in its only form: no sign, no leading zero. */
function portNumber(text: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Number.NaN;
  return isPort(port) ? port : undefined;
}

/** What stands before and behind the last colon; no `after` without a colon. */
function cut(name: string): { readonly before: string; readonly after?: string } {
  const at = name.lastIndexOf(":");
  return at < 0 ? { before: name } : { before: name.slice(0, at), after: name.slice(at + 1) };
}

function serviceAndNamespace(host: string): Pick<ClusterName, "service" | "namespace"> | undefined {
  const [service = "", namespace = "", ...more] = host.split(".");
  return more.length === 0 && isLabel(service) && isLabel(namespace) ? { service, namespace } : undefined;
}

export function parseClusterName(name: string): ClusterName | undefined {
  const { before, after } = cut(name);
  const owner = serviceAndNamespace(before);
  const port = portNumber(after ?? "");
  return owner && port !== undefined ? { ...owner, port } : undefined;
}

const suffixes = (clusterDomain: string): readonly string[] => ["", ".svc", `.svc.${clusterDomain}`];

function parseHost(host: string, clusterDomain: string): Pick<ClusterName, "service" | "namespace"> | undefined {
  const fits = suffixes(clusterDomain).filter((suffix) => host.endsWith(suffix));
  return fits.flatMap((suffix) => serviceAndNamespace(host.slice(0, host.length - suffix.length)) ?? [])[0];
}

function parseClientName(name: string, clusterDomain: string): ListenerName | undefined {
  const { before, after } = cut(name);
  const owner = parseHost(before, clusterDomain);
  if (owner === undefined) return undefined;
  if (after === undefined) return { kind: "client", ...owner };
  const port = portNumber(after) ?? (isLabel(after) ? after : undefined);
  return port === undefined ? undefined : { kind: "client", ...owner, port };
}

const SERVER_PREFIX = "grpc/server?xds.resource.listening_address=";

function parseServerName(name: string): ListenerName | undefined {
  const { before, after } = cut(name.slice(SERVER_PREFIX.length));
  const bracketed = /^\[(.*:.*)\]$/.exec(before)?.[1];
  const address = bracketed ?? (before.includes(":") ? "" : before);
  const port = portNumber(after ?? "");
  return isAddress(address) && port !== undefined ? { kind: "server", address, port } : undefined;
}

/** What a listener's name means, or undefined when it can lead to no Service and to no server. */
export const parseListenerName = (name: string, clusterDomain: string): ListenerName | undefined =>
  name.startsWith(SERVER_PREFIX) ? parseServerName(name) : parseClientName(name, clusterDomain);

/** Every name that can lead to this Service: each form of its host with each port number, each port name, and no port. */
export function listenerNames(entry: ServiceEntry, clusterDomain: string): readonly string[] {
  const hosts = suffixes(clusterDomain).map((suffix) => `${entry.name}.${entry.namespace}${suffix}`);
  const ports = new Set(entry.ports.flatMap(({ port, portName }) => [String(port), portName]));
  const endings = ["", ...[...ports].filter((port) => port !== "").map((port) => `:${port}`)];
  return hosts.flatMap((host) => endings.map((ending) => `${host}${ending}`));
}

const isGrpc = ({ portName, appProtocol }: PortSpec): boolean =>
  portName === "grpc" || appProtocol === "grpc" || appProtocol === "kubernetes.io/h2c";

/** The port that a name without port leads to: the only one, or the only one that says it speaks gRPC. */
export function defaultPort(ports: readonly PortSpec[]): PortSpec | undefined {
  const candidates = ports.length === 1 ? ports : ports.filter(isGrpc);
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** The port that a name with or without port leads to. A number wins over a name; a port that is there over one that is gone. */
export function resolvePort(entry: ServiceEntry, port?: number | string): PortSpec | undefined {
  if (port === undefined) return entry.defaultPort;
  const byNumber = entry.ports.find((spec) => spec.port === port);
  return byNumber ?? entry.ports.find(({ portName }) => portName !== "" && portName === String(port));
}
