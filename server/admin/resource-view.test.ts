import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../snapshots/balance/zone.ts";
import { ASSIGNMENT } from "../../snapshots/type-url.ts";
import { viewOf } from "../../snapshots/view.ts";
import { admin, inZoneA, published } from "./fixtures.ts";

const named = (resources: readonly { type: string; name: string }[]): string[] =>
  resources.map(({ type, name }) => `${type} ${name}`);

test("all resources are listed with their canonical names, those of one name together", async () => {
  await using server = await admin();
  const { resources, total } = (await server.get("/v1/snapshot?limit=5")).json();
  expect(total).toBe(16);
  expect(named(resources)).toEqual([
    "listener billing.shop:8080",
    "route billing.shop:8080",
    "cluster billing.shop:8080",
    "assignment billing.shop:8080",
    "listener greeter.default:8080",
  ]);
});

test("every packed message inside a resource is shown as what it is", async () => {
  await using server = await admin();
  const [{ resource }] = (await server.get("/v1/snapshot?type=listener&name=greeter.default:8080")).json().resources;
  const manager = resource.apiListener.apiListener;
  expect(Object.keys(resource)[0]).toBe("@type");
  expect(manager["@type"]).toMatch(/\.HttpConnectionManager$/);
  expect(manager.httpFilters[0].typedConfig["@type"]).toMatch(/\.Router$/);
  expect(JSON.stringify(resource)).not.toContain('"typeUrl"');
});

test("the version is the one that a client of that zone and kind is sent", async () => {
  await using server = await admin();
  const versionFor = async (query: string): Promise<string> =>
    (await server.get(`/v1/snapshot?type=assignment&name=greeter.default:8080${query}`)).json().resources[0].version;
  const sent = (zoneClass: typeof inZoneA, kind: "grpc" | "envoy"): string | undefined =>
    viewOf(published.snapshot, zoneClass, kind).get(ASSIGNMENT, "greeter.default:8080")?.version;
  expect(await versionFor("&zone=a&region=eu")).toBe(sent(inZoneA, "grpc"));
  expect(await versionFor("&zone=a&kind=envoy")).toBe(sent(inZoneA, "envoy"));
  expect(await versionFor("")).toBe(sent(UNKNOWN, "grpc"));
  expect(await versionFor("")).not.toBe(await versionFor("&zone=a"));
});

test.each([
  ["zone=a", { kind: "grpc", zone: { region: "eu", zone: "a" } }],
  ["zone=new&region=us", { kind: "grpc", zone: { region: "us", zone: "new" } }],
  ["node=node-b&kind=envoy", { kind: "envoy", zone: { region: "eu", zone: "b" }, node: "node-b" }],
  ["node=nowhere", { kind: "grpc", node: "nowhere" }],
])("with %s the answer says whose view it is", async (query, seenBy) => {
  await using server = await admin();
  expect((await server.get(`/v1/snapshot?${query}`)).json().seenBy).toEqual(seenBy);
});

test("a listener is found under any name that a client may dial, and answered as asked", async () => {
  await using server = await admin();
  const { resources, total } = (await server.get("/v1/snapshot?name=greeter.default.svc:grpc")).json();
  expect([named(resources), total]).toEqual([["listener greeter.default.svc:grpc"], 1]);
});

test("a name that nobody has gets 404 with why and the nearest names", async () => {
  await using server = await admin();
  const answer = await server.get("/v1/snapshot?type=cluster&name=greeter.default:9");
  const message =
    "no cluster is named greeter.default:9: Service default/greeter has no TCP port 9; it has 8080 (grpc)";
  expect([answer.status, answer.json().error]).toEqual([
    404,
    { code: "no-such-resource", message, nearest: ["greeter.default:8080"] },
  ]);
});

describe("a Service that only its own node may serve (H14)", () => {
  const { snapshot } = published;
  const name = "greeter.default:8080";
  const greeter = snapshot.workloads.get(name);
  const spec = greeter && { ...greeter.spec, policy: { ...greeter.spec.policy, mode: "local" as const } };
  const workloads = snapshot.workloads.with([[name, greeter && spec && { ...greeter, spec }]]);
  const local = { ...published, snapshot: { ...snapshot, workloads } };

  test.each([
    ["is a problem for a client whose node is unknown", "", ["client-node-unknown"]],
    ["is none for a client whose node is known", "&node=node-b", []],
  ])("%s", async (_, more, codes) => {
    await using server = await admin({ published: local });
    const { problems } = (await server.get(`/v1/snapshot?name=${name}${more}`)).json();
    expect(problems.map(({ code }: { code: string }) => code)).toEqual(codes);
  });
});
