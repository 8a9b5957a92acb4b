/** The listener of an Envoy that docs/connect/envoy.md shows, for any Service. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";

interface Manager {
  readonly rds: { readonly route_config_name: string };
}

interface Listeners {
  readonly static_resources: {
    readonly listeners: readonly [
      { readonly filter_chains: readonly [{ readonly filters: readonly [{ readonly typed_config: Manager }] }] },
    ];
  };
}

const {
  static_resources: {
    listeners: [shown],
  },
} = parse(readFileSync(new URL("listeners.yaml", import.meta.url), "utf8")) as Listeners;
const [
  {
    filters: [filter],
  },
] = shown.filter_chains;
const { rds, ...manager } = filter.typed_config;

/** On a port of 127.0.0.1 that it chooses. @param own routes, in place of those from the server under that name */
export function listenerNamed(name: string, routes: { readonly own: object } | { readonly from: string }) {
  const routing = "own" in routes ? { route_config: routes.own } : { rds: { ...rds, route_config_name: routes.from } };
  return {
    ...shown,
    name,
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    filter_chains: [{ filters: [{ ...filter, typed_config: { ...manager, stat_prefix: name, ...routing } }] }],
  };
}
