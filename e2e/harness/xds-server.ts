import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { Cluster } from "../../gen/envoy/config/cluster/v3/cluster.ts";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import { Listener } from "../../gen/envoy/config/listener/v3/listener.ts";
import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import { HttpConnectionManager } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import { AggregatedDiscoveryServiceService } from "../../gen/envoy/service/discovery/v3/ads.ts";
import { type DiscoveryRequest, DiscoveryResponse } from "../../gen/envoy/service/discovery/v3/discovery.ts";
import {
  LoadReportingServiceService,
  type LoadStatsRequest,
  LoadStatsResponse,
} from "../../gen/envoy/service/load_stats/v3/lrs.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, type TypeUrl } from "../../snapshots/type-url.ts";

const ADS = { configSourceSpecifier: { $case: "ads" as const, value: {} } };
const CONNECTION_MANAGER =
  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

type Resources = Readonly<Partial<Record<TypeUrl, Uint8Array>>>;

interface Place {
  readonly zone: string;
  readonly weight?: number;
  readonly priority?: number;
  /** HOST:PORT */
  readonly pods: readonly string[];
}

/** An assignment as a server might write it, sound or not. */
export const assignmentOf = (name: string, places: readonly Place[]): Uint8Array =>
  ClusterLoadAssignment.encode(
    ClusterLoadAssignment.fromPartial({
      clusterName: name,
      endpoints: places.map(({ zone, weight = 1, priority = 0, pods }) => ({
        locality: { region: "r", zone },
        loadBalancingWeight: weight,
        priority,
        lbEndpoints: pods.map((pod) => {
          const [address = "", port = ""] = pod.split(":");
          const value = { address, portSpecifier: { $case: "portValue" as const, value: Number(port) } };
          const endpoint = { address: { address: { $case: "socketAddress" as const, value } } };
          return { hostIdentifier: { $case: "endpoint" as const, value: endpoint } };
        }),
      })),
    }),
  ).finish();

/** Everything that leads from a listener to an assignment, all of the same name. */
export function resourcesOf(name: string, places: readonly Place[]): Resources {
  const manager = HttpConnectionManager.fromPartial({
    routeSpecifier: { $case: "rds", value: { configSource: ADS, routeConfigName: name } },
  });
  const value = HttpConnectionManager.encode(manager).finish();
  const listener = Listener.fromPartial({ name, apiListener: { apiListener: { typeUrl: CONNECTION_MANAGER, value } } });
  const action = { $case: "route" as const, value: { clusterSpecifier: { $case: "cluster" as const, value: name } } };
  const routes = [{ match: { pathSpecifier: { $case: "prefix" as const, value: "" } }, action }];
  const route = RouteConfiguration.fromPartial({ name, virtualHosts: [{ name, domains: ["*"], routes }] });
  const cluster = Cluster.fromPartial({
    name,
    clusterDiscoveryType: { $case: "type", value: 3 },
    edsClusterConfig: { edsConfig: ADS },
  });
  return {
    [LISTENER]: Listener.encode(listener).finish(),
    [ROUTE]: RouteConfiguration.encode(route).finish(),
    [CLUSTER]: Cluster.encode(cluster).finish(),
    [ASSIGNMENT]: assignmentOf(name, places),
  };
}

interface XdsServer extends AsyncDisposable {
  readonly address: string;
  /** Requests received so far. */
  readonly requests: readonly DiscoveryRequest[];
  readonly loads: readonly LoadStatsRequest[];
  /** Sends what is new in these to everybody, sound or not. */
  serve(resources: Resources): void;
}

interface XdsServerOptions {
  readonly credentials?: ServerCredentials;
  /** Answers every refusal with the same resource anew. */
  readonly insists?: boolean;
}

type Call = ServerDuplexStream<DiscoveryRequest, DiscoveryResponse>;

function loadService(loads: LoadStatsRequest[]) {
  return {
    streamLoadStats: (call: ServerDuplexStream<LoadStatsRequest, LoadStatsResponse>) => {
      const every = { seconds: 1, nanos: 0 };
      call.write(LoadStatsResponse.fromPartial({ sendAllClusters: true, loadReportingInterval: every }));
      call.on("data", (report: LoadStatsRequest) => loads.push(report));
      call.on("error", () => undefined);
      call.on("end", () => call.end());
    },
  };
}

/** A server without sense: it sends what it is told to, so that a client can be shown what a sound server never sends. */
export async function startXdsServer(first: Resources, options: XdsServerOptions = {}): Promise<XdsServer> {
  const server = new Server();
  const requests: DiscoveryRequest[] = [];
  const loads: LoadStatsRequest[] = [];
  const calls = new Map<Call, Set<string>>();
  let resources = first;
  let sent = 0;
  const send = (call: Call, typeUrl: string): void => {
    const value = resources[typeUrl as TypeUrl];
    if (value === undefined) return;
    sent += 1;
    const nonce = String(sent);
    call.write(DiscoveryResponse.fromPartial({ typeUrl, versionInfo: nonce, nonce, resources: [{ typeUrl, value }] }));
  };
  const onRequest = (call: Call, asked: Set<string>, request: DiscoveryRequest): void => {
    requests.push(request);
    const insists = request.errorDetail !== undefined && options.insists === true;
    if (!asked.has(request.typeUrl) || insists) send(call, request.typeUrl);
    asked.add(request.typeUrl);
  };
  server.addService(LoadReportingServiceService, loadService(loads));
  server.addService(AggregatedDiscoveryServiceService, {
    streamAggregatedResources: (call: Call) => {
      const asked = new Set<string>();
      calls.set(call, asked);
      call.on("data", (request: DiscoveryRequest) => onRequest(call, asked, request));
      call.on("error", () => undefined);
      call.on("end", () => call.end());
      call.on("close", () => calls.delete(call));
    },
    deltaAggregatedResources: () => undefined,
  });
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = options.credentials ?? ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return {
    address: `127.0.0.1:${port}`,
    requests,
    loads,
    serve: (next) => {
      const changed = Object.keys(next).filter((key) => next[key as TypeUrl] !== resources[key as TypeUrl]);
      resources = next;
      for (const [call, asked] of calls) for (const typeUrl of changed) if (asked.has(typeUrl)) send(call, typeUrl);
    },
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}
