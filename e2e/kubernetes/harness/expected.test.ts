/** The suite's own reader of Services and EndpointSlices. */
import { expect, test } from "vitest";
import { differences } from "./assignments.ts";
import { expectedEndpoints, servedPorts } from "./expected.ts";
import type { EndpointSlice, Service, SliceEndpoint } from "./objects.ts";

const port = { name: "grpc", port: 80 };
const service = (spec: Partial<Service["spec"]> = {}): Service => ({
  metadata: { name: "cart" },
  spec: { ports: [port], ...spec },
});
const slice = (endpoints: EndpointSlice["endpoints"], more: Partial<EndpointSlice> = {}): EndpointSlice => ({
  metadata: { name: "cart-1", labels: { "kubernetes.io/service-name": "cart" } },
  addressType: "IPv4",
  ports: [{ name: "grpc", port: 8080 }],
  endpoints: endpoints ?? null,
  ...more,
});
const at = (address: string, conditions: SliceEndpoint["conditions"] = {}): SliceEndpoint => ({
  addresses: [address],
  zone: "a",
  conditions,
});
const found = (of: Service, ...slices: readonly EndpointSlice[]): readonly string[] =>
  expectedEndpoints(of, port, slices).map(({ address }) => address);

const TERMINATING = { ready: false, serving: true, terminating: true };

test.each<readonly [string, readonly EndpointSlice[], readonly string[]]>([
  ["H2: all slices count", [slice(null, { ports: null }), slice([at("1.1.1.1")])], ["1.1.1.1:8080"]],
  ["H3 H16: an address counts once", [slice([at("1.1.1.1")]), slice([at("1.1.1.1")])], ["1.1.1.1:8080"]],
  ["H5: absent conditions mean ready", [slice([{ addresses: ["1.1.1.1"] }])], ["1.1.1.1:8080"]],
  ["H9: what is not ready is left out", [slice([at("1.1.1.1"), at("1.1.1.2", { ready: false })])], ["1.1.1.1:8080"]],
  ["H10: ready wins over terminating", [slice([at("1.1.1.1", { ready: true, terminating: true })])], ["1.1.1.1:8080"]],
  ["H11: what terminates is left out", [slice([at("1.1.1.1"), at("1.1.1.2", TERMINATING)])], ["1.1.1.1:8080"]],
  ["H12: where nothing is ready, what terminates is used", [slice([at("1.1.1.2", TERMINATING)])], ["1.1.1.2:8080"]],
  ["H13: another address family is left out", [slice([at("::1")], { addressType: "IPv6" })], []],
  ["a port of another name is left out", [slice([at("1.1.1.1")], { ports: [{ name: "web", port: 1 }] })], []],
])("%s", (_, slices, addresses) => {
  expect(found(service(), ...slices)).toEqual(addresses);
});

test("H5: a slice that leaves the port open means the target port", () => {
  const open = slice([at("1.1.1.1")], { ports: [{ name: "grpc" }] });
  expect(expectedEndpoints(service(), { ...port, targetPort: 90 }, [open])).toEqual([
    { address: "1.1.1.1:90", zone: "a" },
  ]);
});

test("H14: a Service that serves its own node only has the endpoints of the client's", () => {
  const slices = [
    slice([
      { ...at("1.1.1.1"), nodeName: "one" },
      { ...at("1.1.1.2"), nodeName: "two" },
    ]),
  ];
  const local = service({ internalTrafficPolicy: "Local" });
  expect(expectedEndpoints(local, port, slices, "two")).toEqual([{ address: "1.1.1.2:8080", zone: "a" }]);
  expect(expectedEndpoints(local, port, slices)).toHaveLength(2);
});

test("H0: only ports of TCP are served", () => {
  expect(servedPorts(service({ ports: [port, { port: 53, protocol: "UDP" }] }))).toEqual([port]);
});

test("every way to differ is told", () => {
  const healthy = { priority: 0, health: "HEALTHY" };
  const want = [
    { address: "1.1.1.1:80", zone: "a" },
    { address: "1.1.1.2:80", zone: "a" },
  ];
  const good = want.map((one) => ({ ...one, ...healthy }));
  const stray = { address: "1.1.1.3:80", zone: "a", ...healthy };
  expect(differences(want, good)).toEqual([]);
  expect(differences(want, undefined)).toEqual(["has no assignment"]);
  expect(differences(want, good.slice(1))).toEqual(['lacks 1.1.1.1:80 in zone "a"']);
  expect(differences(want, [...good, stray])).toEqual(['has also 1.1.1.3:80 in zone "a"']);
  expect(differences(want, [...good, ...good])).toEqual(["has an endpoint twice"]);
  expect(differences(want.slice(1), [{ ...good[1], health: "DRAINING" } as never])).toEqual([
    '1.1.1.2:80 in zone "a" is DRAINING',
  ]);
  expect(differences(want.slice(1), [{ ...good[1], zone: "b" } as never])).toHaveLength(2);
});
