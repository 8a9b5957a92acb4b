import { HealthStatus } from "../../gen/envoy/config/core/v3/health_check.ts";
import type { LbEndpoint } from "../../gen/envoy/config/endpoint/v3/endpoint_components.ts";
import { validateLbEndpoint } from "../../gen/envoy/config/endpoint/v3/endpoint_components.validate.ts";
import type { Violation } from "../../gen/validate/runtime.ts";
import { compareZones, isSameZone } from "../balance/zone.ts";
import { differingParts } from "../derive/keep.ts";
import type { Endpoint } from "../derive/model.ts";
import { addressRules, endpointRules } from "./grpc-rules.ts";

const HEALTH: Readonly<Record<Endpoint["health"], HealthStatus>> = {
  healthy: HealthStatus.HEALTHY,
  draining: HealthStatus.DRAINING,
};

/** One endpoint as it stands in an assignment, whatever the locality around it. */
export const endpointMessage = ({ address, port, health }: Endpoint): LbEndpoint => ({
  hostIdentifier: {
    $case: "endpoint",
    value: {
      address: {
        address: {
          $case: "socketAddress",
          value: {
            protocol: 0,
            address,
            portSpecifier: { $case: "portValue", value: port },
            resolverName: "",
            ipv4Compat: false,
          },
        },
      },
      healthCheckConfig: undefined,
      hostname: "",
      additionalAddresses: [],
    },
  },
  healthStatus: HEALTH[health],
  metadata: undefined,
  loadBalancingWeight: undefined,
});

function violationsOf(endpoint: Endpoint): readonly Violation[] {
  const message = endpointMessage(endpoint);
  return [...validateLbEndpoint(message), ...endpointRules(message)];
}

/** Whether one endpoint stands after another: zone by zone, in a zone by address, then by port. */
export function follows(endpoint: Endpoint, before: Endpoint): boolean {
  if (!isSameZone(endpoint.zone, before.zone)) return compareZones(before.zone, endpoint.zone) < 0;
  return endpoint.address === before.address ? endpoint.port > before.port : endpoint.address > before.address;
}

/** An assignment keeps its order whatever comes and goes (G9). */
function orderRules(endpoints: readonly Endpoint[]): readonly Violation[] {
  const late = endpoints.find((endpoint, i) => {
    const before = endpoints[i - 1];
    return before !== undefined && !follows(endpoint, before);
  });
  return late ? [{ path: "endpoints", rule: "G9", message: `must be in order; ${late.address} is not` }] : [];
}

/** As nearly always, so that no port needs to be looked at. */
const hasDistinctAddresses = (endpoints: readonly Endpoint[]): boolean =>
  new Set(endpoints.map(({ address }) => address)).size === endpoints.length;

/** The rules that the endpoints of a workload break, given those of its last good form, which need no second look. */
export function endpointsRules(endpoints: readonly Endpoint[], good: readonly Endpoint[]): readonly Violation[] {
  if (endpoints === good) return [];
  const [others, fresh] = differingParts(good, endpoints);
  const seen = new Set(others);
  const unseen = fresh.filter((endpoint) => !seen.has(endpoint));
  return [
    ...unseen.flatMap(violationsOf),
    ...orderRules(endpoints),
    ...(hasDistinctAddresses(endpoints)
      ? []
      : addressRules(endpoints.map(({ address, port }) => `${address} ${port}`))),
  ];
}

const varintLength = (value: number): number => (value < 0x80 ? 1 : value < 0x4000 ? 2 : 3);

/** Of a whole `lb_endpoints` field. */
const fieldLength = ({ address, port }: Endpoint): number => address.length + varintLength(port) + 13;

function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7, at += 1) bytes[at] = (rest & 0x7f) | 0x80;
  bytes[at] = rest;
  return at + 1;
}

/** Writes a tag and a length below 128, as every length here is: no IP literal is longer than 45. */
function writeHeader(bytes: Uint8Array, at: number, tag: number, length: number): number {
  bytes[at] = tag;
  bytes[at + 1] = length;
  return at + 2;
}

/** lb_endpoints { endpoint { address { socket_address { address, port_value } } }, health_status }, from the outside in. */
function writeEndpoint(bytes: Uint8Array, start: number, endpoint: Endpoint): number {
  const { address, port, health } = endpoint;
  const length = fieldLength(endpoint);
  let at = writeHeader(bytes, start, 0x12, length - 2);
  at = writeHeader(bytes, at, 0x0a, length - 6);
  at = writeHeader(bytes, at, 0x0a, length - 8);
  at = writeHeader(bytes, at, 0x0a, length - 10);
  at = writeHeader(bytes, at, 0x12, address.length);
  for (let i = 0; i < address.length; i += 1, at += 1) bytes[at] = address.charCodeAt(i);
  bytes[at] = 0x18;
  at = writeVarint(bytes, at + 1, port);
  return writeHeader(bytes, at, 0x10, HEALTH[health]);
}

/**
 * The bytes that the ordinary encoder writes for `endpointMessage`, at a fraction of the cost: so cheap that remembering them
 * for each endpoint would cost more.
 */
function encoded(endpoints: readonly Endpoint[]): Uint8Array {
  const bytes = new Uint8Array(endpoints.reduce((length, endpoint) => length + fieldLength(endpoint), 0));
  let at = 0;
  for (const endpoint of endpoints) at = writeEndpoint(bytes, at, endpoint);
  return bytes;
}

const encodings = new WeakMap<readonly Endpoint[], Uint8Array>();

/**
 * The `lb_endpoints` fields of a locality, made once for each list: clients of every zone are sent the same ones. The endpoints
 * must have passed `endpointsRules`.
 */
export function encodedEndpoints(endpoints: readonly Endpoint[]): Uint8Array {
  const bytes = encodings.get(endpoints) ?? encoded(endpoints);
  encodings.set(endpoints, bytes);
  return bytes;
}
