/** What figures do not tell, in words for people. */
import type { ZoneKey } from "../balance/zone.ts";
import type { Workload } from "../derive/model.ts";
import type { Imagined } from "./what-if.ts";

const isSame = (a: ReadonlyMap<ZoneKey, number>, b: ReadonlyMap<ZoneKey, number>): boolean =>
  a.size === b.size && [...a].every(([zone, count]) => b.get(zone) === count);

/** Why the clients that were said change nothing, if so. */
function onClients({ spec, demand }: Workload, { clients }: Imagined): readonly string[] {
  const { mode, demandSource } = spec.policy;
  if (clients === undefined) return [];
  if (mode !== "weighted") return [`mode ${mode} does not go by how many clients there are`];
  if (demandSource.kind === "static")
    return ["evenkeel.dev/demand says where requests come from: clients do not count"];
  return isSame(demand.streams, clients)
    ? []
    : ["clients move no weight by three percentage points, which is not acted upon"];
}

const cohorts = (workload: Workload | undefined): number => workload?.warmUp?.cohorts.length ?? 0;

/** On a Service port as it was and as it would be. */
export function notesOn(
  before: Workload | undefined,
  after: Workload | undefined,
  imagined: Imagined,
): readonly string[] {
  if (after === undefined) return before === undefined ? [] : ["it is gone once its removal grace is over"];
  const { endpoints, allTerminating, spec } = after;
  return [
    ...(endpoints.length === 0 ? ["no endpoint can serve"] : []),
    ...(allTerminating ? ["none is ready: those that are terminating serve"] : []),
    ...(spec.policy.mode === "local"
      ? ["mode local goes by the node of each client, so zones do not tell who is served by whom"]
      : []),
    ...(cohorts(after) > cohorts(before)
      ? ["new endpoints warm up: up to ten pushes follow, and the load is that after them"]
      : []),
    ...onClients(after, imagined),
  ];
}
