import type { SnapshotAnswer } from "../../server/admin/api.ts";
import type { Assigned } from "./figures.ts";

/** The parts of a ClusterLoadAssignment's JSON that say where requests go. */
interface AssignmentJson {
  readonly endpoints?: readonly {
    readonly locality?: { readonly zone?: string };
    readonly loadBalancingWeight?: number;
    readonly priority?: number;
  }[];
}

function sharesOf({ endpoints = [] }: AssignmentJson): ReadonlyMap<string, number> {
  const first = endpoints.filter(({ priority = 0 }) => priority === 0);
  const whole = first.reduce((sum, { loadBalancingWeight = 0 }) => sum + loadBalancingWeight, 0);
  return new Map(
    first.map(({ locality, loadBalancingWeight = 0 }) => [locality?.zone ?? "", loadBalancingWeight / whole]),
  );
}

/** Asks the server what it tells the clients of each zone. */
export async function readAssigned(admin: string, cluster: string, zones: readonly string[]): Promise<Assigned> {
  const ask = async (zone: string) => {
    const query = new URLSearchParams({ type: "assignment", name: cluster, zone, kind: "grpc" });
    const response = await fetch(`${admin}/v1/snapshot?${query}`);
    const { resources } = (await response.json()) as SnapshotAnswer;
    const [assignment] = resources;
    if (assignment === undefined) throw new Error(`there is no assignment of ${cluster}`);
    return [zone, sharesOf(assignment.resource as AssignmentJson)] as const;
  };
  return new Map(await Promise.all(zones.map(ask)));
}
