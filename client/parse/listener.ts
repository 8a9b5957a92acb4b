import type { Listener as ListenerMessage } from "../../gen/envoy/config/listener/v3/listener.ts";
import {
  HttpConnectionManager,
  type HttpFilter,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import { bad, ok, type Parsed } from "../parsed.ts";
import { CONNECTION_MANAGER } from "../type-url.ts";
import { durationMs } from "./duration.ts";
import { parseRoutes, type Routes } from "./route.ts";

export interface Listener {
  readonly routes:
    | { readonly kind: "named"; readonly name: string }
    | { readonly kind: "inline"; readonly routes: Routes };
  /** The limit of every request that its route does not set, in milliseconds; undefined is none. */
  readonly maxStreamMs: number | undefined;
}

const ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";

const filterType = ({ configType }: HttpFilter): string =>
  configType?.$case === "typedConfig" ? configType.value.typeUrl : "";

/** A filter that this client lacks is an error unless the server marks it as optional (gRFC A39). */
const filterProblems = (filters: readonly HttpFilter[]): readonly string[] =>
  filters
    .filter((filter) => !filter.isOptional && filterType(filter) !== ROUTER)
    .map((filter) => `HTTP filter "${filter.name}" (${filterType(filter) || "no type"}) is not supported`);

function routesOf({ routeSpecifier }: HttpConnectionManager): Parsed<Listener["routes"]> {
  if (routeSpecifier?.$case === "rds") {
    const { routeConfigName, configSource } = routeSpecifier.value;
    const source = configSource?.configSourceSpecifier?.$case;
    if (source !== "ads" && source !== "self") return bad("its routes do not come over ADS");
    return routeConfigName === ""
      ? bad("the name of its routes is empty")
      : ok({ kind: "named", name: routeConfigName });
  }
  if (routeSpecifier?.$case !== "routeConfig") return bad("it has neither named nor inline routes");
  const routes = parseRoutes(routeSpecifier.value);
  return routes.kind === "bad" ? routes : ok({ kind: "inline", routes: routes.value });
}

/** The API listener of a client: where its routes are. */
export function parseListener(message: ListenerMessage): Parsed<Listener> {
  const any = message.apiListener?.apiListener;
  if (any === undefined) return bad("it has no api_listener");
  if (any.typeUrl !== CONNECTION_MANAGER) return bad(`its api_listener is ${any.typeUrl}, not ${CONNECTION_MANAGER}`);
  const manager = HttpConnectionManager.decode(any.value);
  const problems = filterProblems(manager.httpFilters);
  if (problems.length > 0) return bad(...problems);
  const routes = routesOf(manager);
  if (routes.kind === "bad") return routes;
  const maxStreamMs = durationMs(manager.commonHttpProtocolOptions?.maxStreamDuration);
  return ok({ routes: routes.value, maxStreamMs });
}
