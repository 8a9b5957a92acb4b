import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import type { PortSpec } from "../derive/model.ts";

/**
 * Every request to the cluster of the same name. The virtual host takes any authority, since a client's authority is
 * whichever alias it dialled. `caseSensitive` is spelled out because Java reads an absent one as false. The
 * timeout is switched off because Envoy otherwise ends every stream after 15 s; gRPC clients do not read it.
 */
export const route = ({ cluster }: PortSpec): RouteConfiguration =>
  RouteConfiguration.fromPartial({
    name: cluster,
    virtualHosts: [
      {
        name: cluster,
        domains: ["*"],
        routes: [
          {
            match: { pathSpecifier: { $case: "prefix", value: "" }, caseSensitive: true },
            action: {
              $case: "route",
              value: { clusterSpecifier: { $case: "cluster", value: cluster }, timeout: { seconds: 0, nanos: 0 } },
            },
          },
        ],
      },
    ],
  });
