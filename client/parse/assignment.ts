import { isIP } from "node:net";
import type { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import type { LbEndpoint, LocalityLbEndpoints } from "../../gen/envoy/config/endpoint/v3/endpoint_components.ts";
import { FractionalPercent_DenominatorType } from "../../gen/envoy/type/v3/percent.ts";
import { bad, ok, type Parsed } from "../parsed.ts";

export interface PodAddress {
  readonly host: string;
  readonly port: number;
  /** `host:port`, the identity of a pod. */
  readonly key: string;
}

export interface Locality {
  /** region/zone/sub-zone, the later parts left out where they are empty. */
  readonly name: string;
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
  /** Its part of the requests of its priority; at least 1. */
  readonly weight: number;
  readonly pods: readonly PodAddress[];
}

/** Requests of a category to refuse, before a pod is picked (gRFC A28). */
interface Drop {
  readonly category: string;
  /** From 0 to 1. */
  readonly part: number;
}

export interface Assignment {
  /** Localities of each priority; 0 is the highest. */
  readonly priorities: readonly (readonly Locality[])[];
  readonly drops: readonly Drop[];
}

const MAX_WEIGHTS = 4_294_967_295;
/** UNKNOWN and HEALTHY, as in every gRPC client. */
const USABLE: ReadonlySet<number> = new Set([0, 1]);

const DENOMINATORS: Readonly<Record<number, number>> = {
  [FractionalPercent_DenominatorType.HUNDRED]: 100,
  [FractionalPercent_DenominatorType.TEN_THOUSAND]: 10_000,
  [FractionalPercent_DenominatorType.MILLION]: 1_000_000,
};

function podOf({ hostIdentifier }: LbEndpoint): Parsed<PodAddress> {
  const host = hostIdentifier?.$case === "endpoint" ? hostIdentifier.value.address?.address : undefined;
  if (host?.$case !== "socketAddress") return bad("an endpoint has no socket address");
  const { address, portSpecifier } = host.value;
  const port = portSpecifier?.$case === "portValue" ? portSpecifier.value : 0;
  if (isIP(address) === 0) return bad(`"${address}" is not an IP address`);
  if (port < 1 || port > 65_535) return bad(`${address} has port ${port}, which is not from 1 to 65535`);
  return ok({ host: address, port, key: isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}` });
}

const localityName = (region: string, zone: string, subZone: string): string =>
  [region, zone, subZone].join("/").replace(/\/+$/, "");

interface Collected {
  readonly priorities: Map<number, Locality[]>;
  readonly keys: Set<string>;
  readonly problems: string[];
}

function collectPods({ lbEndpoints }: LocalityLbEndpoints, { keys, problems }: Collected): PodAddress[] {
  const pods: PodAddress[] = [];
  for (const endpoint of lbEndpoints) {
    const pod = podOf(endpoint);
    if (pod.kind === "bad") problems.push(...pod.problems);
    else if (keys.has(pod.value.key)) problems.push(`${pod.value.key} is listed twice`);
    else {
      keys.add(pod.value.key);
      if (USABLE.has(endpoint.healthStatus)) pods.push(pod.value);
    }
  }
  return pods;
}

/** A locality without weight takes no part (gRFC A27). */
function collect(group: LocalityLbEndpoints, collected: Collected): void {
  if (!group.loadBalancingWeight) return;
  const { region = "", zone = "", subZone = "" } = group.locality ?? {};
  const name = localityName(region, zone, subZone);
  const pods = collectPods(group, collected);
  const same = collected.priorities.get(group.priority) ?? [];
  if (same.some((other) => other.name === name))
    collected.problems.push(`locality "${name}" is listed twice in priority ${group.priority}`);
  same.push({ name, region, zone, subZone, weight: group.loadBalancingWeight, pods });
  collected.priorities.set(group.priority, same);
}

function ordered({ priorities, problems }: Collected): readonly (readonly Locality[])[] {
  return Array.from({ length: priorities.size }, (_, priority) => {
    const localities = priorities.get(priority);
    if (localities === undefined) problems.push(`priority ${priority} is missing, though a later one is used`);
    const sum = (localities ?? []).reduce((total, { weight }) => total + weight, 0);
    if (sum > MAX_WEIGHTS) problems.push(`the weights of priority ${priority} add up to more than ${MAX_WEIGHTS}`);
    return localities ?? [];
  });
}

function dropsOf({ policy }: ClusterLoadAssignment): readonly Drop[] {
  return (policy?.dropOverloads ?? []).map(({ category, dropPercentage }) => ({
    category,
    part: Math.min(1, (dropPercentage?.numerator ?? 0) / (DENOMINATORS[dropPercentage?.denominator ?? 0] ?? 100)),
  }));
}

/** Who serves a cluster, or everything that makes the message unusable (gRFC A27). */
export function parseAssignment(message: ClusterLoadAssignment): Parsed<Assignment> {
  const collected: Collected = { priorities: new Map(), keys: new Set(), problems: [] };
  for (const group of message.endpoints) collect(group, collected);
  const priorities = ordered(collected);
  if (collected.problems.length > 0) return bad(...collected.problems);
  return ok({ priorities, drops: dropsOf(message) });
}
