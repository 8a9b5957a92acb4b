import { expect, test } from "vitest";
import { admin, starting, status } from "./fixtures.ts";

test("health is 200 whatever the state", async () => {
  await using server = await admin({ published: undefined, options: { status: () => starting } });
  const answer = await server.get("/healthz");
  expect([answer.status, answer.json()]).toEqual([200, { status: "ok" }]);
});

test("a server that has published is ready", async () => {
  await using server = await admin();
  const answer = await server.get("/readyz");
  expect([answer.status, answer.json()]).toEqual([200, { status: "serving", waitingFor: [] }]);
});

test("a server that has not read everything is not ready and says what is missing", async () => {
  await using server = await admin({ published: undefined, options: { status: () => starting } });
  const answer = await server.get("/readyz");
  expect([answer.status, answer.json()]).toEqual([
    503,
    { status: "starting", waitingFor: ["EndpointSlice of manifests"] },
  ]);
});

test("a server that drains is not ready", async () => {
  await using server = await admin({ options: { isDraining: () => true } });
  const answer = await server.get("/readyz?verbose");
  expect([answer.status, answer.json().status, answer.json().details.xds]).toEqual([503, "draining", "not serving"]);
});

test("a source that broke after its first read makes nothing unready, and says why it is broken", async () => {
  const sources = [{ name: "manifests", healthy: false, detail: "permission denied", since: 0 }];
  await using server = await admin({ options: { status: () => ({ ...status, sources }) } });
  const answer = await server.get("/readyz?verbose");
  expect(answer.status).toBe(200);
  expect(answer.json().details.sources[0]).toMatchObject({ healthy: false, detail: "permission denied" });
});

test("verbose lists sources and feeds with what was read, and when something was last published", async () => {
  await using server = await admin();
  expect((await server.get("/readyz?verbose")).json().details).toEqual({
    xds: "serving",
    draining: false,
    lastPublishSeconds: 5,
    sources: [{ name: "manifests", healthy: true, detail: "reads /manifests", ageSeconds: 60 }],
    feeds: [{ source: "manifests", kind: "Service", ready: true, objects: 4 }],
  });
});
