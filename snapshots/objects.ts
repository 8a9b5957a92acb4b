/** The few fields that are read of Kubernetes objects. Whoever reads them from outside (server/sources) has checked them. */
import type { Table } from "./table.ts";

export type ObjectKind = "Service" | "EndpointSlice" | "Node" | "Namespace";

/** `namespace/name`, or `name` for what has no namespace. */
export type ObjectKey = string;

export const objectKey = (o: { readonly namespace?: string; readonly name: string }): ObjectKey =>
  o.namespace === undefined ? o.name : `${o.namespace}/${o.name}`;

export interface ServicePort {
  /** "" where there is none. */
  readonly name: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly targetPort?: number | string;
  readonly appProtocol?: string;
}

export interface Service {
  readonly kind: "Service";
  readonly namespace: string;
  readonly name: string;
  /** Absent in manifests. */
  readonly uid?: string;
  /** Only those under `evenkeel.dev/` and `service.kubernetes.io/`. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  readonly ports: readonly ServicePort[];
  /** Primary family first; empty when the object does not say. */
  readonly ipFamilies: readonly ("IPv4" | "IPv6")[];
  readonly internalTrafficPolicy: "Cluster" | "Local";
  readonly trafficDistribution?: string;
}

export interface SlicePort {
  readonly name: string;
  /** Absent: all ports. */
  readonly port?: number;
  readonly protocol: "TCP" | "UDP" | "SCTP";
}

export interface SliceEndpoint {
  /** `addresses[0]`, the only one that means anything, as written: `derive/endpoints.ts` leaves out what is no address. */
  readonly address: string;
  /** Conditions as written; absent ones are read by `derive/endpoints.ts` (H5). */
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hintedZones?: readonly string[];
  readonly hintedNodes?: readonly string[];
}

export interface EndpointSlice {
  readonly kind: "EndpointSlice";
  readonly namespace: string;
  readonly name: string;
  /** When its newest change began, in milliseconds since the epoch: annotation `endpoints.kubernetes.io/last-change-trigger-time`. */
  readonly changedAt?: number;
  /** Name of the owning Service: label `kubernetes.io/service-name`. Absent: belongs to none. */
  readonly service?: string;
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

export interface Node {
  readonly kind: "Node";
  readonly name: string;
  /** Labels `topology.kubernetes.io/region` and `/zone`. */
  readonly region?: string;
  readonly zone?: string;
  readonly podCidrs: readonly string[];
}

export interface Namespace {
  readonly kind: "Namespace";
  readonly name: string;
  /** Only those under `evenkeel.dev/`. */
  readonly annotations: Readonly<Record<string, string>>;
}

export type KubernetesObject = Service | EndpointSlice | Node | Namespace;

/** Everything known of the cluster at one moment, with the joins that derivation needs. Made by server/sources/store.ts. */
export interface Objects {
  readonly services: Table<Service>;
  /** Slices by key of their Service, each list ordered by slice name. */
  readonly slicesByService: Table<readonly EndpointSlice[]>;
  readonly nodes: Table<Node>;
  readonly namespaces: Table<Namespace>;
}
