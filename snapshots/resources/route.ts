import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import {
  RetryPolicy,
  type RetryPolicy_RetryHostPredicate,
  Route,
  RouteAction,
  type RouteAction_HashPolicy,
  type RouteAction_MaxStreamDuration,
  RouteMatch,
  VirtualHost,
} from "../../gen/envoy/config/route/v3/route_components.ts";
import { PreviousHostsPredicate } from "../../gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.ts";
import type { PortSpec, Retry, TrafficPolicy } from "../derive/model.ts";
import type { RouteForm } from "./client-kind.ts";
import { durationOf } from "./duration.ts";
import { packed, previousHostsType } from "./messages.ts";

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

/** What Envoy calls an endpoint that no request has reached. */
const UNREACHABLE = ["connect-failure", "refused-stream"];

const retryPolicy = (retry: Retry): RetryPolicy => ({
  ...RETRY,
  retryOn: retry.on.join(","), // without blanks: C-core would take them for part of a code
  numRetries: retry.attempts - 1,
  retryBackOff: { baseInterval: durationOf(retry.backoffMs.base), maxInterval: durationOf(retry.backoffMs.max) },
});

/** Not the endpoint again that has just not been reached. */
const OTHER_ENDPOINT: RetryPolicy_RetryHostPredicate = {
  name: "envoy.retry_host_predicates.previous_hosts",
  configType: {
    $case: "typedConfig",
    value: packed(previousHostsType, PreviousHostsPredicate.create()),
  },
};

/**
 * What gRPC does of its own accord and Envoy when it is told: a request that no endpoint has seen is sent to another one. The
 * attempts that a Service asks for hold for this as well.
 */
const envoyRetryPolicy = (retry: Retry | undefined): RetryPolicy => ({
  ...(retry === undefined ? { ...RETRY, numRetries: 3 } : retryPolicy(retry)),
  retryOn: [...(retry?.on ?? []), ...UNREACHABLE].join(","),
  retryHostPredicate: [OTHER_ENDPOINT],
  hostSelectionRetryMaxAttempts: 5,
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

/** C-core counts from one to two seconds before the request, which would cut a short one at once (grpc/grpc#34547). */
const CORE_EARLY_MS = 2000;

const retries = ({ retry }: TrafficPolicy): Partial<RouteAction> =>
  retry === undefined ? {} : { retryPolicy: retryPolicy(retry) };

function grpcAction(policy: TrafficPolicy, extraMs = 0): RouteAction {
  const { timeoutMs, hashHeader } = policy;
  return {
    ...ACTION,
    ...(timeoutMs !== undefined && { maxStreamDuration: longest(timeoutMs + extraMs) }),
    ...retries(policy),
    ...(hashHeader !== undefined && { hashPolicy: [hashOf(hashHeader)] }),
  };
}

const envoyAction = (policy: TrafficPolicy): RouteAction => ({
  ...grpcAction(policy),
  retryPolicy: envoyRetryPolicy(policy.retry),
});

/** Its validator knows neither a longest stream nor hashes. Told to try again, it tries the same endpoint, so it is told no more than asked. */
const armeriaAction = (policy: TrafficPolicy): RouteAction => ({
  ...ACTION,
  ...(policy.timeoutMs !== undefined && { timeout: durationOf(policy.timeoutMs) }),
  ...retries(policy),
});

const ACTIONS: Readonly<Record<RouteForm, (policy: TrafficPolicy) => RouteAction>> = {
  grpc: (policy) => grpcAction(policy),
  core: (policy) => grpcAction(policy, CORE_EARLY_MS),
  envoy: envoyAction,
  armeria: armeriaAction,
};

/** Every request to the cluster of the same name. */
export const route = ({ cluster, policy }: PortSpec, form: RouteForm): RouteConfiguration => ({
  ...CONFIGURATION,
  name: cluster,
  virtualHosts: [{ ...HOST, name: cluster, routes: [routeTo(cluster, ACTIONS[form](policy))] }],
});
