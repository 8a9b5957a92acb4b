import { expect, test } from "vitest";
import { derive } from "../../snapshots/derive/derive.ts";
import { everything, input, objectsOf, ready, service, slice, terminating } from "../../snapshots/derive/fixtures.ts";
import { emptyModel } from "../../snapshots/derive/model.ts";
import { nextSnapshot } from "../../snapshots/snapshot.ts";
import { admin, inSync, member } from "./fixtures.ts";

test("Services are listed in order of namespace and name", async () => {
  await using server = await admin();
  const { total, services } = (await server.get("/v1/services")).json();
  const names = services.map((one: { namespace: string; name: string }) => `${one.namespace}/${one.name}`);
  expect(total).toBe(4);
  expect(names).toEqual(["default/greeter", "default/outside", "default/two-ports", "shop/billing"]);
});

test("a line has ports, names, endpoints in and out, clients and problems", async () => {
  await using server = await admin({ members: [member("s1"), member("s2")] });
  const { services } = (await server.get("/v1/services?namespace=default")).json();
  expect(services).toEqual([
    {
      namespace: "default",
      name: "greeter",
      ports: [{ port: 8080, name: "grpc" }],
      resourceNames: ["greeter.default:8080"],
      endpoints: { in: 3, out: 1 },
      clients: 2,
      problems: 0,
    },
    {
      namespace: "default",
      name: "outside",
      notServed: "it is of type ExternalName: dial its external name with dns:///",
      ports: [],
      resourceNames: [],
      endpoints: { in: 0, out: 0 },
      clients: 0,
      problems: 0,
    },
    {
      namespace: "default",
      name: "two-ports",
      ports: [
        { port: 80, name: "web" },
        { port: 81, name: "" },
      ],
      resourceNames: ["two-ports.default:80", "two-ports.default:81"],
      endpoints: { in: 0, out: 0 },
      clients: 0,
      problems: 1,
    },
  ]);
});

test("a stream that asks for two ports of a Service counts once", async () => {
  const both = { ...inSync, names: ["two-ports.default:80", "two-ports.default:81"] };
  await using server = await admin({ members: [member("s1", [both])] });
  const { services } = (await server.get("/v1/services?namespace=default&after=default/outside")).json();
  expect(services.map(({ clients }: { clients: number }) => clients)).toEqual([1]);
});

test("pages follow each other without a gap", async () => {
  await using server = await admin();
  const first = (await server.get("/v1/services?limit=3")).json();
  const second = (await server.get(`/v1/services?limit=3&after=${encodeURIComponent(first.next)}`)).json();
  expect([first.services.length, first.next, second.services.length, second.next]).toEqual([
    3,
    "default/two-ports",
    1,
    undefined,
  ]);
});

test("one Service has its endpoints by zone, and why each is in or out", async () => {
  await using server = await admin();
  const [port] = (await server.get("/v1/services/default/greeter")).json().ports;
  const drains = "it terminates and still serves: Envoy is told that it drains, gRPC is not sent it";
  const healthy = { port: 8080, health: "healthy", why: "it is ready" };
  expect(port.zones).toEqual([
    { region: "eu", zone: "a", endpoints: [{ address: "10.0.0.1", node: "node-a", ...healthy }] },
    {
      region: "eu",
      zone: "b",
      endpoints: [
        { address: "10.0.0.2", node: "node-b", ...healthy },
        { address: "10.0.0.3", node: "node-b", port: 8080, health: "draining", why: drains },
      ],
    },
  ]);
  expect(port.leftOut).toEqual([{ address: "10.0.0.4", port: 8080, slice: "greeter-1", why: "it is not ready" }]);
});

test("an endpoint that warms up says how far it is", async () => {
  const owner = service({ annotations: { "evenkeel.dev/warm-up": "9s" } });
  const few = ["10.0.0.1", "10.0.0.2"];
  const before = snapshotFrom(emptyModel, objectsOf(owner, slice(few.map((address) => ready(address)))), 0).model;
  const objects = objectsOf(owner, slice([...few, "10.0.0.3"].map((address) => ready(address))));
  const { model, changed } = snapshotFrom(snapshotFrom(before, objects, 10_000).model, objects, 13_000);
  const snapshot = nextSnapshot(model, changed, undefined, { clusterDomain: "cluster.local" });
  await using server = await admin({ published: { snapshot, objects, sourceProblems: new Map() } });
  const [port] = (await server.get("/v1/services/default/greeter")).json().ports;
  const whys = port.zones[0].endpoints.map(({ why }: { why: string }) => why);
  expect(whys).toEqual(["it is ready", "it is ready", "it is ready; warming, 40 % of its share"]);
  expect(port.policy.warmUpMs).toBe(9000);
});

test("one Service has the flow from every zone of clients, in percent, and what decided its policy", async () => {
  await using server = await admin();
  const [port] = (await server.get("/v1/services/default/greeter")).json().ports;
  const [a, b] = ["a", "b"].map((zone) => ({ region: "eu", zone }));
  expect(port.flow).toEqual([
    { from: a, demandPercent: 50, to: [{ ...a, percent: 100 }] },
    { from: b, demandPercent: 50, to: [{ ...b, percent: 100 }] },
  ]);
  expect(port.policy).toEqual({
    mode: "weighted",
    modeFrom: "default",
    rule: { tolerance: 0, minZoneEndpoints: 1 },
    demandSource: { kind: "clients" },
    picker: "two-choices",
  });
});

test("one Service shows what it asks of its clients", async () => {
  const annotations = {
    "evenkeel.dev/timeout": "5s",
    "evenkeel.dev/retry-on": "unavailable",
    "evenkeel.dev/max-requests": "7",
    "evenkeel.dev/outlier-detection": "default",
    "evenkeel.dev/hash-header": "x-user",
  };
  const objects = objectsOf(service({ annotations }), slice([ready("10.0.0.1")]));
  const { model, changed } = snapshotFrom(emptyModel, objects, 0);
  const snapshot = nextSnapshot(model, changed, undefined, { clusterDomain: "cluster.local" });
  await using server = await admin({ published: { snapshot, objects, sourceProblems: new Map() } });
  const [port] = (await server.get("/v1/services/default/greeter")).json().ports;
  expect(port.policy).toMatchObject({
    picker: "ring-hash",
    hashHeader: "x-user",
    timeoutMs: 5000,
    retry: { on: ["unavailable"], attempts: 2, backoffMs: { base: 25, max: 250 } },
    maxRequests: 7,
    outliers: { failurePercent: 85, intervalMs: 10_000 },
  });
});

test("one Service has every name that leads to each of its ports, and its problems", async () => {
  await using server = await admin();
  const { ports, problems } = (await server.get("/v1/services/default/two-ports")).json();
  const hosts = ["two-ports.default", "two-ports.default.svc", "two-ports.default.svc.cluster.local"];
  expect(ports.map(({ listenerNames }: { listenerNames: string[] }) => listenerNames)).toEqual([
    hosts.flatMap((host) => [`${host}:80`, `${host}:web`]),
    hosts.map((host) => `${host}:81`),
  ]);
  expect(problems).toMatchObject([{ object: "Service default/two-ports", code: "bad-annotation" }]);
});

test("a Service that does not exist gets 404 with the nearest names", async () => {
  await using server = await admin();
  const misspelled = await server.get("/v1/services/default/greter");
  const elsewhere = await server.get("/v1/services/default/billing");
  expect([misspelled.status, misspelled.json().error.nearest]).toEqual([404, ["default/greeter"]]);
  expect([elsewhere.status, elsewhere.json().error.nearest]).toEqual([404, ["shop/billing"]]);
});

const snapshotFrom = (before: typeof emptyModel, objects: ReturnType<typeof objectsOf>, now: number) =>
  derive(input(objects, { touched: everything, now }), before);

test("a Service in its removal grace is shown with its last endpoints and since when it is gone", async () => {
  const objects = objectsOf(service(), slice([ready("10.0.0.1")]));
  const first = snapshotFrom(emptyModel, objects, 0);
  const gone = snapshotFrom(first.model, objectsOf(), 1000);
  const before = nextSnapshot(first.model, first.changed, undefined, { clusterDomain: "cluster.local" });
  const snapshot = nextSnapshot(gone.model, gone.changed, before, { clusterDomain: "cluster.local" });
  const clock = { wall: () => 0, now: () => 5000, sleep: async () => {}, after: () => ({ cancel: () => {} }) };
  const published = { snapshot, objects: objectsOf(), sourceProblems: new Map() };
  await using server = await admin({ published, options: { clock } });
  const answer = (await server.get("/v1/services/default/greeter")).json();
  expect([answer.notServed, answer.ports[0].goneSeconds]).toEqual(["it is gone", 4]);
  expect(answer.ports[0].zones[0].endpoints).toMatchObject([{ address: "10.0.0.1" }]);
});

test("endpoints that are used only because none is ready say so", async () => {
  const objects = objectsOf(service(), slice([terminating("10.0.0.1")]));
  const { model, changed } = snapshotFrom(emptyModel, objects, 0);
  const snapshot = nextSnapshot(model, changed, undefined, { clusterDomain: "cluster.local" });
  await using server = await admin({ published: { snapshot, objects, sourceProblems: new Map() } });
  const [port] = (await server.get("/v1/services/default/greeter")).json().ports;
  expect(port.allTerminating).toBe(true);
  expect(port.zones[0].endpoints[0].why).toBe("it terminates and still serves, and no endpoint is ready");
});
