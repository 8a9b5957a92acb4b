/** A pod that reads assignments: it opens a raw stream to one server, tells what it is given, and closes it. */

import { Cluster } from "../../../gen/envoy/config/cluster/v3/cluster.ts";
import { healthStatusToJSON } from "../../../gen/envoy/config/core/v3/health_check.ts";
import { ClusterLoadAssignment } from "../../../gen/envoy/config/endpoint/v3/endpoint.ts";
import { ASSIGNMENT, CLUSTER } from "../../../snapshots/type-url.ts";
import { addressOf, connectSotw } from "../../harness/ads-client.ts";
import { serveControl } from "./http.ts";
import { type AssignedEndpoint, type Assignments, CONTROL_PORT, type Question } from "./protocol.ts";

const endpointsIn = ({ endpoints }: ClusterLoadAssignment): readonly AssignedEndpoint[] =>
  endpoints.flatMap(({ lbEndpoints, locality, priority }) =>
    lbEndpoints.map((endpoint) => ({
      address: addressOf(endpoint),
      zone: locality?.zone ?? "",
      health: healthStatusToJSON(endpoint.healthStatus),
      priority,
    })),
  );

/** Clusters first: of those a server must list all that there are, so that absence is told and not guessed from silence. */
async function read({ server, names, zone, node }: Question): Promise<Assignments> {
  const metadata = node === undefined ? {} : { NODE_NAME: node };
  using stream = connectSotw(server, { id: "reader", ...zone, metadata });
  stream.ask(CLUSTER, { names });
  const clusters = await stream.next(10_000);
  stream.ack(clusters, names);
  const known = clusters.resources.map(({ value }) => Cluster.decode(value).name);
  const found: Record<string, readonly AssignedEndpoint[]> = {};
  if (known.length > 0) stream.ask(ASSIGNMENT, { names: known });
  while (known.some((name) => !(name in found))) {
    const response = await stream.next(10_000);
    const isAssignment = response.typeUrl === ASSIGNMENT;
    stream.ack(response, isAssignment ? known : names);
    for (const { value } of isAssignment ? response.resources : []) {
      const assignment = ClusterLoadAssignment.decode(value);
      found[assignment.clusterName] = endpointsIn(assignment);
    }
  }
  return found;
}

serveControl(CONTROL_PORT, {
  "GET /ready": () => ({ ready: true }),
  "POST /assignments": (body) => read(body as Question),
});
process.on("SIGTERM", () => process.exit(0));
