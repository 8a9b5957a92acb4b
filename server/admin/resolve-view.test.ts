import { describe, expect, test } from "vitest";
import { objectsOf, ready, service, slice, terminating, unready } from "../../snapshots/derive/fixtures.ts";
import type { Objects } from "../../snapshots/objects.ts";
import { annotated, at, even, inMode, nodes } from "../../snapshots/plan/fixtures.ts";
import { CLIENT_KINDS } from "../../snapshots/resources/client-kind.ts";
import { wholeSnapshot } from "../../snapshots/whole.ts";
import type { ResolveAnswer } from "./api-resolve.ts";
import { admin } from "./fixtures.ts";

const publishedOf = (objects: Objects) => ({
  objects,
  snapshot: wholeSnapshot(objects),
  sourceProblems: new Map(),
});

async function ask(query: string, objects: Objects = objectsOf(service(), slice(even), ...nodes)) {
  await using server = await admin({ published: publishedOf(objects) });
  const answer = await server.get(`/v1/services/default/greeter/resolve?${query}`);
  expect(answer.status).toBe(200);
  return answer.json() as ResolveAnswer;
}

const lines = ({ localities }: ResolveAnswer): string[] =>
  localities.map(({ priority, region, zone, subZone, weight, percent, reason, endpoints }) =>
    [priority, `${region}/${zone}`, ...(subZone ? [subZone] : []), weight, percent, reason, endpoints.length].join(" "),
  );

test("every zone has its priority, weight and percentage with a reason", async () => {
  const answer = await ask("zone=a");
  expect(lines(answer)).toEqual([
    "0 eu/a 10000 100 own zone 2",
    "1 eu/b 2 100 failover to own region 2",
    "2 us/c 2 100 failover to another region 2",
  ]);
  expect(answer).toMatchObject({
    resourceName: "greeter.default:8080",
    seenBy: { kind: "grpc", zone: { region: "eu", zone: "a" } },
    mode: "weighted",
    modeFrom: "default",
    localPercent: 100,
  });
});

test("what stays in the own zone is a part of the first priority", async () => {
  const demand = annotated({ "evenkeel.dev/demand": "a=2,b=1,c=1" });
  const answer = await ask("zone=a", objectsOf(service(demand), slice(even), ...nodes));
  expect(lines(answer)).toEqual([
    "0 eu/a 6667 66.67 own zone 2",
    "0 eu/b 1667 16.67 own region, for what nearer zones cannot serve 2",
    "0 us/c 1666 16.66 another region, for what nearer zones cannot serve 2",
  ]);
  expect(answer.localPercent).toBe(66.67);
  expect(answer.zones).toEqual([
    { region: "eu", zone: "a", demandPercent: 50, capacityPercent: 33.33 },
    { region: "eu", zone: "b", demandPercent: 25, capacityPercent: 33.33 },
    { region: "us", zone: "c", demandPercent: 25, capacityPercent: 33.33 },
  ]);
});

test("clients of an unknown zone have no local share, and modes that ignore demand show none", async () => {
  const answer = await ask("", objectsOf(service(inMode("spread")), slice(even), ...nodes));
  expect(answer.localities.map(({ reason }) => reason)).toEqual(Array(3).fill("spread evenly"));
  expect(answer.localPercent).toBeUndefined();
  expect(answer.zones.map(({ demandPercent }) => demandPercent)).toEqual([undefined, undefined, undefined]);
  expect(answer.modeFrom).toBe("annotation evenkeel.dev/zone-mode");
});

describe("each endpoint that is left out says why", () => {
  const mixed = [at("a", 1), at("a", 2, terminating), at("a", 3, unready), at("b", 1)];
  const drains = "it terminates and still serves: Envoy is told that it drains, gRPC is not sent it";
  const unsent = "it is not in the zone of these clients, which alone serves them";

  test.each([
    ["grpc", "filter", [`10.0.1.2 ${drains}`, `10.0.2.1 ${unsent}`, "10.0.1.3 it is not ready"]],
    ["envoy", "filter", [`10.0.2.1 ${unsent}`, "10.0.1.3 it is not ready"]],
    ["envoy", "weighted", ["10.0.1.3 it is not ready"]],
  ])("to %s in mode %s", async (kind, mode, expected) => {
    const { leftOut } = await ask(`zone=a&kind=${kind}`, objectsOf(service(inMode(mode)), slice(mixed), ...nodes));
    expect(leftOut.map(({ address, why }) => `${address} ${why}`)).toEqual(expected);
  });

  test("in mode local to clients of another node", async () => {
    const local = service({ internalTrafficPolicy: "Local" });
    const { leftOut } = await ask("node=n-a", objectsOf(local, slice([at("a", 1), at("b", 1)]), ...nodes));
    expect(leftOut).toEqual([
      { address: "10.0.2.1", port: 8080, why: "it is not on the node of these clients, which alone serves them" },
    ]);
  });

  test("to Envoy where it drains in a zone that has nothing else", async () => {
    const { leftOut } = await ask("kind=envoy", objectsOf(service(), slice([at("a", 1), at("b", 1, terminating)])));
    expect(leftOut.map(({ why }) => why)).toEqual([
      "it terminates, and no ready endpoint beside it serves these clients",
    ]);
  });
});

test("what keeps clients from being served as the Service asks is told (H14)", async () => {
  const { problem } = await ask("zone=a", objectsOf(service({ internalTrafficPolicy: "Local" }), slice(even)));
  expect(problem?.code).toBe("client-node-unknown");
});

test("with no endpoint the assignment is empty", async () => {
  expect(await ask("zone=a", objectsOf(service()))).toMatchObject({ localities: [], zones: [], leftOut: [] });
});

const twoPorts = service({
  ports: [
    { name: "web", port: 80, protocol: "TCP" },
    { name: "", port: 81, protocol: "TCP" },
  ],
});

test.each([
  ["port=80", "greeter.default:80"],
  ["port=web", "greeter.default:80"],
  ["port=81", "greeter.default:81"],
])("%s leads to %s", async (query, name) => {
  expect((await ask(query, objectsOf(twoPorts))).resourceName).toBe(name);
});

test.each([
  [
    "default/greeter/resolve",
    400,
    "no-default-port",
    ["80", "web", "81"],
    ["greeter.default:80", "greeter.default:81"],
  ],
  [
    "default/greeter/resolve?port=9",
    404,
    "unknown-port",
    ["80", "web", "81"],
    ["greeter.default:80", "greeter.default:81"],
  ],
  ["default/greter/resolve?port=80", 404, "unknown-service", undefined, ["greeter.default:80"]],
  ["shop/greeter/resolve?port=web", 404, "unknown-namespace", undefined, ["greeter.default:80"]],
  ["default/greeter/resolve?port=80&region=eu", 400, "bad-value", undefined, undefined],
  ["default/greeter/resolve?port=80&kind=go", 400, "bad-value", [...CLIENT_KINDS.keys()], undefined],
  ["default/greeter/resolve?port=A", 400, "bad-value", undefined, undefined],
])("%s gets %i %s with what is allowed and what is near", async (path, status, code, allowed, nearest) => {
  await using server = await admin({ published: publishedOf(objectsOf(twoPorts)) });
  const answer = await server.get(`/v1/services/${path}`);
  const { error } = answer.json();
  expect([answer.status, error.code, error.allowed, error.nearest]).toEqual([status, code, allowed, nearest]);
});

test("a name whose resources were refused gets 404 with where to look", async () => {
  const published = publishedOf(objectsOf(service(), slice([ready("10.0.0.1")])));
  const { snapshot } = published;
  const workloads = snapshot.workloads.with([["greeter.default:8080", undefined]]);
  await using server = await admin({ published: { ...published, snapshot: { ...snapshot, workloads } } });
  const answer = await server.get("/v1/services/default/greeter/resolve");
  expect([answer.status, answer.json().error.code]).toEqual([404, "refused"]);
});
