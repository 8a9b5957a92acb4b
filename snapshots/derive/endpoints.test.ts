import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EndpointSlice, Service } from "../objects.ts";
import { judge } from "./endpoints.ts";
import { grpcPort, node, noTopology, objectsOf, ready, service, slice, terminating, unready } from "./fixtures.ts";
import { nextTopology } from "./topology.ts";

const judged = (slices: readonly EndpointSlice[], of: Service = service()) =>
  judge(of, of.ports[0] ?? grpcPort, slices, noTopology);

/** `address:port health`, as they stand. */
const served = (...args: Parameters<typeof judged>) =>
  judged(...args).endpoints.map(({ address, port, health }) => `${address}:${port} ${health}`);

const whyLeft = (...args: Parameters<typeof judged>) =>
  judged(...args).left.map(({ address, why }) => `${address}: ${why}`);

test("H1: a port whose slice has no ports and no endpoints has none, and that is no problem", () => {
  expect(judged([slice([], { ports: [] })])).toEqual({ endpoints: [], allTerminating: false, left: [], problems: [] });
});

test("H2: an empty slice takes nothing from the others", () => {
  expect(served([slice([], { name: "1" }), slice([ready("10.0.0.1")], { name: "2" })])).toEqual([
    "10.0.0.1:8080 healthy",
  ]);
});

describe("H3: an address that stands in two slices counts once", () => {
  test.each([
    ["the ready one before the terminating", [terminating("10.0.0.1"), ready("10.0.0.1")], "healthy"],
    [
      "the terminating one before the unready",
      [unready("10.0.0.1"), terminating("10.0.0.1"), ready("10.0.0.2")],
      "draining",
    ],
    ["equal ones", [ready("10.0.0.1"), ready("10.0.0.1")], "healthy"],
  ])("%s", (_, entries, health) => {
    const slices = entries.map((entry, i) => slice([entry], { name: `greeter-${i}` }));
    for (const order of [slices, slices.toReversed()]) expect(served(order)[0]).toBe(`10.0.0.1:8080 ${health}`);
  });

  test("the other is left out with the slice that it counts in", () => {
    const slices = [slice([terminating("10.0.0.1")], { name: "old" }), slice([ready("10.0.0.1")], { name: "new" })];
    expect(judged(slices).left).toEqual([
      { address: "10.0.0.1", port: 8080, slice: "old", why: "it counts once, as in slice new" },
    ]);
  });

  test("of equal ones that which says more of where it stands", () => {
    const slices = [slice([ready("10.0.0.1", { nodeName: "n1", zone: "a" }), ready("10.0.0.1")])];
    expect(judged(slices).endpoints).toMatchObject([{ zone: { zone: "a" }, node: "n1" }]);
  });

  test("two forms of one IPv6 address are one address", () => {
    const slices = [slice([ready("FD00::0:1"), ready("fd00::1")], { addressType: "IPv6" })];
    expect(served(slices, service({ ipFamilies: ["IPv6"] }))).toEqual(["fd00::1:8080 healthy"]);
  });
});

describe("H5, H9, H10: the conditions of an endpoint", () => {
  const other = ready("10.0.0.9");
  test.each([
    ["absent: ready", {}, "healthy"],
    ["ready", { ready: true, serving: true, terminating: false }, "healthy"],
    [
      "ready wins over terminating (publishNotReadyAddresses)",
      { ready: true, serving: true, terminating: true },
      "healthy",
    ],
    ["ready wins over not serving", { ready: true, serving: false }, "healthy"],
    ["serving and terminating: draining", { ready: false, serving: true, terminating: true }, "draining"],
    ["absent serving counts as serving", { ready: false, terminating: true }, "draining"],
  ])("%s", (_, conditions, health) => {
    expect(served([slice([{ address: "10.0.0.1", ...conditions }, other])])[0]).toBe(`10.0.0.1:8080 ${health}`);
  });

  test.each([
    ["not ready", { ready: false }, "it is not ready"],
    [
      "serving but neither ready nor terminating",
      { ready: false, serving: true, terminating: false },
      "it is not ready",
    ],
    [
      "terminating and not serving",
      { ready: false, serving: false, terminating: true },
      "it is terminating and no longer serving",
    ],
  ])("%s: left out", (_, conditions, why) => {
    expect(whyLeft([slice([{ address: "10.0.0.1", ...conditions }, other])])).toEqual([`10.0.0.1: ${why}`]);
  });
});

describe("H5: the port of a slice", () => {
  const withPorts = (ports: EndpointSlice["ports"]) => [slice([ready("10.0.0.1")], { ports })];
  const unnamed = (targetPort?: number | string) =>
    service({ ports: [{ name: "", port: 80, protocol: "TCP", ...(targetPort !== undefined && { targetPort }) }] });

  test("is found by name, and has the number of its slice", () => {
    const slices = [
      slice([ready("10.0.0.1")], { name: "1", ports: [{ name: "grpc", port: 7001, protocol: "TCP" }] }),
      slice([ready("10.0.0.2")], { name: "2", ports: [{ name: "grpc", port: 7002, protocol: "TCP" }] }),
    ];
    expect(served(slices)).toEqual(["10.0.0.1:7001 healthy", "10.0.0.2:7002 healthy"]);
  });
  test.each([
    ["the numeric targetPort", 9090, "10.0.0.1:9090 healthy"],
    ["the Service port when targetPort is a name", "grpc", "10.0.0.1:80 healthy"],
    ["the Service port when there is no targetPort", undefined, "10.0.0.1:80 healthy"],
  ])("without number is %s", (_, targetPort, expected) => {
    expect(served(withPorts([{ name: "", protocol: "TCP" }]), unnamed(targetPort))).toEqual([expected]);
  });
  test.each([
    ["with an empty list", [], "its slice has no ports"],
    ["of another name", [{ name: "http", port: 80, protocol: "TCP" }], 'its slice has no TCP port named "grpc"'],
    ["for UDP", [{ name: "grpc", port: 80, protocol: "UDP" }], 'its slice has no TCP port named "grpc"'],
  ] as const)("%s gives nothing", (_, ports, why) => {
    expect(whyLeft(withPorts(ports))).toEqual([`10.0.0.1: ${why}`]);
  });
  test.each([0, 65_536, 1.5, -1, Number.NaN])("%d is a problem, and its endpoints are left out", (port) => {
    const { endpoints, problems } = judged(withPorts([{ name: "grpc", port, protocol: "TCP" }]));
    expect(endpoints).toEqual([]);
    expect(problems).toEqual([
      {
        object: "Service default/greeter",
        code: "bad-port",
        message: `EndpointSlice greeter-1 is left out: the port ${port} of its slice is not between 1 and 65535`,
      },
    ]);
  });
});

test("H7: an address that is none is a problem, and the others are served", () => {
  const slices = [slice([ready("localhost"), ready("10.0.0.1"), ready("fd00::1"), ready("")])];
  const { endpoints, problems } = judged(slices);
  expect(endpoints.map(({ address }) => address)).toEqual(["10.0.0.1"]);
  expect(problems).toEqual([
    {
      object: "Service default/greeter",
      code: "bad-address",
      message: 'EndpointSlice greeter-1: not an IPv4 address, left out: "localhost" and 2 more',
    },
  ]);
});

describe("H12: when none of all slices is ready", () => {
  test("those that are serving and terminating are healthy", () => {
    const slices = [slice([terminating("10.0.0.1"), unready("10.0.0.2")])];
    expect(served(slices)).toEqual(["10.0.0.1:8080 healthy"]);
    expect(judged(slices).allTerminating).toBe(true);
  });
  test("a single ready one in another slice ends that", () => {
    const slices = [slice([terminating("10.0.0.1")], { name: "1" }), slice([ready("10.0.0.2")], { name: "2" })];
    expect(served(slices)).toEqual(["10.0.0.1:8080 draining", "10.0.0.2:8080 healthy"]);
    expect(judged(slices).allTerminating).toBe(false);
  });
});

describe("H13: of two families is served", () => {
  const both = [
    slice([ready("10.0.0.1")], { name: "v4" }),
    slice([ready("fd00::1")], { name: "v6", addressType: "IPv6" }),
  ];
  test.each([
    ["the primary one", ["IPv6", "IPv4"], both, "fd00::1:8080 healthy"],
    ["IPv4 when the Service names none", [], both, "10.0.0.1:8080 healthy"],
    ["IPv6 when the Service names none and there is no other", [], both.slice(1), "fd00::1:8080 healthy"],
    ["IPv6 when the IPv4 slice is empty", [], [slice([]), ...both.slice(1)], "fd00::1:8080 healthy"],
  ] as const)("%s", (_, ipFamilies, slices, expected) => {
    expect(served(slices, service({ ipFamilies }))).toEqual([expected]);
  });
  test("and the other is left out, with the reason", () => {
    expect(whyLeft(both)).toEqual(["fd00::1: its slice is IPv6; the family that is served is IPv4"]);
  });
});

describe("H15: the zone of an endpoint", () => {
  const { topology } = nextTopology(
    objectsOf(node("n1", "a", "eu"), node("bare"), node("n2", "b", "us")).nodes,
    noTopology,
  );
  test.each([
    ["is its own, with the region that Nodes give a zone of that name", { zone: "b", nodeName: "n1" }, "us", "b"],
    ["is that of its node where it has none", { nodeName: "n1" }, "eu", "a"],
    ["stays its own when its node is gone", { zone: "a", nodeName: "gone" }, "eu", "a"],
    ["stays its own when its node has no zone label", { zone: "a", nodeName: "bare" }, "eu", "a"],
    ["is empty when its node is gone and it has none", { nodeName: "gone" }, "", ""],
    ["is empty when its node has no zone label and it has none", { nodeName: "bare" }, "", ""],
    ["is empty when nobody says anything", {}, "", ""],
    ["is its own, without region, when no Node knows it", { zone: "c" }, "", "c"],
  ])("%s", (_, place, region, zone) => {
    const { endpoints } = judge(service(), grpcPort, [slice([ready("10.0.0.1", place)])], topology);
    expect(endpoints[0]?.zone).toEqual({ region, zone });
  });
  test("needs no node to be served: one that is gone is still named", () => {
    expect(
      judge(service(), grpcPort, [slice([ready("10.0.0.1", { nodeName: "gone" })])], topology).endpoints,
    ).toMatchObject([{ address: "10.0.0.1", node: "gone", health: "healthy" }]);
  });
});

test("hints are kept as they are written", () => {
  const hinted = { hintedZones: ["a", "b"], hintedNodes: ["n1"] };
  expect(judged([slice([ready("10.0.0.1", hinted), ready("10.0.0.2")])]).endpoints).toEqual([
    { address: "10.0.0.1", port: 8080, zone: { region: "", zone: "" }, health: "healthy", ...hinted },
    { address: "10.0.0.2", port: 8080, zone: { region: "", zone: "" }, health: "healthy" },
  ]);
});

test("H10: with publishNotReadyAddresses a terminating endpoint stays, since the controller says that it is ready", () => {
  const published = { ready: true, serving: false, terminating: true };
  expect(served([slice([{ address: "10.0.0.1", ...published }, terminating("10.0.0.2")])])).toEqual([
    "10.0.0.1:8080 healthy",
    "10.0.0.2:8080 draining",
  ]);
});

test("H5: slices of type FQDN are skipped", () => {
  const slices = [slice([ready("db.example.com")], { addressType: "FQDN" })];
  expect(whyLeft(slices)).toEqual(["db.example.com: its slice lists host names (FQDN), which cannot be endpoints"]);
  expect(judged(slices).problems).toEqual([]);
});

test("H16: endpoints stand by zone, then address, then port, whatever the order of slices and entries", () => {
  const entries = [
    ready("10.0.0.2", { zone: "b" }),
    ready("10.0.0.1", { zone: "b" }),
    ready("10.0.0.3", { zone: "a" }),
    terminating("10.0.0.4", { zone: "a" }),
    ready("10.0.0.5"),
  ];
  const expected = judged([slice(entries)]).endpoints;
  expect(expected.map(({ zone, address }) => `${zone.zone} ${address}`)).toEqual([
    " 10.0.0.5",
    "a 10.0.0.3",
    "a 10.0.0.4",
    "b 10.0.0.1",
    "b 10.0.0.2",
  ]);
  fc.assert(
    fc.property(fc.shuffledSubarray(entries, { minLength: 5 }), fc.nat(5), (order, cut) => {
      const slices = [slice(order.slice(0, cut), { name: "1" }), slice(order.slice(cut), { name: "2" })];
      expect(judged(slices).endpoints).toEqual(expected);
    }),
  );
});
