import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import {
  RetryPolicy,
  Route,
  RouteAction,
  type RouteAction_HashPolicy,
  type RouteAction_MaxStreamDuration,
  RouteMatch,
  VirtualHost,
} from "../../gen/envoy/config/route/v3/route_components.ts";
import type { PortSpec, Retry, TrafficPolicy } from "../derive/model.ts";
import { durationOf } from "./duration.ts";

const CONFIGURATION = RouteConfiguration.create();

/** Takes any authority, since a client's authority is whichever alias it dialled. */
const HOST = VirtualHost.fromPartial({ domains: ["*"] });

/** `caseSensitive` is spelled out because Java reads an absent one as false. */
const ROUTE = Route.fromPartial({
  match: RouteMatch.fromPartial({ pathSpecifier: { $case: "prefix", value: "" }, caseSensitive: true }),
});

/** The timeout is switched off because Envoy otherwise ends every stream after 15 s; gRPC clients do not read it. */
const ACTION = RouteAction.fromPartial({ timeout: { seconds: 0, nanos: 0 } });

const routeTo = (cluster: string, action: RouteAction): Route => ({
  ...ROUTE,
  action: { $case: "route", value: { ...action, clusterSpecifier: { $case: "cluster", value: cluster } } },
});

const RETRY = RetryPolicy.create();

/** What Envoy calls an unavailable endpoint when it is not the endpoint that says so; gRPC does not read these. */
const UNREACHABLE = ["connect-failure", "refused-stream"];

/** Without blanks: C-core would take them for part of a code. */
const retryOn = ({ on }: Retry): string => [...on, ...(on.includes("unavailable") ? UNREACHABLE : [])].join(",");

const retryPolicy = (retry: Retry): RetryPolicy => ({
  ...RETRY,
  retryOn: retryOn(retry),
  numRetries: retry.attempts - 1,
  retryBackOff: { baseInterval: durationOf(retry.backoffMs.base), maxInterval: durationOf(retry.backoffMs.max) },
});

const hashOf = (headerName: string): RouteAction_HashPolicy => ({
  policySpecifier: { $case: "header", value: { headerName, regexRewrite: undefined } },
  terminal: false,
});

/** Every RPC is a stream to gRPC, and when this is up both it and Envoy say that the deadline was exceeded. */
const longest = (timeoutMs: number): RouteAction_MaxStreamDuration => ({
  maxStreamDuration: durationOf(timeoutMs),
  grpcTimeoutHeaderMax: undefined,
  grpcTimeoutHeaderOffset: undefined,
});

const actionFor = ({ timeoutMs, retry, hashHeader }: TrafficPolicy): RouteAction => ({
  ...ACTION,
  ...(timeoutMs !== undefined && { maxStreamDuration: longest(timeoutMs) }),
  ...(retry !== undefined && { retryPolicy: retryPolicy(retry) }),
  ...(hashHeader !== undefined && { hashPolicy: [hashOf(hashHeader)] }),
});

/** Every request to the cluster of the same name. */
export const route = ({ cluster, policy }: PortSpec): RouteConfiguration => ({
  ...CONFIGURATION,
  name: cluster,
  virtualHosts: [{ ...HOST, name: cluster, routes: [routeTo(cluster, actionFor(policy))] }],
});
