import { expect, test } from "vitest";
import { Listener } from "../../gen/envoy/config/listener/v3/listener.ts";
import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import {
  RetryPolicy,
  RouteAction,
  RouteAction_MaxStreamDuration,
} from "../../gen/envoy/config/route/v3/route_components.ts";
import { CONNECTION_MANAGER, LISTENER } from "../type-url.ts";
import { decodeResource } from "./resource.ts";
import { parseRoutes, type Route } from "./route.ts";

type Action = Partial<Pick<RouteAction, "maxStreamDuration" | "retryPolicy">>;

/** The one route of a configuration that has this action. */
function routeWith(action: Action): Route | undefined {
  const value = { ...RouteAction.fromPartial({ clusterSpecifier: { $case: "cluster", value: "one" } }), ...action };
  const match = { pathSpecifier: { $case: "prefix" as const, value: "" } };
  const virtualHosts = [{ name: "v", domains: ["*"], routes: [{ match, action: { $case: "route" as const, value } }] }];
  const routes = parseRoutes(RouteConfiguration.fromPartial({ name: "r", virtualHosts }));
  return routes.kind === "ok" ? routes.value[0]?.routes[0] : undefined;
}

const seconds = (count: number) => ({ seconds: count, nanos: 0 });
const limited = (limits: Partial<RouteAction_MaxStreamDuration>): RouteAction_MaxStreamDuration => ({
  ...RouteAction_MaxStreamDuration.fromPartial({}),
  ...limits,
});

test.each<readonly [string, RouteAction["maxStreamDuration"], number | undefined]>([
  ["a limit is milliseconds", limited({ maxStreamDuration: seconds(2) }), 2000],
  ["that of gRPC's own field wins", limited({ maxStreamDuration: seconds(2), grpcTimeoutHeaderMax: seconds(1) }), 1000],
  [
    "a zero is no limit, not even the listener's",
    limited({ grpcTimeoutHeaderMax: seconds(0) }),
    Number.POSITIVE_INFINITY,
  ],
  ["nothing leaves it to the listener", undefined, undefined],
])("%s", (_, maxStreamDuration, limit) => {
  const route = routeWith({ maxStreamDuration });
  expect(route).toMatchObject({ clusters: [{ name: "one" }] });
  expect(route?.maxStreamMs).toBe(limit);
});

test("retries are those that gRPC knows, at most five attempts, and wait a millisecond at least", () => {
  const retryBackOff = { baseInterval: { seconds: 0, nanos: 1000 } };
  const retryOn = "5xx, unavailable,resource-exhausted";
  const retryPolicy = RetryPolicy.fromPartial({ retryOn, numRetries: 9, retryBackOff });
  expect(routeWith({ retryPolicy })?.retries).toEqual({
    maxAttempts: 5,
    statuses: ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
    firstWaitMs: 1,
    longestWaitMs: 10,
  });
  expect(routeWith({ retryPolicy: RetryPolicy.fromPartial({ retryOn: "5xx" }) })?.retries).toBeUndefined();
});

test("a listener with a garbled part is refused under its name", () => {
  const apiListener = { apiListener: { typeUrl: CONNECTION_MANAGER, value: Buffer.from([0xff]) } };
  const bytes = Listener.encode(Listener.fromPartial({ name: "shop.default:80", apiListener })).finish();
  expect(decodeResource(LISTENER, bytes)).toMatchObject({ name: "shop.default:80", content: { kind: "bad" } });
});
