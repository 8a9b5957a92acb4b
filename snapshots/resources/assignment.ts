import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import type { Violation } from "../../gen/validate/runtime.ts";
import { isSameZone, zoneKey } from "../balance/zone.ts";
import { endpointKey } from "../derive/endpoints.ts";
import type { Endpoint } from "../derive/model.ts";
import type { PlannedLocality } from "../plan/locality.ts";
import type { Plan } from "../plan.ts";
import type { AssignmentForm } from "./client-kind.ts";
import { encodedEndpoints, follows } from "./endpoint.ts";
import { addressRules, frameRules } from "./grpc-rules.ts";
import { assignmentType } from "./messages.ts";
import { type Checked, type Resource, resourceOf } from "./resource.ts";
import { spliced } from "./splice.ts";

/** A locality as it will be written, and why. */
export interface Placed extends PlannedLocality {
  readonly priority: number;
}

const isHealthy = ({ health }: Endpoint): boolean => health === "healthy";

/** gRPC is not sent draining endpoints; Envoy is told that they drain (H9). */
const sentTo = (form: AssignmentForm, endpoints: readonly Endpoint[]): readonly Endpoint[] =>
  form === "envoy" || endpoints.every(isHealthy) ? endpoints : endpoints.filter(isHealthy);

/** What of a plan one form is sent: no locality without endpoints, and priorities counted over what is left (G5). */
export function placed(plan: Plan, form: AssignmentForm): readonly Placed[] {
  const tiers = plan.tiers.map((tier) =>
    tier
      .map((locality) => ({ ...locality, endpoints: sentTo(form, locality.endpoints) }))
      .filter(({ endpoints }) => endpoints.length > 0),
  );
  return tiers
    .filter((tier) => tier.length > 0)
    .flatMap((tier, priority) => tier.map((locality) => ({ ...locality, priority })));
}

/** Far above any need: Envoy then uses the next priority only when one is wholly down, as gRPC does. */
const OVERPROVISIONING_FACTOR = 10_000;

/** An assignment without its endpoints. */
export const frame = (cluster: string, localities: readonly Placed[], form: AssignmentForm): ClusterLoadAssignment =>
  ClusterLoadAssignment.fromPartial({
    clusterName: cluster,
    endpoints: localities.map(({ zone, subZone = "", weight, priority }) => ({
      locality: { ...zone, subZone },
      loadBalancingWeight: weight,
      priority,
    })),
    policy: form === "envoy" ? { overprovisioningFactor: OVERPROVISIONING_FACTOR } : undefined,
  });

/**
 * Whether a locality holds endpoints of its own zone only, each after the one before it. If all do, no endpoint stands
 * twice in a zone that is not in parts; and as the addresses of a workload are unique, those of its assignments are too,
 * in a stable order (G7, G9).
 */
const isOrderly = ({ zone, endpoints }: Placed): boolean =>
  endpoints.every((endpoint, i) => {
    const before = endpoints[i - 1];
    return isSameZone(endpoint.zone, zone) && (before === undefined || follows(endpoint, before));
  });

/** In a zone that is in parts, no endpoint may be of two. */
function partRules(localities: readonly Placed[]): readonly Violation[] {
  const zones = localities.some(({ subZone }) => subZone !== undefined)
    ? Map.groupBy(localities, ({ zone }) => zoneKey(zone)).values()
    : [];
  return [...zones].flatMap((parts) => {
    const endpoints = parts.flatMap((part) => part.endpoints);
    return addressRules(endpoints.map(endpointKey));
  });
}

const orderRules = (localities: readonly Placed[]): readonly Violation[] =>
  localities
    .filter((locality) => !isOrderly(locality))
    .map(({ zone }) => ({
      path: "endpoints",
      rule: "G9",
      message: `must be ordered and of its zone, in ${zone.zone}`,
    }));

/** Who serves a cluster, by the plan of a workload that passed its checks, in one form; or why that may not be sent. */
export function assignment(cluster: string, plan: Plan, form: AssignmentForm): Checked {
  const localities = placed(plan, form);
  const message = frame(cluster, localities, form);
  const rules = [...frameRules(message), ...orderRules(localities), ...partRules(localities)];
  const violations = [...assignmentType.violations(message), ...rules];
  if (violations.length > 0) return { kind: "refused", violations };
  const bytes = spliced(
    message,
    localities.map(({ endpoints }) => encodedEndpoints(endpoints)),
  );
  return { kind: "passed", resource: resourceOf(assignmentType.typeUrl, cluster, bytes) };
}

/** Of a cluster that is gone for good: clients that keep asking learn that nobody serves it (B18). */
export const emptyAssignment = (cluster: string): Resource =>
  resourceOf(assignmentType.typeUrl, cluster, assignmentType.encode(frame(cluster, [], "grpc")));
