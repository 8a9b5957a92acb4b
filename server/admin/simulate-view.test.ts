import { Compile } from "typebox/compile";
import { afterAll, describe, expect, test } from "vitest";
import { readObject } from "../sources/object.ts";
import { admin, inSync, inZoneA, member, published, starting, status } from "./fixtures.ts";

const members = [
  member("s1", [inSync], { zoneClass: inZoneA }),
  member("s2", [inSync], { zoneClass: { kind: "known", zone: { region: "eu", zone: "b" } } }),
];
const simulating = { readObject, defaultMode: "weighted" as const };
const server = await admin({ members, options: { simulating } });
afterAll(() => server.app.close());

const ask = (body: string | object) => server.post("/v1/simulate", body);

const greeter = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "greeter", annotations: { "evenkeel.dev/zone-mode": "spread" } },
  spec: { ports: [{ name: "grpc", port: 8080 }] },
};

test("before is what is served and after what would be, with who would be sent it", async () => {
  const answer = await ask({ scale: [{ service: "default/greeter", zone: "b", to: 3 }], clients: { a: 3, b: 1 } });
  expect([answer.status, answer.json()]).toMatchObject([
    200,
    {
      ports: [
        {
          resourceName: "greeter.default:8080",
          changed: true,
          pushedTo: 2,
          notes: [],
          before: { mode: "weighted", modeFrom: "default", endpoints: 2, crossZonePercent: 0, mostPercent: 100 },
          after: {
            endpoints: 4,
            crossZonePercent: 14.28,
            crossRegionPercent: 0,
            zones: [
              { region: "eu", zone: "a", endpoints: 1, loadPercent: 100.01 }, // its weights are whole numbers
              { region: "eu", zone: "b", endpoints: 3, loadPercent: 100 },
            ],
            flow: [
              {
                from: { region: "eu", zone: "a" },
                demandPercent: 39.29,
                to: [
                  { region: "eu", zone: "a", percent: 63.64 },
                  { region: "eu", zone: "b", percent: 36.36 },
                ],
              },
              { from: { region: "eu", zone: "b" }, demandPercent: 60.71, to: [{ zone: "b", percent: 100 }] },
            ],
          },
        },
      ],
      passedOver: 0,
      problems: [],
      connected: 2,
      pushes: { streams: 2, byType: [{ type: "assignment", streams: 2 }] },
    },
  ]);
});

test("nothing imagined is nothing looked at", async () => {
  const answer = await ask({});
  const nothing = { ports: [], passedOver: 0, problems: [], connected: 2, pushes: { streams: 0, byType: [] } };
  expect([answer.status, answer.json()]).toEqual([200, nothing]);
});

test("objects are read as Kubernetes writes them", async () => {
  const { ports } = (await ask({ objects: [greeter] })).json();
  expect(ports.map(({ after }: { after: { mode: string } }) => after.mode)).toEqual(["spread"]);
});

test("what is served stays as it is", async () => {
  const before = (await server.get("/v1/snapshot")).text;
  await ask({ zonesGone: ["a"], objects: [greeter] });
  expect((await server.get("/v1/snapshot")).text).toBe(before);
});

test("the OpenAPI document describes the question and the answer", async () => {
  const { post } = (await server.get("/openapi.json")).json().paths["/v1/simulate"];
  const json = "application/json";
  const answer = (await ask({ zonesGone: ["a"] })).json();
  expect(Compile(post.requestBody.content[json].schema).Check({ zonesGone: ["a"] })).toBe(true);
  expect([...Compile(post.responses["200"].content[json].schema).Errors(answer)]).toEqual([]);
});

describe("what is wrong is told with where it is and what is allowed", () => {
  const scale = (more: object) => ({ scale: [{ service: "default/greeter", zone: "a", to: 1, ...more }] });

  test.each<[object, object]>([
    [
      { zoneGone: ["a"] },
      {
        code: "unknown-field",
        message: 'the body has no field "zoneGone"',
        allowed: ["objects", "zonesGone", "scale", "clients", "services"],
      },
    ],
    [
      scale({ by: 2 }),
      { code: "unknown-field", message: 'scale[0] has no field "by"', allowed: ["service", "zone", "to"] },
    ],
    [{ scale: [{ service: "default/greeter" }] }, { code: "bad-value", message: "scale[0] lacks to" }],
    [scale({ to: -1 }), { code: "bad-value", message: "scale[0].to must be >= 0, and is -1" }],
    [scale({ to: 2001 }), { code: "bad-value", message: "scale[0].to must be <= 2000, and is 2001" }],
    [scale({ to: "3" }), { code: "bad-value", message: 'scale[0].to must be integer, and is "3"' }],
    [scale({ to: null }), { code: "bad-value", message: "scale[0].to must be integer, and is null" }],
    [
      scale({ service: "greeter" }),
      { code: "bad-value", message: 'scale[0].service must be namespace/name, and is "greeter"' },
    ],
    [{ clients: { "eu/a": 1.5 } }, { code: "bad-value", message: 'clients["eu/a"] must be integer, and is 1.5' }],
    [{ zonesGone: "a" }, { code: "bad-value", message: 'zonesGone must be array, and is "a"' }],
    [
      { zonesGone: Array(101).fill("a") },
      { code: "bad-value", message: expect.stringContaining("more than 100 items") },
    ],
    [[], { code: "bad-value", message: "the body must be object, and is []" }],
    [
      { zonesGone: ["x"] },
      {
        code: "unknown-zone",
        message: expect.stringContaining("zonesGone[0]: "),
        allowed: ["eu/a", "eu/b"],
        nearest: [],
      },
    ],
    [
      { services: ["default/greter"] },
      {
        code: "unknown-service",
        message: expect.any(String),
        allowed: expect.arrayContaining(["default/greeter"]),
        nearest: ["default/greeter"],
      },
    ],
    [{ objects: [greeter, 5] }, { code: "bad-object", message: "objects[1]: must be an object" }],
    [
      { objects: [{ ...greeter, kind: "Deployment" }] },
      {
        code: "bad-object",
        message: 'objects[0]: kind must be one of Service, EndpointSlice, Node, Namespace, not "Deployment"',
      },
    ],
    [
      { objects: [{ ...greeter, apiVersion: "v2" }] },
      { code: "bad-object", message: 'objects[0]: apiVersion of kind Service must be v1, not "v2"' },
    ],
    [
      { objects: [{ ...greeter, spec: { ports: [{ port: 0 }] } }] },
      {
        code: "bad-object",
        message: expect.stringMatching(/^objects\[0\]: Service default\/greeter: spec\.ports\[0\]\.port must be /),
      },
    ],
  ])("%j", async (body, error) => {
    const answer = await ask(body);
    expect([answer.status, answer.json()]).toEqual([400, { error }]);
  });
});

test.each([
  ["{", { "content-type": "application/json" }, 400, "bad-body"],
  ["", { "content-type": "application/json" }, 400, "bad-body"],
  ["{}", { "content-type": "text/plain" }, 415, "body-not-json"],
  [JSON.stringify({ zonesGone: ["x".repeat(2 ** 20)] }), { "content-type": "application/json" }, 413, "body-too-large"],
])("a body that cannot be read is refused (case %#)", async (body, headers, code, word) => {
  const answer = await server.post("/v1/simulate", body, headers);
  expect([answer.status, answer.json().error.code]).toEqual([code, word]);
});

test("it is answered on loopback alone, and to own names alone", async () => {
  await using open = await admin({ options: { listen: { host: "0.0.0.0", port: 0 } } });
  const far = await open.app.inject({ method: "POST", url: "/v1/simulate", payload: {}, remoteAddress: "10.0.0.9" });
  const foreign = await server.post("/v1/simulate", {}, { host: "evil.example" });
  expect([far.statusCode, foreign.status]).toEqual([403, 403]);
});

test("before the first snapshot it says what is waited for", async () => {
  await using own = await admin({ published: undefined, options: { status: () => starting } });
  expect((await own.post("/v1/simulate", {})).status).toBe(503);
});

test("Services that ask for no mode have the one of the server", async () => {
  const spread = { ...simulating, defaultMode: "spread" as const };
  await using own = await admin({ published, options: { status: () => status, simulating: spread } });
  const { ports } = (await own.post("/v1/simulate", { services: ["default/greeter"] })).json();
  expect(ports[0].after.modeFrom).toContain("default");
  expect(ports[0].after.mode).toBe("spread");
});
