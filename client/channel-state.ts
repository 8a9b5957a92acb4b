import type { Sight } from "./ads-client.ts";
import type { ClusterBalancer, Zone } from "./cluster-balancer.ts";
import type { ClusterView } from "./dependencies.ts";
import { rateOf } from "./pick/error-bias.ts";
import type { Pod, PodState } from "./pod.ts";
import { shortName } from "./type-url.ts";

export interface PodReport {
  readonly address: string;
  readonly state: PodState;
  readonly inFlight: number;
  readonly picks: number;
  readonly failures: number;
  /** Of late, from 0 to 1. */
  readonly errorRate: number;
  /** What it reports, if it does. */
  readonly load: number | undefined;
  /** How often it is drawn, from 0 to 1, and why less than others. */
  readonly weight: number;
  readonly disfavouredFor: "errors" | "slow start" | undefined;
  /** Why it could not be connected when that failed last. */
  readonly problem: string | undefined;
}

export interface LocalityReport {
  readonly name: string;
  readonly weight: number;
  /** Of the assignment, those that this client does not connect to included. */
  readonly assigned: number;
  readonly pods: readonly PodReport[];
}

export interface ClusterReport {
  readonly name: string;
  readonly assignmentVersion: string | undefined;
  /** Why there is no assignment, or why the newest was refused. */
  readonly problem: string | undefined;
  /** The priority in use. */
  readonly priority: number | undefined;
  readonly priorities: readonly (readonly LocalityReport[])[];
}

/** What one channel knows and does at a moment. */
export interface ChannelState {
  readonly target: string;
  readonly servers: readonly string[];
  readonly strategy: string;
  /** Names that the servers have not told of, "listener greeter.default:8080". */
  readonly missing: readonly string[];
  /** Why no server can be reached. */
  readonly trouble: string | undefined;
  /** Why nothing can be resolved. */
  readonly problem: string | undefined;
  readonly clusters: readonly ClusterReport[];
}

/** What a channel's resolver and balancer show of themselves. */
export interface ChannelRecord {
  readonly target: string;
  readonly servers: readonly string[];
  readonly strategy: string;
  sight: Sight | undefined;
  clusters: ReadonlyMap<string, ClusterView>;
  balancers: ReadonlyMap<string, ClusterBalancer>;
}

const podReport = (pod: Pod): PodReport => ({
  address: pod.address.key,
  state: pod.state,
  inFlight: pod.inFlight,
  picks: pod.picks,
  failures: pod.failures,
  errorRate: rateOf(pod.errors),
  load: pod.load,
  weight: pod.weight,
  disfavouredFor: pod.disfavouredFor,
  problem: pod.problem,
});

const localityReport = ({ locality, pods }: Zone): LocalityReport => ({
  name: locality.name,
  weight: locality.weight,
  assigned: locality.pods.length,
  pods: pods.map(podReport),
});

function clusterReport(name: string, view: ClusterView, balancer: ClusterBalancer | undefined): ClusterReport {
  return {
    name,
    assignmentVersion: view.kind === "ready" ? view.version : undefined,
    problem: view.kind === "ready" ? view.refused : view.message,
    priority: balancer?.active,
    priorities: (balancer?.priorities ?? []).map(({ zones }) => zones.map(localityReport)),
  };
}

const records = new Set<ChannelRecord>();

/** Makes the record readable until the function that it gives is called. */
export function enrol(record: ChannelRecord): () => void {
  records.add(record);
  return () => {
    records.delete(record);
  };
}

const stateOf = (record: ChannelRecord): ChannelState => ({
  target: record.target,
  servers: record.servers,
  strategy: record.strategy,
  missing: (record.sight?.missing ?? []).map(({ typeUrl, name }) => `${shortName(typeUrl)} ${name}`),
  trouble: record.sight?.trouble,
  problem: record.sight?.resolution.kind === "failed" ? record.sight.resolution.message : undefined,
  clusters: [...record.clusters].map(([name, view]) => clusterReport(name, view, record.balancers.get(name))),
});

/** The states of all open channels of that target. */
export const statesOf = (target: string): readonly ChannelState[] =>
  [...records].filter((record) => record.target === target).map(stateOf);
