/** The messages that go out: the four resources and what travels inside them as `Any`, each with its codec and rules. */

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Cluster, type LoadBalancingPolicy } from "../../gen/envoy/config/cluster/v3/cluster.ts";
import { validateCluster } from "../../gen/envoy/config/cluster/v3/cluster.validate.ts";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import { validateClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.validate.ts";
import { Listener } from "../../gen/envoy/config/listener/v3/listener.ts";
import { validateListener } from "../../gen/envoy/config/listener/v3/listener.validate.ts";
import type { Filter, FilterChain } from "../../gen/envoy/config/listener/v3/listener_components.ts";
import { RouteConfiguration } from "../../gen/envoy/config/route/v3/route.ts";
import { validateRouteConfiguration } from "../../gen/envoy/config/route/v3/route.validate.ts";
import type { RetryPolicy_RetryHostPredicate, Route } from "../../gen/envoy/config/route/v3/route_components.ts";
import { Router } from "../../gen/envoy/extensions/filters/http/router/v3/router.ts";
import { validateRouter } from "../../gen/envoy/extensions/filters/http/router/v3/router.validate.ts";
import {
  HttpConnectionManager,
  type HttpFilter,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import { validateHttpConnectionManager } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.validate.ts";
import { LeastRequest } from "../../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request.ts";
import { validateLeastRequest } from "../../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request.validate.ts";
import { RingHash } from "../../gen/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash.ts";
import { validateRingHash } from "../../gen/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash.validate.ts";
import { RoundRobin } from "../../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin.ts";
import { validateRoundRobin } from "../../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin.validate.ts";
import { WrrLocality } from "../../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality.ts";
import { validateWrrLocality } from "../../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality.validate.ts";
import { PreviousHostsPredicate } from "../../gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.ts";
import { validatePreviousHostsPredicate } from "../../gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.validate.ts";
import { HttpProtocolOptions } from "../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options.ts";
import { validateHttpProtocolOptions } from "../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options.validate.ts";
import type { Any } from "../../gen/google/protobuf/any.ts";
import type { Violation } from "../../gen/validate/runtime.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, shortName } from "../type-url.ts";
import type { Resource } from "./resource.ts";

/** A message type with its codec and its rules. */
export interface MessageType<T, Url extends string = string> {
  readonly typeUrl: Url;
  encode(message: T): Uint8Array;
  decode(bytes: Uint8Array): T;
  toJson(message: T): unknown;
  /** The rules that it breaks itself. */
  violations(message: T): readonly Violation[];
  /** What is packed inside it, at every place where something is. */
  packed(message: T): readonly Any[];
}

interface Codec<T> {
  encode(message: T, writer: BinaryWriter): BinaryWriter;
  decode(bytes: Uint8Array): T;
  toJSON(message: T): unknown;
}

let spare: BinaryWriter | undefined = new BinaryWriter();

/** A writer costs more than a small message, so one is used again; one that threw half-way is not. */
function encoded<T>(codec: Codec<T>, message: T): Uint8Array {
  const writer = spare ?? new BinaryWriter();
  spare = undefined;
  const bytes = codec.encode(message, writer).finish();
  spare = writer;
  return bytes;
}

type Rules<T> = (message: T) => readonly Violation[];

const messageType = <T, Url extends string>(
  typeUrl: Url,
  codec: Codec<T>,
  violations: Rules<T>,
  packed: (message: T) => readonly (Any | undefined)[] = () => [],
): MessageType<T, Url> => ({
  typeUrl,
  encode: (message) => encoded(codec, message),
  decode: (bytes) => codec.decode(bytes),
  toJson: (message) => codec.toJSON(message),
  violations: (message) => violations(message),
  packed: (message) => packed(message).filter((any) => any !== undefined),
});

type Configured = {
  readonly configType: HttpFilter["configType"] | Filter["configType"] | RetryPolicy_RetryHostPredicate["configType"];
};

const typedConfig = ({ configType }: Configured): Any | undefined =>
  configType?.$case === "typedConfig" ? configType.value : undefined;

const chainConfigs = (chain: FilterChain | undefined): readonly (Any | undefined)[] =>
  chain?.filters.map(typedConfig) ?? [];

const policyConfigs = (policy: LoadBalancingPolicy | undefined): readonly (Any | undefined)[] =>
  policy?.policies.map(({ typedExtensionConfig }) => typedExtensionConfig?.typedConfig) ?? [];

export const listenerType = messageType(
  LISTENER,
  Listener,
  validateListener,
  ({ apiListener, filterChains, defaultFilterChain }) => [
    apiListener?.apiListener,
    ...[...filterChains, defaultFilterChain].flatMap(chainConfigs),
  ],
);
const retryConfigs = ({ action }: Route): readonly (Any | undefined)[] =>
  action?.$case === "route" ? (action.value.retryPolicy?.retryHostPredicate.map(typedConfig) ?? []) : [];

export const routeType = messageType(ROUTE, RouteConfiguration, validateRouteConfiguration, ({ virtualHosts }) =>
  virtualHosts.flatMap(({ routes }) => routes.flatMap(retryConfigs)),
);
export const clusterType = messageType(
  CLUSTER,
  Cluster,
  validateCluster,
  ({ typedExtensionProtocolOptions, loadBalancingPolicy }) => [
    ...Object.values(typedExtensionProtocolOptions),
    ...policyConfigs(loadBalancingPolicy),
  ],
);
export const assignmentType = messageType(ASSIGNMENT, ClusterLoadAssignment, validateClusterLoadAssignment);

const EXTENSIONS = "type.googleapis.com/envoy.extensions";

export const connectionManagerType = messageType(
  `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
  HttpConnectionManager,
  validateHttpConnectionManager,
  ({ httpFilters }) => httpFilters.map(typedConfig),
);
export const routerType = messageType(`${EXTENSIONS}.filters.http.router.v3.Router`, Router, validateRouter);
export const wrrLocalityType = messageType(
  `${EXTENSIONS}.load_balancing_policies.wrr_locality.v3.WrrLocality`,
  WrrLocality,
  validateWrrLocality,
  ({ endpointPickingPolicy }) => policyConfigs(endpointPickingPolicy),
);
export const leastRequestType = messageType(
  `${EXTENSIONS}.load_balancing_policies.least_request.v3.LeastRequest`,
  LeastRequest,
  validateLeastRequest,
);
export const ringHashType = messageType(
  `${EXTENSIONS}.load_balancing_policies.ring_hash.v3.RingHash`,
  RingHash,
  validateRingHash,
);
export const roundRobinType = messageType(
  `${EXTENSIONS}.load_balancing_policies.round_robin.v3.RoundRobin`,
  RoundRobin,
  validateRoundRobin,
);
export const previousHostsType = messageType(
  `${EXTENSIONS}.retry.host.previous_hosts.v3.PreviousHostsPredicate`,
  PreviousHostsPredicate,
  validatePreviousHostsPredicate,
);
export const httpOptionsType = messageType(
  `${EXTENSIONS}.upstreams.http.v3.HttpProtocolOptions`,
  HttpProtocolOptions,
  validateHttpProtocolOptions,
);

const BY_URL: ReadonlyMap<string, MessageType<unknown>> = new Map(
  [
    listenerType,
    routeType,
    clusterType,
    assignmentType,
    connectionManagerType,
    routerType,
    wrrLocalityType,
    leastRequestType,
    ringHashType,
    roundRobinType,
    previousHostsType,
    httpOptionsType,
  ].map((type) => [type.typeUrl, type]),
);

/** By the bytes, since most of what is packed is the same object in every message: it is looked at once. */
const looked = new WeakMap<Uint8Array, readonly Violation[]>();

function violationsOfPacked<T>(type: MessageType<T>, message: T): readonly Violation[] {
  const name = type.typeUrl.slice(type.typeUrl.lastIndexOf(".") + 1);
  return violationsIn(type, message).map((one) => ({ ...one, path: `${name}.${one.path}` }));
}

/** Looks at the message before it is bytes, so that they need not be decoded for it. */
export function packed<T>(type: MessageType<T>, message: T): Any {
  const value = type.encode(message);
  looked.set(value, violationsOfPacked(type, message));
  return { typeUrl: type.typeUrl, value };
}

function unpackedViolations({ typeUrl, value }: Any): readonly Violation[] {
  const type = BY_URL.get(typeUrl);
  if (type === undefined) return [{ path: typeUrl, rule: "any.in", message: "must be of a type that clients know" }];
  return violationsOfPacked(type, type.decode(value));
}

function violationsInside(any: Any): readonly Violation[] {
  const violations = looked.get(any.value) ?? unpackedViolations(any);
  looked.set(any.value, violations);
  return violations;
}

/** The rules that a message breaks, what is packed inside it included. */
export const violationsIn = <T>(type: MessageType<T>, message: T): readonly Violation[] => [
  ...type.violations(message),
  ...type.packed(message).flatMap(violationsInside),
];

/** Also what `toJSON` makes of an `Any`. */
interface Json {
  readonly [key: string]: unknown;
  readonly typeUrl?: unknown;
  readonly value?: unknown;
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

const bytesOf = (base64: unknown): Uint8Array => Buffer.from(typeof base64 === "string" ? base64 : "", "base64");

/** JSON with every packed message shown as what it is, in the protobuf manner: `@type` first, then its fields. */
function expanded(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(expanded);
  if (!isObject(json)) return json;
  const inner = BY_URL.get(String(json.typeUrl));
  if (inner !== undefined) return { "@type": inner.typeUrl, ...jsonOf(inner.typeUrl, bytesOf(json.value)) };
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, expanded(value)]));
}

/** An encoded message of a known type as JSON for people, with every `Any` in it expanded. */
export function jsonOf(typeUrl: string, bytes: Uint8Array): object {
  const type = BY_URL.get(typeUrl);
  const json = type === undefined ? undefined : expanded(type.toJson(type.decode(bytes)));
  return isObject(json) ? json : {};
}

/** A resource for people to read, with what is packed inside expanded. */
export const readable = ({ typeUrl, name, version, bytes }: Resource) => ({
  type: shortName(typeUrl),
  name,
  version,
  resource: { "@type": typeUrl, ...jsonOf(typeUrl, bytes) },
});
