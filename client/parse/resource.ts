import { Cluster } from "../../gen/envoy/config/cluster/v3/cluster.ts";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import { Listener } from "../../gen/envoy/config/listener/v3/listener.ts";
import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import type { Decoded } from "../exchange.ts";
import { bad, type Parsed } from "../parsed.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, type TypeUrl } from "../type-url.ts";
import { parseAssignment } from "./assignment.ts";
import { parseCluster } from "./cluster.ts";
import { parseListener } from "./listener.ts";
import { parseRoutes } from "./route.ts";

interface Named {
  readonly name: string;
  parse(): Parsed<unknown>;
}

function read(typeUrl: TypeUrl, bytes: Uint8Array): Named {
  switch (typeUrl) {
    case LISTENER: {
      const message = Listener.decode(bytes);
      return { name: message.name, parse: () => parseListener(message) };
    }
    case ROUTE: {
      const message = RouteConfiguration.decode(bytes);
      return { name: message.name, parse: () => parseRoutes(message) };
    }
    case CLUSTER: {
      const message = Cluster.decode(bytes);
      return { name: message.name, parse: () => parseCluster(message) };
    }
    case ASSIGNMENT: {
      const message = ClusterLoadAssignment.decode(bytes);
      return { name: message.clusterName, parse: () => parseAssignment(message) };
    }
  }
}

/** Takes the bytes of one resource apart; bytes that are no message are a problem, not an exception, and name it if they can. */
export function decodeResource(typeUrl: TypeUrl, bytes: Uint8Array): Decoded {
  let name = "";
  try {
    const named = read(typeUrl, bytes);
    name = named.name;
    return { name, content: named.parse() };
  } catch (error) {
    return { name, content: bad(`cannot be decoded: ${error instanceof Error ? error.message : String(error)}`) };
  }
}
