import { describe, expect, test } from "vitest";
import { derive } from "./derive.ts";
import { input, modelOf, node, objectsOf, ready, service, slice } from "./fixtures.ts";
import { emptyModel } from "./model.ts";
import { nextTopology, servicesAt, zoneClassOf, zoneOf } from "./topology.ts";

const nodes = [node("n1", "a", "eu"), node("n2", "b"), node("n3", undefined, "us"), node("n4")];
const { topology } = nextTopology(objectsOf(...nodes).nodes, emptyModel.topology);

describe("H15: an endpoint stands in", () => {
  test.each([
    ["its own zone, with the region that nodes give it", { zone: "a", nodeName: "n2" }, { region: "eu", zone: "a" }],
    ["the zone of its node", { nodeName: "n1" }, { region: "eu", zone: "a" }],
    ["its own zone, with the region of its node", { zone: "c", nodeName: "n3" }, { region: "us", zone: "c" }],
    ["a zone without region", { nodeName: "n2" }, { region: "", zone: "b" }],
    ["a region without zone", { nodeName: "n3" }, { region: "us", zone: "" }],
    ["no zone when its node has none", { nodeName: "n4" }, { region: "", zone: "" }],
    ["no zone when its node is unknown", { nodeName: "n9" }, { region: "", zone: "" }],
    ["no zone when nobody says anything", {}, { region: "", zone: "" }],
    ["no zone when its own is empty", { zone: "" }, { region: "", zone: "" }],
  ])("%s", (_, endpoint, zone) => {
    expect(zoneOf(topology, endpoint)).toEqual(zone);
  });
});

test("nodes that say what they said leave the topology as it is", () => {
  const change = nextTopology(objectsOf(...nodes).nodes, topology);
  expect(change.topology).toBe(topology);
  expect([...change.nodes, ...change.zones]).toEqual([]);
});

describe("a zone name that two regions have", () => {
  const pair = [node("n1", "a", "us"), node("n2", "a", "eu"), node("n3", "b", "us")];
  const { topology: twice } = nextTopology(objectsOf(...pair).nodes, emptyModel.topology);
  test.each([
    ["gives an endpoint the region of its node", { zone: "a", nodeName: "n1" }, "us"],
    ["gives an endpoint without zone the region of its node", { nodeName: "n1" }, "us"],
    ["gives an endpoint whose node is in another zone the first of both", { zone: "a", nodeName: "n3" }, "eu"],
    ["gives an endpoint without node the first of both", { zone: "a" }, "eu"],
  ])("%s", (_, endpoint, region) => {
    expect(zoneOf(twice, endpoint)).toMatchObject({ region });
  });
  test.each([
    ["the one that it names", "us", "us"],
    ["the first when it names neither", "asia", "eu"],
  ])("gives a client %s", (_, told, region) => {
    expect(zoneClassOf({ zone: "a", region: told }, twice)).toEqual({ kind: "known", zone: { region, zone: "a" } });
  });
  test("gives a client the region of its node, whatever it says", () => {
    const client = { zone: "a", region: "eu", node: "n1" };
    expect(zoneClassOf(client, twice)).toMatchObject({ zone: { region: "us", zone: "a" } });
  });
  test("has the same regions in any order of Nodes", () => {
    const reversed = nextTopology(objectsOf(...pair.toReversed()).nodes, twice);
    expect(reversed.topology).toBe(twice);
  });
});

test("a node that moves touches the Services that stand on it, and those in a zone whose region it changes", () => {
  const onNode = slice([ready("10.0.0.1", { nodeName: "n1" })], { service: "on-node", name: "1" });
  const inZone = slice([ready("10.0.0.2", { zone: "a" })], { service: "in-zone", name: "2" });
  const byNode = slice([ready("10.0.0.3", { nodeName: "n5" })], { service: "by-node", name: "3" });
  const elsewhere = slice([ready("10.0.0.4", { nodeName: "n2" })], { service: "elsewhere", name: "4" });
  const before = nextTopology(objectsOf(...nodes, node("n5", "a")).nodes, emptyModel.topology).topology;
  const objects = objectsOf(
    node("n1", "a", "us"),
    ...nodes.slice(1),
    node("n5", "a"),
    onNode,
    inZone,
    byNode,
    elsewhere,
  );
  const touched = servicesAt(objects, nextTopology(objects.nodes, before));
  expect(touched.toSorted()).toEqual(["default/by-node", "default/in-zone", "default/on-node"]);
});

test("a Node that becomes known gives its endpoints their zone", () => {
  const objects = [service(), slice([ready("10.0.0.1", { nodeName: "n1" })])];
  const previous = modelOf(...objects);
  const touched = { services: new Set<string>(), topology: true };
  const { model, changed } = derive(input(objectsOf(...objects, node("n1", "a", "eu")), { touched }), previous);
  expect(model.workloads.get("greeter.default:8080")?.endpoints[0]?.zone).toEqual({ region: "eu", zone: "a" });
  expect([...changed.workloads]).toEqual(["greeter.default:8080"]);
});

describe("a client is of", () => {
  test.each([
    ["the zone that it names, with the region that nodes give it", { zone: "a", region: "us" }, "known", ["eu", "a"]],
    ["the zone and region that it names, when no node is there", { zone: "z", region: "us" }, "known", ["us", "z"]],
    ["the zone of its node", { node: "n1" }, "known", ["eu", "a"]],
    ["the zone of its node when the one it names is empty", { zone: "", node: "n1" }, "known", ["eu", "a"]],
    ["an unknown zone when its node has none", { node: "n3" }, "unknown", undefined],
    ["an unknown zone when its node is unknown", { node: "n9" }, "unknown", undefined],
    ["an unknown zone when it says nothing", {}, "unknown", undefined],
  ])("%s", (_, client, kind, zone) => {
    const found = zoneClassOf(client, topology);
    const place = found.kind === "known" ? [found.zone.region, found.zone.zone] : undefined;
    expect([found.kind, place]).toEqual([kind, zone]);
    expect(found.node).toBe("node" in client ? client.node : undefined);
  });
});

describe("a client that names its region stands in the zone of its neighbours", () => {
  const alone = { region: "eu", zone: "b" };
  test("when no Node gives that zone a region", () => {
    expect(zoneClassOf(alone, topology)).toEqual({ kind: "known", zone: zoneOf(topology, { zone: "b" }) });
  });
  test("when there are no Nodes at all", () => {
    const { topology: none } = emptyModel;
    expect(zoneClassOf(alone, none)).toEqual({ kind: "known", zone: zoneOf(none, { zone: "b" }) });
  });
  test("and in its own region where Nodes have regions and none is in its zone", () => {
    expect(zoneClassOf({ region: "eu", zone: "z" }, topology)).toEqual({
      kind: "known",
      zone: { region: "eu", zone: "z" },
    });
  });
});
