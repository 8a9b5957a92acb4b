import type { ServiceEntry } from "../../snapshots/derive/model.ts";
import { type ListenerName, parseListenerName, resolvePort } from "../../snapshots/names.ts";
import { nearest } from "../../snapshots/nearest.ts";
import { objectKey } from "../../snapshots/objects.ts";
import { LISTENER, shortName, type TypeUrl } from "../../snapshots/type-url.ts";
import type { Published } from "../current.ts";

/** Why a name leads nowhere, what to change, and the names that were probably meant. */
export interface Hint {
  readonly code:
    | "not-a-name"
    | "unknown-namespace"
    | "unknown-service"
    | "unknown-port"
    | "no-default-port"
    | "not-canonical"
    | "refused"
    | "not-served";
  readonly message: string;
  readonly nearest: readonly string[];
}

type ClientName = Extract<ListenerName, { readonly kind: "client" }>;

/** What exists, arranged for looking up what does not. */
export interface Directory {
  readonly published: Published;
  readonly namespaces: ReadonlySet<string>;
  /** Of each `service.namespace` the Service; only those that are served. */
  readonly hosts: ReadonlyMap<string, ServiceEntry>;
  readonly byService: ReadonlyMap<string, readonly ServiceEntry[]>;
}

export function directoryOf(published: Published): Directory {
  const entries = [...published.snapshot.model.services.values()];
  const served = entries.filter(({ ports }) => ports.length > 0);
  return {
    published,
    namespaces: new Set([...published.objects.namespaces.keys(), ...entries.map(({ namespace }) => namespace)]),
    hosts: new Map(served.map((entry) => [`${entry.name}.${entry.namespace}`, entry])),
    byService: Map.groupBy(served, ({ name }) => name),
  };
}

const clustersOf = ({ ports }: ServiceEntry): readonly string[] => ports.map(({ cluster }) => cluster);

const portsOf = ({ ports }: ServiceEntry): string =>
  ports.map(({ port, portName }) => (portName === "" ? String(port) : `${port} (${portName})`)).join(", ");

/** The port of a Service is not there. */
function hintForPort(port: number | string | undefined, entry: ServiceEntry, service: string): Hint {
  if (port === undefined) {
    const message = `${service} has several ports, so a name has to say which: ${portsOf(entry)}`;
    return { code: "no-default-port", message, nearest: clustersOf(entry) };
  }
  const message = `${service} has no TCP port ${port}; it has ${portsOf(entry)}`;
  return { code: "unknown-port", message, nearest: clustersOf(entry) };
}

/** The Service is there. */
function hintInService(typeUrl: TypeUrl, name: string, { port }: ClientName, entry: ServiceEntry): Hint {
  const service = `Service ${entry.namespace}/${entry.name}`;
  const spec = resolvePort(entry, port);
  if (spec === undefined && entry.notServed !== undefined) {
    return { code: "not-served", message: `${service} is not served: ${entry.notServed}`, nearest: [] };
  }
  if (spec === undefined) return hintForPort(port, entry, service);
  if (typeUrl !== LISTENER && name !== spec.cluster) {
    const message = `only listeners have other names; the ${shortName(typeUrl)} is named ${spec.cluster}`;
    return { code: "not-canonical", message, nearest: [spec.cluster] };
  }
  const message = `what ${service} says breaks a rule; see /v1/services/${entry.namespace}/${entry.name}`;
  return { code: "refused", message, nearest: [] };
}

const MOST_NEAREST = 5;

/** Services of that name in other namespaces, then those whose host `service.namespace` is spelled nearly so. */
export function likelyServices(host: string, { hosts, byService }: Directory): readonly ServiceEntry[] {
  const [service = ""] = host.split(".");
  const similar = nearest(host, hosts.keys()).flatMap((one) => hosts.get(one) ?? []);
  return [...new Set([...(byService.get(service) ?? []), ...similar])].slice(0, MOST_NEAREST);
}

/** The names of likely Services, with that port where they have it. */
const likelyNames = (host: string, port: number | string | undefined, directory: Directory): readonly string[] =>
  likelyServices(host, directory)
    .flatMap((entry) => resolvePort(entry, port)?.cluster ?? clustersOf(entry))
    .slice(0, MOST_NEAREST);

function hintElsewhere({ service, namespace, port }: ClientName, directory: Directory): Hint {
  const near = likelyNames(`${service}.${namespace}`, port, directory);
  return directory.namespaces.has(namespace)
    ? { code: "unknown-service", message: `namespace ${namespace} has no Service ${service}`, nearest: near }
    : { code: "unknown-namespace", message: `there is no namespace ${namespace}`, nearest: near };
}

function hintForForm(name: string, directory: Directory): Hint {
  const message = name.startsWith("grpc/server")
    ? "a server asks for grpc/server?xds.resource.listening_address=IP:PORT"
    : "names are service.namespace:port; .svc and the cluster domain may follow the namespace, and a port may be a name";
  const [host = ""] = name.split(":");
  return { code: "not-a-name", message, nearest: likelyNames(host, undefined, directory) };
}

/** Explains a name that does not exist (E23). */
export function hintFor(typeUrl: TypeUrl, name: string, directory: Directory): Hint {
  const { snapshot } = directory.published;
  const parsed = parseListenerName(name, snapshot.clusterDomain);
  if (parsed?.kind !== "client") return hintForForm(name, directory);
  const entry = snapshot.model.services.get(objectKey({ namespace: parsed.namespace, name: parsed.service }));
  return entry === undefined ? hintElsewhere(parsed, directory) : hintInService(typeUrl, name, parsed, entry);
}
