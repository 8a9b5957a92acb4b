/** Our own picture of what is out there, between Kubernetes objects and xDS resources. */
import type { Rule } from "../balance/balance.ts";
import type { Flow } from "../balance/flow.ts";
import type { HeldDemand } from "../balance/steady.ts";
import type { Zone } from "../balance/zone.ts";
import type { Problem } from "../problem.ts";
import { emptyTable, type Table } from "../table.ts";

/** One address and port that can serve. */
export interface Endpoint {
  /** An IP literal, in the form it is sent. */
  readonly address: string;
  readonly port: number;
  readonly zone: Zone;
  readonly node?: string;
  /** `draining`: serving and terminating; Envoy is told, gRPC is not sent it (H9). */
  readonly health: "healthy" | "draining";
  /** The zones, and the nodes, whose clients Kubernetes would have it serve: what `topology-mode` goes by. */
  readonly hintedZones?: readonly string[];
  readonly hintedNodes?: readonly string[];
}

/** How zones share the load, as somebody may ask for by name; for the others Kubernetes has fields of its own. */
export type NamedMode = "weighted" | "spread" | "prefer" | "prefer-node" | "filter";

/** One zone's part of the clients, as a Service says it. */
export interface SaidDemand {
  /** Only where it was written. */
  readonly region?: string;
  readonly zone: string;
  /** On any scale. */
  readonly part: number;
}

/** Where the demand for a Service is told from. */
export type DemandSource =
  | { readonly kind: "clients" }
  | { readonly kind: "static"; readonly zones: readonly SaidDemand[] };

/** How the zones of a Service share its load. */
export interface ZonePolicy {
  readonly mode: NamedMode | "hints" | "local";
  /** What decided the mode, in words for the admin API: `default`, `annotation evenkeel.dev/zone-mode`, … */
  readonly modeFrom: string;
  /** What mode `weighted` goes by. */
  readonly rule: Rule;
  readonly demandSource: DemandSource;
}

/** Which failures of a request are another try's business. */
export interface Retry {
  /** Names of gRPC codes: `unavailable`, … In order, each once, at least one. */
  readonly on: readonly string[];
  /** In all, the first included. */
  readonly attempts: number;
  /** The wait before the second attempt, and the longest before any. `base` is no longer than `max`. */
  readonly backoffMs: { readonly base: number; readonly max: number };
}

/** When a client leaves an endpoint alone for a while, because too many of its own requests to it failed. */
export interface OutlierDetection {
  /** Of the requests in one interval, to be ejected. */
  readonly failurePercent: number;
  /** In one interval, below which an endpoint is not judged. */
  readonly minRequests: number;
  /** With as many requests, below which none is judged. */
  readonly minEndpoints: number;
  readonly intervalMs: number;
  /** The first time; longer each further time. */
  readonly ejectionMs: number;
  readonly maxEjectedPercent: number;
}

/** How endpoints are used by whoever was given them. What is absent was not asked for. */
export interface TrafficPolicy {
  readonly picker: "two-choices" | "round-robin" | "ring-hash";
  /** The request header that `ring-hash` hashes: set with it and no other. */
  readonly hashHeader?: string;
  /** The longest that one RPC may take, streaming ones included. */
  readonly timeoutMs?: number;
  readonly retry?: Retry;
  /** At once, from one client process to one cluster. */
  readonly maxRequests?: number;
  readonly outliers?: OutlierDetection;
  /** The time in which an endpoint that is new comes to its full share. */
  readonly warmUpMs?: number;
}

/** How a Service wants to be balanced: fields and annotations, checked, with defaults filled in. */
export type Policy = ZonePolicy & TrafficPolicy;

/** What does not depend on endpoints. Its identity is kept while nothing in it changes. */
export interface PortSpec {
  /** The canonical resource name: `greeter.default:8080`. */
  readonly cluster: string;
  readonly namespace: string;
  readonly service: string;
  /** `metadata.uid`, else namespace and name: what B20's difference is made of. */
  readonly identity: string;
  readonly port: number;
  readonly portName: string;
  readonly appProtocol?: string;
  readonly policy: Policy;
}

/** What is remembered of an endpoint, unless it is old and there. */
export interface Seen {
  /** Address and port: `endpointKey`. */
  readonly key: string;
  /** When it was first seen ready, in milliseconds of the pipeline's clock; -Infinity when that is long ago. */
  readonly since: number;
  /** Most of its zone was new, so it has its full share however young it is. */
  readonly isFull?: true;
  /** When it was no longer there, in the same milliseconds. */
  readonly leftAt?: number;
}

/** Endpoints, of any zone, that warm up together. */
export interface Cohort {
  /** Kept as long as it warms up; no other of the workload has it then. */
  readonly name: string;
  /** What each has of its full share: 1 to 9. */
  readonly tenths: number;
  /** Their keys. At least one. */
  readonly members: readonly string[];
}

export interface WarmUp {
  /** Each key once. */
  readonly seen: readonly Seen[];
  /** From the one that came first. */
  readonly cohorts: readonly Cohort[];
}

/** One Service port with its endpoints, policy and flow: all that its assignments depend on, so its identity is their key. */
export interface Workload {
  readonly spec: PortSpec;
  /** Unique by address and port; by zone, then address, then port. Draining ones included. */
  readonly endpoints: readonly Endpoint[];
  /** True when none is ready and the serving, terminating ones are used as healthy, without zone preference (H12). */
  readonly allTerminating: boolean;
  readonly demand: HeldDemand;
  /** In modes other than `weighted` its capacity alone. */
  readonly flow: Flow;
  /** Absent unless the Service asks for a warm-up and something is to be remembered for it. */
  readonly warmUp?: WarmUp;
  /** Set when the Service or port is gone: the last assignment is kept for the removal grace (B18). */
  readonly goneSince?: number;
}

/** A Service with those of its ports that are served, and how host names with or without a port lead to them. */
export interface ServiceEntry {
  readonly namespace: string;
  readonly name: string;
  /** By port number, each naming a workload; after them those that are gone but in their removal grace (B18). */
  readonly ports: readonly PortSpec[];
  /** The port that a name without port leads to, if one is unambiguous. */
  readonly defaultPort?: PortSpec;
  /** Why the Service, as it is now, is not served, in words for whoever asks for it; absent when it is. */
  readonly notServed?: string;
  readonly problems: readonly Problem[];
}

export interface Model {
  /** By canonical name. */
  readonly workloads: Table<Workload>;
  /** By `namespace/name`. */
  readonly services: Table<ServiceEntry>;
  /** Regions of each zone name and zone of each node, from the Nodes. */
  readonly topology: Topology;
  /** When to look again, by canonical name: at the end of a removal grace, when held demand may act, when a warm-up goes on. */
  readonly due: Table<number>;
  /** Never later than the earliest of `due`; Infinity when there is none. Spares a search of `due`. */
  readonly wakeAt: number;
}

export interface Topology {
  readonly zoneOfNode: Table<Zone>;
  /** By zone name: the regions that have such a zone, in order. */
  readonly regionsOfZone: Table<readonly string[]>;
}

export const emptyModel: Model = {
  workloads: emptyTable(),
  services: emptyTable(),
  topology: { zoneOfNode: emptyTable(), regionsOfZone: emptyTable() },
  due: emptyTable(),
  wakeAt: Number.POSITIVE_INFINITY,
};
