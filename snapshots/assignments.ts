import { type ZoneClass, zoneKey } from "./balance/zone.ts";
import type { Workload } from "./derive/model.ts";
import { flattened } from "./plan/flat.ts";
import { ramped } from "./plan/warming.ts";
import { zoneClassFor } from "./plan/zone-class.ts";
import { type Plan, planFor } from "./plan.ts";
import { assignment } from "./resources/assignment.ts";
import type { AssignmentForm } from "./resources/client-kind.ts";
import type { Resource } from "./resources/resource.ts";
import { digest } from "./resources/version.ts";

/** A workload as it is asked for: with the cluster that leads to it. */
export interface Assignable {
  readonly workload: Workload;
  readonly cluster: { readonly envoy: Resource };
}

/** Zone classes with equal keys are given the same assignment. */
const classKey = (zoneClass: ZoneClass): string =>
  `${zoneClass.kind === "known" ? zoneKey(zoneClass.zone) : "unknown"}\0${zoneClass.node ?? ""}`;

/** Envoy waits for an assignment after each change of its cluster, so the assignment's version changes with it (B5). */
const afterCluster = (resource: Resource, cluster: Resource): Resource => ({
  ...resource,
  version: digest(`${cluster.version}\0${resource.version}`),
});

/** Who serves clients of that zone class, as it is put into assignments of that form. Envoy warms endpoints up itself. */
export function planIn(form: AssignmentForm, workload: Workload, zoneClass: ZoneClass): Plan {
  const plan = planFor(workload, zoneClass);
  switch (form) {
    case "envoy":
      return plan;
    case "grpc":
      return ramped(plan, workload);
    case "flat":
      return flattened(ramped(plan, workload), classKey(zoneClass));
  }
}

function encode({ workload, cluster }: Assignable, zoneClass: ZoneClass, form: AssignmentForm): Resource | undefined {
  const made = assignment(workload.spec.cluster, planIn(form, workload, zoneClass), form);
  if (made.kind === "refused") return undefined;
  return form === "envoy" ? afterCluster(made.resource, cluster.envoy) : made.resource;
}

const remembered = new WeakMap<Workload, Map<string, Resource | undefined>>();

/**
 * The assignment of a workload for one zone class and form: made when it is first asked for, then shared by every stream
 * that asks. Undefined if its checks refuse it; it is then left out, which takes from no client what it has (S17).
 */
export function assignmentFor(asked: Assignable, zoneClass: ZoneClass, form: AssignmentForm): Resource | undefined {
  const normal = zoneClassFor(asked.workload, zoneClass);
  const key = `${form}\0${classKey(normal)}`;
  const byKey = remembered.get(asked.workload) ?? new Map<string, Resource | undefined>();
  remembered.set(asked.workload, byKey);
  if (!byKey.has(key)) byKey.set(key, encode(asked, normal, form));
  return byKey.get(key);
}
