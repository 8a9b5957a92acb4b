import { expect, test } from "vitest";
import { type DeepPartial, Node } from "../../gen/envoy/config/core/v3/base.ts";
import { snapshotOf } from "./fixtures.ts";
import { clientOf, relocated } from "./node.ts";
import type { Places } from "./places.ts";

/** Knows that zone a is in region eu, and that node-1 is in zone b of region eu. */
const { topology } = snapshotOf({}).model;
const places: Places = { topology, placeOf: () => undefined };
const client = (node: DeepPartial<Node>) => clientOf(Node.fromPartial(node), "10.0.0.1:50000", places);

test("S1: a client is of the zone that its locality says", () => {
  const { zoneClass, zoneFrom } = client({ locality: { region: "r", zone: "z" } });
  expect([zoneClass, zoneFrom]).toEqual([{ kind: "known", zone: { region: "r", zone: "z" } }, "node.locality"]);
});

test("the Nodes know the region of a zone better than the client", () => {
  const { zoneClass } = client({ locality: { region: "", zone: "a" } });
  expect(zoneClass).toEqual({ kind: "known", zone: { region: "eu", zone: "a" } });
});

test("without locality, a client is where the node is that it runs on", () => {
  const { zoneClass, zoneFrom } = client({ metadata: { NODE_NAME: "node-1" } });
  expect([zoneClass, zoneFrom]).toEqual([
    { kind: "known", zone: { region: "eu", zone: "b" }, node: "node-1" },
    "node.metadata.NODE_NAME",
  ]);
});

test("a client that says neither, or names a node that nobody knows, is of an unknown zone", () => {
  const found = [{}, { metadata: { NODE_NAME: 7 } }, { metadata: { NODE_NAME: "elsewhere" } }].map(client);
  expect(found.map(({ zoneClass, zoneFrom }) => [zoneClass.kind, zoneFrom])).toEqual([
    ["unknown", "unknown"],
    ["unknown", "unknown"],
    ["unknown", "unknown"],
  ]);
});

test("what a client says of itself is kept, and a version in either form", () => {
  const plain = client({
    id: "pod",
    userAgentName: "gRPC Go",
    userAgentVersionType: { $case: "userAgentVersion", value: "1.85.0" },
    clientFeatures: ["f"],
  });
  const built = client({
    userAgentName: "envoy",
    userAgentVersionType: {
      $case: "userAgentBuildVersion",
      value: { version: { majorNumber: 1, minorNumber: 30, patch: 2 } },
    },
  });
  expect(plain).toMatchObject({ kind: "grpc-go", node: { id: "pod", userAgentVersion: "1.85.0", features: ["f"] } });
  expect(built).toMatchObject({ kind: "envoy", node: { userAgentVersion: "1.30.2" } });
});

test("large metadata is not kept with the stream, but for what the server knows by name", () => {
  const { node } = client({ metadata: { POD_NAME: "pod", large: "x".repeat(20_000) } });
  expect(node.metadata).toEqual({ POD_NAME: "pod" });
});

test("when the Nodes change, a client is of the zone that they then say, and the same client if that is the same", () => {
  const onNode1 = client({ metadata: { NODE_NAME: "node-1" } });
  const moved = { ...topology, zoneOfNode: topology.zoneOfNode.with([["node-1", { region: "eu", zone: "c" }]]) };
  const gone = { ...topology, zoneOfNode: topology.zoneOfNode.with([["node-1", undefined]]) };
  expect(relocated(onNode1, { ...places, topology: moved })).toMatchObject({
    zoneClass: { kind: "known", zone: { region: "eu", zone: "c" }, node: "node-1" },
    zoneFrom: "node.metadata.NODE_NAME",
  });
  expect(relocated(onNode1, { ...places, topology: gone })).toMatchObject({
    zoneClass: { kind: "unknown", node: "node-1" },
    zoneFrom: "unknown",
  });
  expect(relocated(onNode1, { ...places })).toBe(onNode1);
});

test("of large metadata, only text is kept", () => {
  const { node } = client({ metadata: { POD_NAME: "pod", NAMESPACE: { large: "x".repeat(20_000) } } });
  expect(node.metadata).toEqual({ POD_NAME: "pod" });
});

test("a client that tells neither zone nor a node that is known is where its address is", () => {
  const zone = { region: "eu", zone: "c" };
  const asked: string[] = [];
  const known: Places = {
    topology,
    placeOf: (address) => {
      asked.push(address);
      return { zone, node: "node-9", from: "its address" };
    },
  };
  const at = (node: DeepPartial<Node>, peer = "::ffff:10.0.0.1:5000") => clientOf(Node.fromPartial(node), peer, known);
  expect(at({})).toMatchObject({ zoneClass: { kind: "known", zone, node: "node-9" }, zoneFrom: "its address" });
  expect(at({ metadata: { NODE_NAME: "elsewhere" } })).toMatchObject({ zoneClass: { zone, node: "elsewhere" } });
  expect(at({ metadata: { NODE_NAME: "node-1" } })).toMatchObject({ zoneFrom: "node.metadata.NODE_NAME" });
  expect(at({ locality: { zone: "a" } })).toMatchObject({ zoneFrom: "node.locality" });
  expect(at({}, "127.0.0.1:5000")).toMatchObject({ zoneClass: { kind: "unknown" }, zoneFrom: "unknown" });
  expect(asked).toEqual(["10.0.0.1", "10.0.0.1"]);
});

test("a client whose address is on a node of no zone is known by its node", () => {
  const places: Places = { topology, placeOf: () => ({ node: "node-9", from: "its address" }) };
  const { zoneClass, zoneFrom } = clientOf(Node.fromPartial({}), "10.0.0.1:5000", places);
  expect([zoneClass, zoneFrom]).toEqual([{ kind: "unknown", node: "node-9" }, "unknown"]);
});
