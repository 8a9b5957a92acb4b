import { Cluster_DiscoveryType, type Cluster as ClusterMessage } from "../../gen/envoy/config/cluster/v3/cluster.ts";
import { bad, ok, type Parsed } from "../parsed.ts";

export interface Cluster {
  /** The assignment to ask for. */
  readonly assignment: string;
  /** Requests in flight beyond which more are refused (gRFC A32). */
  readonly maxRequests: number;
}

const DEFAULT_MAX_REQUESTS = 1024;

/** A cluster whose endpoints come over ADS; other kinds are refused with what they are. */
export function parseCluster(message: ClusterMessage): Parsed<Cluster> {
  const { clusterDiscoveryType: type, edsClusterConfig: eds, name } = message;
  if (type?.$case !== "type" || type.value !== Cluster_DiscoveryType.EDS) {
    const kind = type?.$case === "clusterType" ? type.value.name : String(type?.value ?? "none");
    return bad(`cluster type ${kind} is not supported, only EDS`);
  }
  const source = eds?.edsConfig?.configSourceSpecifier?.$case;
  if (source !== "ads" && source !== "self") return bad("its endpoints do not come over ADS");
  const limits = (message.circuitBreakers?.thresholds ?? []).find(({ priority }) => priority === 0);
  return ok({ assignment: eds?.serviceName || name, maxRequests: limits?.maxRequests ?? DEFAULT_MAX_REQUESTS });
}
