import { TrafficDirection } from "../../gen/envoy/config/core/v3/base.ts";
import { Listener } from "../../gen/envoy/config/listener/v3/listener.ts";
import { Router } from "../../gen/envoy/extensions/filters/http/router/v3/router.ts";
import { HttpConnectionManager } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import type { PortSpec } from "../derive/model.ts";
import { ADS_SOURCE } from "./config-source.ts";
import { incarnation } from "./incarnation.ts";
import { connectionManagerType, listenerType, packed, routerType } from "./messages.ts";
import { type Resource, resourceOf } from "./resource.ts";

/**
 * Clients insist that the last filter is a router with its configuration spelled out, though it is empty. All but Armeria go by the
 * type of that; Armeria goes by this name.
 */
const HTTP_FILTERS = [
  {
    name: "envoy.filters.http.router",
    configType: { $case: "typedConfig" as const, value: packed(routerType, Router.create()) },
  },
];

const LISTENER = Listener.create();
const CLIENT_CONNECTIONS = HttpConnectionManager.fromPartial({ httpFilters: HTTP_FILTERS });

const clientConnections = ({ cluster, identity }: PortSpec): HttpConnectionManager => ({
  ...CLIENT_CONNECTIONS,
  statPrefix: `${cluster}-${incarnation(identity).toString(16)}`,
  routeSpecifier: { $case: "rds", value: { configSource: ADS_SOURCE, routeConfigName: cluster } },
});

/** What a client dials: leads to the route of the same name. */
export const clientListener = (spec: PortSpec): Listener => ({
  ...LISTENER,
  name: spec.cluster,
  apiListener: { apiListener: packed(connectionManagerType, clientConnections(spec)) },
});

/** The same listener under another name, as it was asked for; it still leads to the canonical route. */
export const renamed = (listener: Resource, name: string): Resource =>
  resourceOf(listener.typeUrl, name, listenerType.encode({ ...listenerType.decode(listener.bytes), name }));

const inboundConnections = packed(
  connectionManagerType,
  HttpConnectionManager.fromPartial({
    statPrefix: "inbound",
    routeSpecifier: {
      $case: "routeConfig",
      value: {
        name: "inbound",
        virtualHosts: [
          {
            name: "any",
            domains: ["*"],
            routes: [
              {
                match: { pathSpecifier: { $case: "prefix", value: "" }, caseSensitive: true },
                action: { $case: "nonForwardingAction", value: {} },
              },
            ],
          },
        ],
      },
    },
    httpFilters: HTTP_FILTERS,
  }),
);

/** What an xDS-enabled gRPC server asks for: serve everything at the address that it bound. */
export const serverListener = (name: string, address: string, port: number): Listener =>
  Listener.fromPartial({
    name,
    address: {
      address: {
        $case: "socketAddress",
        value: { address, portSpecifier: { $case: "portValue", value: port } },
      },
    },
    trafficDirection: TrafficDirection.INBOUND,
    defaultFilterChain: {
      name: "inbound",
      filters: [{ name: "http", configType: { $case: "typedConfig", value: inboundConnections } }],
    },
  });
