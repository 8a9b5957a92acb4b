import { Cluster } from "../../gen/envoy/config/cluster/v3/cluster.ts";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import { Listener } from "../../gen/envoy/config/listener/v3/listener.ts";
import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import type { Decoded } from "../exchange.ts";
import { bad } from "../parsed.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, type TypeUrl } from "../type-url.ts";
import { parseAssignment } from "./assignment.ts";
import { parseCluster } from "./cluster.ts";
import { parseListener } from "./listener.ts";
import { parseRoutes } from "./route.ts";

function decode(typeUrl: TypeUrl, bytes: Uint8Array): Decoded {
  switch (typeUrl) {
    case LISTENER: {
      const message = Listener.decode(bytes);
      return { name: message.name, content: parseListener(message) };
    }
    case ROUTE: {
      const message = RouteConfiguration.decode(bytes);
      return { name: message.name, content: parseRoutes(message) };
    }
    case CLUSTER: {
      const message = Cluster.decode(bytes);
      return { name: message.name, content: parseCluster(message) };
    }
    case ASSIGNMENT: {
      const message = ClusterLoadAssignment.decode(bytes);
      return { name: message.clusterName, content: parseAssignment(message) };
    }
  }
}

/** Takes the bytes of one resource apart; bytes that are no message are a problem, not an exception. */
export function decodeResource(typeUrl: TypeUrl, bytes: Uint8Array): Decoded {
  try {
    return decode(typeUrl, bytes);
  } catch (error) {
    return { name: "", content: bad(`cannot be decoded: ${error instanceof Error ? error.message : String(error)}`) };
  }
}
