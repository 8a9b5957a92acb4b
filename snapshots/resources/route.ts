import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import { Route, RouteAction, RouteMatch, VirtualHost } from "../../gen/envoy/config/route/v3/route_components.ts";
import type { PortSpec } from "../derive/model.ts";

const CONFIGURATION = RouteConfiguration.create();

/** Takes any authority, since a client's authority is whichever alias it dialled. */
const HOST = VirtualHost.fromPartial({ domains: ["*"] });

/** `caseSensitive` is spelled out because Java reads an absent one as false. */
const ROUTE = Route.fromPartial({
  match: RouteMatch.fromPartial({ pathSpecifier: { $case: "prefix", value: "" }, caseSensitive: true }),
});

/** The timeout is switched off because Envoy otherwise ends every stream after 15 s; gRPC clients do not read it. */
const ACTION = RouteAction.fromPartial({ timeout: { seconds: 0, nanos: 0 } });

const routeTo = (cluster: string): Route => ({
  ...ROUTE,
  action: { $case: "route", value: { ...ACTION, clusterSpecifier: { $case: "cluster", value: cluster } } },
});

/** Every request to the cluster of the same name. */
export const route = ({ cluster }: PortSpec): RouteConfiguration => ({
  ...CONFIGURATION,
  name: cluster,
  virtualHosts: [{ ...HOST, name: cluster, routes: [routeTo(cluster)] }],
});
