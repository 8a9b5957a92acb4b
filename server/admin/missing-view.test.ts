import { expect, test } from "vitest";
import { CLUSTER, LISTENER, ROUTE, SEND_ORDER, type TypeUrl } from "../../snapshots/type-url.ts";
import { admin, member, published, waiting } from "./fixtures.ts";

const asking = (typeUrl: TypeUrl, ...names: string[]) => ({ ...waiting, typeUrl, names, unresolved: names });

test("E23: a name that nobody has is listed with its age, who asks and the nearest names", async () => {
  const members = ["s1", "s2"].map((id) => member(id, [asking(LISTENER, "greter.default:8080", "greeter.default")]));
  await using server = await admin({ members });
  expect((await server.get("/v1/subscriptions/missing")).json()).toEqual({
    total: 1,
    missing: [
      {
        type: "listener",
        name: "greter.default:8080",
        since: "2029-12-31T23:59:30.000Z",
        ageSeconds: 30,
        streams: 2,
        nearest: ["greeter.default:8080"],
        hint: { code: "unknown-service", message: "namespace default has no Service greter" },
      },
    ],
  });
});

const forms =
  "names are service.namespace:port; .svc and the cluster domain may follow the namespace, and a port may be a name";

test.each<[name: string, typeUrl: TypeUrl, code: string, message: string, nearest: string[]]>([
  ["greeter.deflt:8080", LISTENER, "unknown-namespace", "there is no namespace deflt", ["greeter.default:8080"]],
  [
    "billing.default:8080",
    LISTENER,
    "unknown-service",
    "namespace default has no Service billing",
    ["billing.shop:8080"],
  ],
  [
    "greeter.default:grcp",
    LISTENER,
    "unknown-port",
    "Service default/greeter has no TCP port grcp; it has 8080 (grpc)",
    ["greeter.default:8080"],
  ],
  [
    "two-ports.default",
    LISTENER,
    "no-default-port",
    "Service default/two-ports has several ports, so a name has to say which: 80 (web), 81",
    ["two-ports.default:80", "two-ports.default:81"],
  ],
  [
    "outside.default:80",
    LISTENER,
    "not-served",
    "Service default/outside is not served: it is of type ExternalName: dial its external name with dns:///",
    [],
  ],
  [
    "greeter.default.svc:8080",
    CLUSTER,
    "not-canonical",
    "only listeners have other names; the cluster is named greeter.default:8080",
    ["greeter.default:8080"],
  ],
  ["greeter", LISTENER, "not-a-name", forms, ["greeter.default:8080"]],
  ["greeter:8080", ROUTE, "not-a-name", forms, ["greeter.default:8080"]],
  [
    "grpc/server?xds.resource.listening_address=here",
    LISTENER,
    "not-a-name",
    "a server asks for grpc/server?xds.resource.listening_address=IP:PORT",
    [],
  ],
])("E23: the hint for %s says what to change", async (name, typeUrl, code, message, nearest) => {
  await using server = await admin({ members: [member("s1", [asking(typeUrl, name)])] });
  const [missing] = (await server.get("/v1/subscriptions/missing")).json().missing;
  expect([missing.hint, missing.nearest]).toEqual([{ code, message }, nearest]);
});

test("a name whose resources break a rule leads to its Service", async () => {
  const name = "greeter.default:8080";
  const snapshot = { ...published.snapshot, published: published.snapshot.published.with([[name, undefined]]) };
  const members = [member("s1", [asking(CLUSTER, name)])];
  await using server = await admin({ published: { ...published, snapshot }, members });
  const [missing] = (await server.get("/v1/subscriptions/missing")).json().missing;
  const message = "what Service default/greeter says breaks a rule; see /v1/services/default/greeter";
  expect(missing.hint).toEqual({ code: "refused", message });
});

test("what exists, a wildcard and a server's listener are not missing", async () => {
  const names = ["*", "greeter.default:grpc", "grpc/server?xds.resource.listening_address=0.0.0.0:50051"];
  const known = SEND_ORDER.map((typeUrl) => asking(typeUrl, "greeter.default:8080"));
  await using server = await admin({ members: [member("s1", [asking(LISTENER, ...names), ...known])] });
  expect((await server.get("/v1/subscriptions/missing")).json()).toEqual({ total: 0, missing: [] });
});

test("pages hold every missing name once, however long it is", async () => {
  const names = Array.from({ length: 250 }, (_, at) => `${"x".repeat(2000)}${at}`);
  await using server = await admin({ members: [member("s1", [asking(LISTENER, ...names)])] });
  let [seen, after] = [0, ""];
  for (let page = 0; page < 3; page += 1) {
    const { missing, next } = (await server.get(`/v1/subscriptions/missing${after}`)).json();
    seen += missing.length;
    after = `?after=${next}`;
  }
  expect([seen, after]).toEqual([250, "?after=undefined"]);
});
