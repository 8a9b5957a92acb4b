import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EndpointSlice, Node } from "../objects.ts";
import { tableOf } from "../table.ts";
import { peerAddress } from "./address.ts";
import { AddressIndex } from "./address-index.ts";
import { node, objectsOf, ready, slice } from "./fixtures.ts";
import { emptyModel } from "./model.ts";
import { placeOfAddress } from "./peer-place.ts";
import { podCidrs } from "./pod-cidrs.ts";
import { nextTopology } from "./topology.ts";

describe("the address of a peer is", () => {
  test.each([
    ["that of IPv4", "10.0.0.1:5000", "10.0.0.1"],
    ["that of IPv6", "fd00::1:5000", "fd00::1"],
    ["that of IPv4 at a dual-stack socket", "::ffff:10.0.0.1:5000", "10.0.0.1"],
    ["none on loopback", "127.0.0.1:5000", undefined],
    ["none on loopback at a dual-stack socket", "::ffff:127.0.0.1:5000", undefined],
    ["none on loopback of IPv6", "::1:5000", undefined],
    ["none of a link", "fe80::1%eth0:5000", undefined],
    ["none of a socket that is closed", "undefined:undefined", undefined],
  ])("%s", (_, peer, address) => {
    expect(peerAddress(peer)).toBe(address);
  });
});

const withCidrs = (one: Node, ...cidrs: readonly string[]): Node => ({ ...one, podCidrs: cidrs });

const nodes = [
  withCidrs(node("n1", "a", "eu"), "10.1.0.0/24", "fd00:1::/64"),
  withCidrs(node("n2", "b", "eu"), "10.1.1.0/24", "nonsense", "10.9.0.0/99"),
  withCidrs(node("n3", "c", "eu"), "10.1.2.0/25", "10.1.2.128/25"),
  withCidrs(node("n4", "a", "eu"), "10.2.0.0/24"),
  withCidrs(node("n5", "b", "eu"), "10.2.0.0/24", "10.0.0.0/8"),
  withCidrs(node("n6"), "10.3.0.0/24"),
];

describe("the Nodes with the narrowest range around an address", () => {
  const find = podCidrs(objectsOf(...nodes).nodes);
  test.each([
    ["10.1.0.255", ["n1"]],
    ["10.1.1.0", ["n2"]],
    ["10.1.2.127", ["n3"]],
    ["10.1.2.128", ["n3"]],
    ["10.2.0.1", ["n4", "n5"]],
    ["10.77.0.1", ["n5"]],
    ["192.168.0.1", []],
    ["fd00:1::", ["n1"]],
    ["fd00:1:0:0:ffff::", ["n1"]],
    ["fd00:2::1", []],
  ])("%s: %j", (address, names) => {
    expect(find(address).toSorted()).toEqual(names);
  });
});

function placeOf(address: string, ...slices: readonly EndpointSlice[]) {
  const objects = objectsOf(...nodes, ...slices);
  const index = new AddressIndex();
  index.follow(objects.slicesByService);
  const { topology } = nextTopology(objects.nodes, emptyModel.topology);
  return placeOfAddress(address, { topology, entries: index.at(address), podCidrs: podCidrs(objects.nodes) });
}

const inSlice = "its address, in an EndpointSlice";
const inCidr = "its address, in the podCIDR of a Node";
const [zoneA, zoneB] = ["a", "b"].map((zone) => ({ region: "eu", zone }));

describe("an address is", () => {
  const other = (zone: string) => slice([ready("10.1.1.1", { zone })], { service: "other", name: "other-1" });
  test.each([
    ["where its slice says", [slice([ready("10.1.1.1", { zone: "a" })])], { zone: zoneA, from: inSlice }],
    ["where its node is", [slice([ready("10.1.1.1", { nodeName: "n1" })])], { zone: zoneA, node: "n1", from: inSlice }],
    [
      "where two slices say so",
      [slice([ready("10.1.1.1", { zone: "a" })]), other("a")],
      { zone: zoneA, from: inSlice },
    ],
    ["in no zone when they say different", [slice([ready("10.1.1.1", { zone: "a" })]), other("b")], { from: inSlice }],
    [
      "in no zone when its node has none",
      [slice([ready("10.1.1.1", { nodeName: "n6" })])],
      { node: "n6", from: inSlice },
    ],
    ["where the Node is whose range it is in", [], { zone: zoneB, node: "n2", from: inCidr }],
    ["there too when its slice says nothing", [slice([ready("10.1.1.1")])], { zone: zoneB, node: "n2", from: inCidr }],
  ])("%s", (_, slices, place) => {
    expect(placeOf("10.1.1.1", ...slices)).toEqual(place);
  });
  test("in no zone when Nodes of two zones have one range", () => {
    expect(placeOf("10.2.0.1")).toEqual({ from: inCidr });
  });
  test("nowhere when nobody knows it", () => {
    expect(placeOf("192.168.0.1")).toBeUndefined();
  });
});

const anEntry = fc
  .tuple(fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3", "x"), fc.constantFrom("a", "b"), fc.boolean())
  .map(([address, zone, isReady]) => ready(address, { zone, ready: isReady }));
const aSlice = fc
  .record({ name: fc.constantFrom("s1", "s2", "s3"), service: fc.constantFrom("x", "y"), entries: fc.array(anEntry) })
  .map(({ name, service, entries }) => slice(entries, { name: `${service}-${name}`, service }));
const aState = fc.uniqueArray(aSlice, { maxLength: 4, selector: ({ name }) => name });
const addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];

test("an index that followed every change knows what one made anew knows, and names just the addresses that moved", () => {
  const zonesAt = (index: AddressIndex, address: string) =>
    index
      .at(address)
      .map(({ zone }) => zone)
      .toSorted();
  fc.assert(
    fc.property(fc.array(aState, { maxLength: 6 }), (states) => {
      const index = new AddressIndex();
      let table = tableOf<readonly EndpointSlice[]>([]);
      for (const state of states) {
        const next = objectsOf(...state).slicesByService;
        table = table.with([...new Set([...table.keys(), ...next.keys()])].map((key) => [key, next.get(key)] as const));
        const before = addresses.map((address) => zonesAt(index, address));
        const moved = index.follow(table);
        const anew = new AddressIndex();
        anew.follow(next);
        const after = addresses.map((address) => zonesAt(index, address));
        expect(after).toEqual(addresses.map((address) => zonesAt(anew, address)));
        const differ = addresses.filter((_, i) => JSON.stringify(before[i]) !== JSON.stringify(after[i]));
        expect([...moved].toSorted()).toEqual(differ);
      }
    }),
  );
});
