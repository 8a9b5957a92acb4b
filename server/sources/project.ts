/** Kubernetes objects as JSON → the few fields that are read of them, checked. Every source that is given JSON shares this. */
import { isIPv4, isIPv6 } from "node:net";
import {
  type EndpointSlice,
  type KubernetesObject,
  type Namespace,
  type Node,
  type ObjectKind,
  objectKey,
  type Service,
  type ServicePort,
  type SliceEndpoint,
  type SlicePort,
} from "../../snapshots/objects.ts";
import type { Problem } from "../../snapshots/problem.ts";
import {
  at,
  complain,
  type Field,
  flag,
  items,
  port,
  portOrName,
  record,
  required,
  requiredPort,
  text,
  whole,
  word,
} from "./fields.ts";
import { annotations, label, moment, name, namespace, uid } from "./metadata.ts";

/** Kind and key: `Service default/greeter`, `Node a1`. Problems name objects so. */
export type ObjectId = string;

export const objectId = (object: KubernetesObject): ObjectId => `${object.kind} ${objectKey(object)}`;

/** The kinds that are read. */
export const API_VERSIONS: Readonly<Record<ObjectKind, string>> = {
  Service: "v1",
  EndpointSlice: "discovery.k8s.io/v1",
  Node: "v1",
  Namespace: "v1",
};

export const isKind = (kind: unknown): kind is ObjectKind =>
  typeof kind === "string" && Object.hasOwn(API_VERSIONS, kind);

/** What one JSON object turned out to be. */
export interface Projection {
  /** Undefined when its name is bad. */
  readonly id?: ObjectId;
  /** Undefined when a field is bad; `problems` says which. */
  readonly object?: KubernetesObject;
  readonly problems: readonly Problem[];
}

const PROTOCOLS = ["TCP", "UDP", "SCTP"] as const;
const TYPES = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] as const;
const FAMILIES = ["IPv4", "IPv6"] as const;
const ADDRESS_TYPES = ["IPv4", "IPv6", "FQDN"] as const;
const TRAFFIC_POLICIES = ["Cluster", "Local"] as const;
const OUR_ANNOTATIONS = "evenkeel.dev/";
const KUBERNETES_ANNOTATIONS = "service.kubernetes.io/";

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what is undefined, so that equal contents are equal objects. */
function compact<T extends object>(fields: T): Compact<T> {
  const kept: Record<string, unknown> = {};
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key];
  return kept as Compact<T>;
}

const servicePort = (field: Field): ServicePort =>
  compact({
    name: text(at(record(field), "name")) ?? "",
    port: requiredPort(at(field, "port")),
    protocol: word(at(field, "protocol"), PROTOCOLS) ?? "TCP",
    targetPort: portOrName(at(field, "targetPort")),
    appProtocol: text(at(field, "appProtocol")),
  });

/** The API server would refuse a Service with two ports of one name, or of one number and protocol. */
function complainOfTwins(fields: readonly Field[], ports: readonly ServicePort[]): void {
  const seen = new Set<string>();
  for (const [i, { name, port, protocol }] of ports.entries()) {
    const field = fields[i];
    if (field === undefined || port === 0) continue; // it was complained of already
    if (seen.has(`name ${name}`)) complain(at(field, "name"), "unique in the Service");
    if (seen.has(`${protocol} ${port}`)) complain(at(field, "port"), `unique for ${protocol}`);
    seen.add(`name ${name}`).add(`${protocol} ${port}`);
  }
}

function service(object: Field, ignored: Set<string>): Service {
  const spec = record(at(object, "spec"));
  if (spec.value === undefined) complain(spec, "an object");
  const portFields = items(at(spec, "ports"));
  const ports = portFields.map(servicePort);
  complainOfTwins(portFields, ports);
  return compact({
    kind: "Service" as const,
    namespace: namespace(object),
    name: name(object, "Service"),
    uid: uid(object),
    annotations: annotations(object, [OUR_ANNOTATIONS, KUBERNETES_ANNOTATIONS], ignored),
    type: word(at(spec, "type"), TYPES) ?? "ClusterIP",
    ports,
    ipFamilies: items(at(spec, "ipFamilies")).flatMap((family) => word(family, FAMILIES) ?? []),
    internalTrafficPolicy: word(at(spec, "internalTrafficPolicy"), TRAFFIC_POLICIES) ?? "Cluster",
    trafficDistribution: text(at(spec, "trafficDistribution")),
  });
}

const slicePort = (field: Field): SlicePort =>
  compact({
    name: text(at(record(field), "name")) ?? "",
    port: port(at(field, "port")),
    protocol: word(at(field, "protocol"), PROTOCOLS) ?? "TCP",
  });

const hints = (field: Field): readonly string[] | undefined => {
  const found = items(field).flatMap((hint) => text(at(record(hint), "name")) ?? []);
  return found.length === 0 ? undefined : found;
};

/** Whether its address is one is judged later (`snapshots/derive/endpoints.ts`): a bad one costs its endpoint, not the slice. */
function sliceEndpoint(field: Field): SliceEndpoint {
  const conditions = record(at(record(field), "conditions"));
  const hinted = record(at(field, "hints"));
  const first = items(at(field, "addresses"))[0] ?? at(field, "addresses");
  return compact({
    address: required(first, "an address", (address) => address !== ""),
    ready: flag(at(conditions, "ready")),
    serving: flag(at(conditions, "serving")),
    terminating: flag(at(conditions, "terminating")),
    nodeName: text(at(field, "nodeName")),
    zone: text(at(field, "zone")),
    hintedZones: hints(at(hinted, "forZones")),
    hintedNodes: hints(at(hinted, "forNodes")),
  });
}

function endpointSlice(object: Field): EndpointSlice {
  const type = at(object, "addressType");
  const addressType = word(type, ADDRESS_TYPES);
  if (addressType === undefined) complain(type, `one of ${ADDRESS_TYPES.join(", ")}`);
  return compact({
    kind: "EndpointSlice" as const,
    namespace: namespace(object),
    name: name(object, "EndpointSlice"),
    service: label(object, "kubernetes.io/service-name"),
    changedAt: moment(object, "endpoints.kubernetes.io/last-change-trigger-time"),
    addressType: addressType ?? "FQDN",
    ports: items(at(object, "ports")).map(slicePort),
    endpoints: items(at(object, "endpoints")).map(sliceEndpoint),
  });
}

const isCidr = (cidr: string): boolean => {
  const [address = "", bits = "", ...rest] = cidr.split("/");
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return isIPv4(address) ? Number(bits) <= 32 : isIPv6(address) && Number(bits) <= 128;
};

function podCidrs(spec: Field): readonly string[] {
  const all = items(at(spec, "podCIDRs"));
  const one = at(spec, "podCIDR");
  const given = all.length === 0 && text(one) !== undefined ? [one] : all;
  return given.map((field) => required(field, "an address range such as 10.0.1.0/24", isCidr));
}

const node = (object: Field): Node =>
  compact({
    kind: "Node" as const,
    name: name(object, "Node"),
    region: label(object, "topology.kubernetes.io/region"),
    zone: label(object, "topology.kubernetes.io/zone"),
    podCidrs: podCidrs(record(at(object, "spec"))),
  });

const namespaceObject = (object: Field, ignored: Set<string>): Namespace => ({
  kind: "Namespace",
  name: name(object, "Namespace"),
  annotations: annotations(object, [OUR_ANNOTATIONS], ignored),
});

function read(kind: ObjectKind, object: Field, ignored: Set<string>): KubernetesObject {
  switch (kind) {
    case "Service":
      return service(object, ignored);
    case "EndpointSlice":
      return endpointSlice(object);
    case "Node":
      return node(object);
    case "Namespace":
      return namespaceObject(object, ignored);
  }
}

/**
 * Reads one object. Any bad field that matters costs the object, with all such fields named; a bad annotation is only left
 * out. Never throws.
 */
export function project(kind: ObjectKind, raw: unknown): Projection {
  const [complaints, ignored] = [new Set<string>(), new Set<string>()];
  const object = read(kind, record(whole(raw, complaints)), ignored);
  const named = object.name !== "" && !("namespace" in object && object.namespace === "");
  const about = named ? objectId(object) : `${kind} without a good name`;
  const problems = [
    ...[...complaints].map((message) => ({ object: about, code: "bad-object", message })),
    ...[...ignored].map((message) => ({ object: about, code: "bad-annotation", message })),
  ];
  return compact({
    id: named ? about : undefined,
    object: complaints.size === 0 ? object : undefined,
    problems,
  });
}
