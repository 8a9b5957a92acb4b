import { expect, test } from "vitest";
import { CLUSTER } from "../../snapshots/type-url.ts";
import type { TypeStatus } from "../roster.ts";
import { admin, inSync, inZoneA, member, NOW, waiting } from "./fixtures.ts";

const stale: TypeStatus = { ...inSync, sentVersion: "v3", sentAt: NOW - 400 };
const refused: TypeStatus = { ...stale, refused: { message: "bad weight", version: "v3", at: NOW - 300 } };

test.each([
  ["in-sync", inSync, 0.9],
  ["stale", stale, 0.4],
  ["refused", refused, 0.3],
  ["waiting", waiting, 10],
  ["waiting", { ...waiting, names: [], unresolved: [], wildcard: true }, 10],
  ["in-sync", { ...waiting, names: [], unresolved: [] }, 10],
])("a stream is %s with a type, for as long as it has been", async (state, status, ageSeconds) => {
  await using server = await admin({ members: [member("s1", [status])] });
  const [{ streams }] = (await server.get("/v1/clients")).json().nodes;
  expect(streams[0].types[0]).toMatchObject({ state, ageSeconds });
});

test("a stream that is sent again what it acknowledged before is stale until it answers", async () => {
  const again = { ...inSync, sentAt: NOW - 100 };
  await using server = await admin({ members: [member("s1", [again])] });
  const [{ streams }] = (await server.get("/v1/clients")).json().nodes;
  expect(streams[0].types[0].state).toBe("stale");
});

test("B17: streams with the same node id stand together, each with its own id", async () => {
  const node = { ...member("x").node, id: "shared" };
  await using server = await admin({ members: ["s2", "s1"].map((id) => member(id, [inSync], { node })) });
  const { nodes } = (await server.get("/v1/clients")).json();
  const ids = nodes.map((one: { streams: { id: string }[] }) => one.streams.map(({ id }) => id));
  expect([nodes[0].nodeId, ids]).toEqual(["shared", [["s1", "s2"]]]);
});

test.each([
  ["kind=envoy", ["s2"]],
  ["zone=a", ["s1"]],
  ["zone=unknown", ["s2", "s3"]],
  ["state=refused", ["s2"]],
  ["state=waiting&kind=grpc", ["s3"]],
  ["zone=b", []],
])("the filter %s leaves the streams that it names", async (filter, ids) => {
  const members = [
    member("s1", [inSync], { zoneClass: inZoneA }),
    member("s2", [inSync, refused], { kind: "envoy" }),
    member("s3", [waiting]),
  ];
  await using server = await admin({ members });
  const { nodes, total } = (await server.get(`/v1/clients?${filter}`)).json();
  const found = nodes.flatMap((one: { streams: { id: string }[] }) => one.streams.map(({ id }) => id));
  expect([found, total]).toEqual([ids, ids.length]);
});

test("clients are shown before anything is served", async () => {
  await using server = await admin({ published: undefined, members: [member("s1")] });
  expect((await server.get("/v1/clients")).json().total).toBe(1);
});

test("one stream has its node, its zone and where it came from, and what it asked for, was sent and answered", async () => {
  const node = {
    id: "shop-1",
    cluster: "shop",
    userAgentName: "gRPC Go",
    userAgentVersion: "1.80.0",
    metadata: { POD_NAME: "shop-1" },
    features: ["xds.config.resource-in-sotw"],
  };
  const one = member("s1", [inSync], { node, zoneClass: inZoneA, zoneFrom: "node.metadata.NODE_NAME" });
  await using server = await admin({ members: [one] });
  expect((await server.get("/v1/clients/s1")).json()).toEqual({
    id: "s1",
    variant: "sotw",
    kind: "grpc",
    kindInWords: "gRPC of another language",
    sentOtherwise: [],
    unfollowed: [],
    userAgent: "gRPC Go 1.80.0",
    zone: { region: "eu", zone: "a" },
    zoneFrom: "node.metadata.NODE_NAME",
    node: "node-a",
    peer: "127.0.0.1:40000",
    since: "2029-12-31T23:59:50.000Z",
    ageSeconds: 10,
    nodeInfo: node,
    types: [
      {
        type: "assignment",
        state: "in-sync",
        ageSeconds: 0.9,
        wildcard: false,
        names: ["greeter.default:8080"],
        namesTotal: 1,
        unresolved: [],
        unresolvedTotal: 0,
        sent: { version: "v2", ageSeconds: 1 },
        acked: { version: "v2", ageSeconds: 0.9 },
      },
    ],
  });
});

test("S32: the text of a NACK is shown in full", async () => {
  const message = "x".repeat(50_000);
  const status = { ...stale, refused: { message, version: "v3", at: NOW } };
  await using server = await admin({ members: [member("s1", [status])] });
  const [type] = (await server.get("/v1/clients/s1")).json().types;
  expect(type.refused).toEqual({ version: "v3", message, ageSeconds: 0 });
});

test("values of metadata that look secret are masked, at any depth", async () => {
  const metadata = { apiKey: "1", NAMESPACE: "shop", nested: [{ Authorization: "Bearer x", zone: "a", none: null }] };
  const node = { ...member("x").node, metadata };
  await using server = await admin({ members: [member("s1", [], { node })] });
  expect((await server.get("/v1/clients/s1")).json().nodeInfo.metadata).toEqual({
    apiKey: "***",
    NAMESPACE: "shop",
    nested: [{ Authorization: "***", zone: "a", none: null }],
  });
});

test("of very many names the first thousand are shown, and each is cut, but all are counted", async () => {
  const names = Array.from({ length: 3000 }, (_, at) => `${String(at).padStart(4, "0")}${"x".repeat(2000)}`);
  await using server = await admin({ members: [member("s1", [{ ...waiting, names, unresolved: names }])] });
  const [type] = (await server.get("/v1/clients/s1")).json().types;
  expect([type.namesTotal, type.unresolvedTotal, type.names.length, type.unresolved.length]).toEqual([
    3000, 3000, 1000, 1000,
  ]);
  expect(type.names[0]).toHaveLength(1001);
});

test("a stream that does not exist gets 404, with the streams of the node of that id if it is one", async () => {
  await using server = await admin({ members: [member("s100"), member("s200")] });
  const byNode = await server.get("/v1/clients/node%20of%20s200");
  const misspelled = await server.get("/v1/clients/s10");
  expect([byNode.status, byNode.json().error.nearest]).toEqual([404, ["s200"]]);
  expect([misspelled.status, misspelled.json().error.nearest]).toEqual([404, ["s100"]]);
});

test("a stream says what it is sent otherwise, and what its Services ask for and it does not do", async () => {
  const cluster: TypeStatus = { ...inSync, typeUrl: CLUSTER };
  await using server = await admin({ members: [member("s1", [cluster], { kind: "armeria" })] });
  const { kindInWords, sentOtherwise, unfollowed } = (await server.get("/v1/clients/s1")).json();
  expect([kindInWords, sentOtherwise, unfollowed]).toEqual([
    "Armeria",
    [expect.stringContaining("cluster: no list of policies"), expect.stringContaining("route: ")],
    [{ cluster: "greeter.default:8080", annotation: "evenkeel.dev/lb: two_choices", instead: "round robin" }],
  ]);
});

test("gRPC of every language is found by the filter kind=grpc", async () => {
  const members = (["grpc-go", "grpc", "envoy", "grpc-node"] as const).map((kind, i) => member(`s${i}`, [], { kind }));
  await using server = await admin({ members });
  expect((await server.get("/v1/clients?kind=grpc")).json().total).toBe(3);
  expect((await server.get("/v1/clients?kind=grpc-go")).json().total).toBe(1);
});
